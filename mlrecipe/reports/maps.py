"""A map of the rows' places over an outline that the package brings along.

The outline (`outline.npz`) holds coasts and borders of countries of Natural Earth (1:50 million,
public domain) and the borders between the states of the USA of the US Census Bureau (public
domain), simplified to about two kilometres; `scripts/make_outline.py` makes it.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup

from mlrecipe.interfaces import Array
from mlrecipe.reports.drawing import (
    ACCENT,
    CLASSES,
    MUTED,
    SOFT,
    STEPS,
    drawing,
    plain,
    svg,
)

WIDTH = 720
GRID = 0.01
"""Degrees of one step of the outline's whole numbers."""

LOOKS = {0: (SOFT, 1.1), 1: (SOFT, 0.7), 2: (MUTED, 0.8)}
"""Colour and width of coasts, borders of countries, borders of states."""


def location_map(content: Mapping[str, Any], split: Mapping[str, Any] | None) -> Markup:
    """Return the points of a sample, coloured by class or by fifth of a numeric target.

    Equirectangular, with longitudes shrunk by the cosine of the middle latitude, so that shapes
    look right there.
    """
    points = np.array(content["points"], dtype=float).reshape(-1, 3)
    west, east, south, north = view(points[:, :2])
    shrink = max(np.cos(np.radians((south + north) / 2)), 0.1)
    height = int(np.clip((WIDTH - 40) * (north - south) / ((east - west) * shrink), 220, 760)) + 30
    with drawing(WIDTH, height) as figure:
        axes = figure.add_axes((34 / WIDTH, 24 / height, 1 - 40 / WIDTH, 1 - 30 / height))
        plain(axes, grid="both")
        axes.set_aspect(1 / shrink)
        axes.set_xlim(west, east)
        axes.set_ylim(south, north)
        for kind, line in visible_outline(west, east, south, north):
            colour, width = LOOKS[kind]
            axes.plot(*line.T, color=colour, lw=width, scalex=False, scaley=False)
        _points(axes, points, split)
        axes.xaxis.set_major_formatter(lambda x, _: f"{abs(x):g}°{'W' if x < 0 else 'E'}")
        axes.yaxis.set_major_formatter(lambda y, _: f"{abs(y):g}°{'S' if y < 0 else 'N'}")
        axes.yaxis.set_tick_params(labelrotation=90)
        title = f"map of {content['latitude']} and {content['longitude']}"
        return svg(figure, title, "wide")


def view(points: Array) -> tuple[float, float, float, float]:
    """Return west, east, south, north of points (n, 2) with a margin, at least half a degree."""
    (west, south), (east, north) = points.min(axis=0), points.max(axis=0)
    margin = max(0.08 * max(east - west, north - south), 0.25)
    return (
        max(west - margin, -180),
        min(east + margin, 180),
        max(south - margin, -90),
        min(north + margin, 90),
    )


def _points(axes: Any, points: Array, split: Mapping[str, Any] | None) -> None:
    """Draw the places of each group as one path of dots: lines of no length with round ends."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    if split is None:
        colours: tuple[str, ...] = (ACCENT,)
        points = np.column_stack([points[:, :2], np.zeros(len(points))])
    else:
        colours = CLASSES if split["kind"] == "classes" else STEPS
    for group in np.unique(points[:, 2]).astype(int):
        places = points[points[:, 2] == group, :2]
        dots = Path(np.repeat(places, 2, axis=0), [Path.MOVETO, Path.LINETO] * len(places))
        colour = colours[group % len(colours)] if group >= 0 else MUTED
        axes.add_patch(PathPatch(dots, fill=False, ec=colour, lw=3.4, capstyle="round", alpha=0.7))


@functools.cache
def _outline() -> tuple[tuple[int, Array], ...]:
    """Return kind and points (n, 2) of every line, in degrees."""
    with np.load(Path(__file__).with_name("outline.npz"), allow_pickle=False) as file:
        parts = np.split(file["steps"].astype(np.int64), np.cumsum(file["lengths"])[:-1])
        kinds = file["kinds"].tolist()
    lines = (np.cumsum(part, axis=0) * GRID for part in parts)
    return tuple(zip(kinds, lines, strict=True))


def visible_outline(
    west: float, east: float, south: float, north: float
) -> Iterator[tuple[int, Array]]:
    """Yield kind (0 coast, 1 border, 2 state) and points (n, 2) of each line within the view."""
    corner, other = np.array([west, south]), np.array([east, north])
    for kind, line in _outline():
        if (line.max(axis=0) < corner).any() or (line.min(axis=0) > other).any():
            continue
        for piece in _clipped(line, corner, other):
            yield kind, piece


def _clipped(line: Array, low: Array, high: Array) -> Iterator[Array]:
    """Yield the pieces of a line within a rectangle, cut at its edges (Liang and Barsky, 1984)."""
    piece: list[Array] = []
    for start, end in itertools.pairwise(line):
        way = end - start
        with np.errstate(divide="ignore", invalid="ignore"):
            cuts = np.sort(np.stack([(low - start) / way, (high - start) / way]), axis=0)
        still = way == 0
        outside = (still & ((start < low) | (start > high))).any()
        enter = max(0.0, *np.where(still, 0.0, cuts[0]))
        leave = min(1.0, *np.where(still, 1.0, cuts[1]))
        if outside or enter >= leave:
            if piece:
                yield np.array(piece)
            piece = []
            continue
        if not piece or enter > 0:
            if piece:
                yield np.array(piece)
            piece = [start + enter * way]
        piece.append(start + leave * way)
    if piece:
        yield np.array(piece)
