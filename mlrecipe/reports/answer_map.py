"""A page of answers that point at known rows: where on Earth these are, and what is known of them.

One file that asks nothing of the network; the outline is the one that the package brings along.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from markupsafe import Markup, escape

from mlrecipe.data.gallery import Gallery
from mlrecipe.data.locations import pairs_by_name
from mlrecipe.errors import MlrecipeError
from mlrecipe.exploration.image_facts import thumbnail
from mlrecipe.interfaces import Array
from mlrecipe.reports.maps import view, visible_outline
from mlrecipe.reports.pages import render

WIDTH, SHORTEST, TALLEST = 640, 280, 620
"""Of a map, in pixels."""

MOST_ROWS = 100
"""Rows that the page shows; the file of answers has all."""

STEPS_OF_GRID = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60)
"""Degrees between two lines of the grid."""

Record = Mapping[str, Any]


def place_columns(gallery: Gallery | None) -> tuple[str, str] | None:
    """Return the columns of latitude and longitude of the known rows; None: they have none."""
    if gallery is None or not gallery.records:
        return None
    pairs = pairs_by_name(gallery.records[0])
    return pairs[0] if pairs else None


def answers_page(
    manifest: Record,
    gallery: Gallery | None,
    rows: Sequence[Record],
    answers: Sequence[Record],
    names: Sequence[str],
) -> str:
    """Return the page as HTML: each row with the known rows that it is answered by, on a map.

    Args:
        manifest: the bundle's; question, name and targets are read.
        gallery: the known rows.
        rows: what was asked about; pictures in it are shown, and a place of its own.
        answers: one a row, each with the list ``nearest``.
        names: what to call each row.

    Raises:
        MlrecipeError: when the known rows have no place.
    """
    columns = place_columns(gallery)
    if columns is None:
        raise MlrecipeError(
            "there is nothing to draw on a map: "
            + ("answers of this model point at no known rows" if gallery is None else "")
            + ("the known rows have no latitude and longitude" if gallery is not None else ""),
            where="map",
            expected="known rows with two columns named like latitude and longitude",
        )
    shown = list(zip(rows, answers, names, strict=True))[:MOST_ROWS]
    own = [places(row, columns) for row, _, _ in shown]
    found = [[places(n, columns) for n in answer["nearest"]] for _, answer, _ in shown]
    every = [p for p in own if p] + [p for line in found for p in line if p]
    if not every:
        raise MlrecipeError("none of the known rows that were found has a place", where="map")
    frame = _Frame(np.array(every))
    thing = manifest["targets"][0]
    cards = [
        {
            "name": name,
            "answer": answer,
            "image": _image(row),
            "map": frame.drawn(there, answer["nearest"], thing, place),
        }
        for (row, answer, name), there, place in zip(shown, found, own, strict=True)
    ]
    others = [n for n in (gallery.records[0] if gallery else {}) if n not in (thing, *columns)]
    return render(
        "answers.html",
        manifest=manifest,
        thing=thing,
        columns=[*others, *columns],
        cards=cards,
        left_out=len(rows) - len(shown),
        outline=frame.outline(),
    )


def places(record: Record, columns: tuple[str, str]) -> tuple[float, float] | None:
    """Return longitude and latitude of a record; None where one is missing or no place."""
    try:
        latitude, longitude = (float(record[name]) for name in columns)
    except (KeyError, TypeError, ValueError):
        return None
    return (longitude, latitude) if abs(latitude) <= 90 and abs(longitude) <= 180 else None


def _image(row: Record) -> str | None:
    """Return the first picture of a row as a data URI."""
    for value in row.values():
        small = thumbnail(bytes(value)) if isinstance(value, bytes) else None
        if small is not None:
            return str(small["image"])
    return None


class _Frame:
    """The part of the Earth that all maps of a page show.

    Args:
        points: longitudes and latitudes (n, 2).
    """

    def __init__(self, points: Array) -> None:
        self.west, self.east, self.south, self.north = view(points)
        # Longitudes are shrunk by the cosine of the middle latitude: shapes look right there.
        shrink = max(float(np.cos(np.radians((self.south + self.north) / 2))), 0.1)
        ratio = (self.north - self.south) / ((self.east - self.west) * shrink)
        self.height = int(np.clip(WIDTH * ratio, SHORTEST, TALLEST))

    def at(self, longitude: Any, latitude: Any) -> tuple[Any, Any]:
        """Return where a place lies on the map, in pixels."""
        x = (longitude - self.west) / (self.east - self.west) * WIDTH
        return x, (self.north - latitude) / (self.north - self.south) * self.height

    def outline(self) -> Markup:
        """Return coasts, borders and grid, once for all maps of the page."""
        parts = []
        for kind, line in visible_outline(self.west, self.east, self.south, self.north):
            x, y = self.at(line[:, 0], line[:, 1])
            path = "L".join(f"{a:.1f} {b:.1f}" for a, b in zip(x, y, strict=True))
            parts.append(f'<path class="{("coast", "border", "state")[kind]}" d="M{path}"/>')
        return Markup("".join(self._grid()) + "".join(parts))  # numbers alone: nothing to escape

    def _grid(self) -> list[str]:
        span = max(self.east - self.west, self.north - self.south)
        step = next((s for s in STEPS_OF_GRID if span / s <= 6), 60)
        drawn = []
        for longitude in _multiples(self.west, self.east, step):
            x = self.at(longitude, 0)[0]
            drawn.append(f'<path class="grid" d="M{x:.1f} 0V{self.height}"/>')
            text = f"{abs(longitude):g}°{'W' if longitude < 0 else 'E'}"
            drawn.append(f'<text x="{x + 3:.1f}" y="{self.height - 4}">{text}</text>')
        for latitude in _multiples(self.south, self.north, step):
            y = self.at(0, latitude)[1]
            drawn.append(f'<path class="grid" d="M0 {y:.1f}H{WIDTH}"/>')
            text = f"{abs(latitude):g}°{'S' if latitude < 0 else 'N'}"
            drawn.append(f'<text x="4" y="{y - 3:.1f}">{text}</text>')
        return drawn

    def drawn(
        self,
        found: Sequence[tuple[float, float] | None],
        nearest: Sequence[Record],
        thing: str,
        own: tuple[float, float] | None,
    ) -> Markup:
        """Return a map: a numbered disc for each known row that has a place, the first on top."""
        marks = []
        if own is not None:
            x, y = self.at(*own)
            marks.append(
                f'<g class="own"><title>the row itself</title>'
                f'<path d="M{x - 8:.1f} {y - 8:.1f}l16 16m0 -16l-16 16"/></g>'
            )
        ranked = list(enumerate(zip(found, nearest, strict=True), start=1))
        for rank, (place, record) in reversed(ranked):
            if place is None:
                continue
            x, y = self.at(*place)
            label = escape(f"{rank}. {record[thing]}, similarity {record['similarity']:.3f}")
            marks.append(
                f'<g class="{"first" if rank == 1 else "known"}"><title>{label}</title>'
                f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{11 if rank == 1 else 9}"/>'
                f'<text x="{x:.1f}" y="{y + 4:.1f}">{rank}</text></g>'
            )
        return Markup(
            f'<svg class="map" viewBox="0 0 {WIDTH} {self.height}" role="img" '
            'aria-label="map of the known rows that are most similar">'
            f'<use href="#outline"/>{"".join(marks)}</svg>'
        )


def _multiples(low: float, high: float, step: float) -> list[float]:
    first = int(np.ceil(low / step))
    return [round(number * step, 6) for number in range(first, int(np.floor(high / step)) + 1)]
