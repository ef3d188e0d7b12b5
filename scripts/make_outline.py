"""Writes the outline that the data report draws under a map; run it only to renew the file.

    npm pack world-atlas@2.0.2 && npm pack us-atlas@3.0.1     # and unpack both
    python scripts/make_outline.py countries-50m.json states-10m.json

Coasts and borders of countries come from Natural Earth (1:50 million, public domain), the borders
between the states of the USA from the US Census Bureau (public domain); both reached us as the
TopoJSON files of the npm packages world-atlas and us-atlas (ISC licence).
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

GRID = 0.01  # degrees; about one kilometre
TOLERANCE = 0.02  # degrees; how far a simplified line may lie from the original
OUTPUT = Path(__file__).parents[1] / "mlrecipe" / "reports" / "outline.npz"

Line = np.ndarray


def lines(topology: dict[str, Any], name: str) -> Iterator[tuple[Line, bool]]:
    """Yield every line of an object (points, 2) in degrees, and whether two areas share it."""
    scale, shift = (np.array(topology["transform"][key]) for key in ("scale", "translate"))
    uses = Counter(arc if arc >= 0 else ~arc for arc in arcs(topology["objects"][name]))
    for index, count in sorted(uses.items()):
        yield np.cumsum(topology["arcs"][index], axis=0) * scale + shift, count > 1


def arcs(shape: Any) -> Iterator[int]:
    """Yield the numbers of the arcs in an object, whatever its depth."""
    if isinstance(shape, int):
        yield shape
    elif isinstance(shape, list):
        for part in shape:
            yield from arcs(part)
    else:
        yield from arcs(shape.get("geometries", shape.get("arcs", [])))


def simplified(line: Line) -> Line:
    """Return the line with fewer points (Douglas and Peucker, 1973)."""
    keep, todo = {0, len(line) - 1}, [(0, len(line) - 1)]
    while todo:
        first, last = todo.pop()
        if last - first < 2:
            continue
        way, points = line[last] - line[first], line[first + 1 : last] - line[first]
        length = np.hypot(*way)
        across = points[:, 0] * way[1] - points[:, 1] * way[0]
        far = np.abs(across) / length if length else np.hypot(*points.T)
        if far.max() > TOLERANCE:
            middle = first + 1 + int(far.argmax())
            keep.add(middle)
            todo += [(first, middle), (middle, last)]
    return line[sorted(keep)]


def main(world: str, states: str) -> None:
    """Write the file: points as int16 steps from point to point, and the kind of each line."""
    found = [
        (line, "border" if shared else "coast")
        for line, shared in lines(json.loads(Path(world).read_text()), "countries")
    ]
    found += [
        (line, "state")
        for line, shared in lines(json.loads(Path(states).read_text()), "states")
        if shared
    ]
    grid = [np.rint(simplified(line) / GRID).astype(np.int64) for line, _ in found]
    steps = [np.diff(line, axis=0, prepend=np.zeros((1, 2), int)) for line in grid]
    np.savez_compressed(
        OUTPUT,
        steps=np.concatenate(steps).astype(np.int16),
        lengths=np.array([len(line) for line in grid], np.int32),
        kinds=np.array([("coast", "border", "state").index(kind) for _, kind in found], np.int8),
    )
    print(
        f"{OUTPUT}: {len(grid)} lines, {sum(map(len, grid))} points, {OUTPUT.stat().st_size} bytes"
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
