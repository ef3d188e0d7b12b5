"""Boxes as a dense grid that a network answers with, and back (Zhou, Wang and Krähenbühl, 2019).

Of every cell, the channels are: for each class, how likely a box of it has its centre there; then
the box's width and height as shares of the image; then where in the cell the centre lies (from the
left, from the top), 0 to 1. All of them lie in 0 … 1, so that one sigmoid gives them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mlrecipe.data.boxes import Box
from mlrecipe.interfaces import Array

NUMBERS = 4
"""Channels besides those of the classes."""

MOST_BOXES = 100
"""Peaks of a grid that are told as boxes, as COCO's measure counts them (Lin et al., 2014)."""

LEAST_SCORE = 0.01
"""Peaks below are no boxes: they would only fill lists."""

SPREAD = 6
"""A box's peak falls off like a normal distribution whose deviation is this part of its sides;
a sixth puts three deviations into half a side, as in CenterNet's code and paper (3)."""


def to_grid(boxes: Sequence[Box], labels: Sequence[str], cells: int) -> Array:
    """Return an image's boxes as float32 (cells, cells, classes + 4); centres are exactly 1."""
    grid = np.zeros((cells, cells, len(labels) + NUMBERS), dtype=np.float32)
    places = np.arange(cells)
    # The largest come first: of two boxes with one centre, the smaller one is kept.
    for box in sorted(boxes, key=lambda b: (b.right - b.left) * (b.top - b.bottom)):
        width, height = box.right - box.left, box.bottom - box.top
        x, y = (box.left + box.right) / 2 * cells, (box.top + box.bottom) / 2 * cells
        column, row = min(int(x), cells - 1), min(int(y), cells - 1)
        falling = np.exp(-0.5 * ((places - row) / max(height * cells / SPREAD, 0.4)) ** 2)[:, None]
        falling = falling * np.exp(
            -0.5 * ((places - column) / max(width * cells / SPREAD, 0.4)) ** 2
        )
        heat = grid[..., labels.index(box.label)]
        centres = heat == 1
        np.maximum(heat, np.minimum(falling, 0.999), out=heat)
        heat[centres] = 1
        heat[row, column] = 1
        grid[row, column, -NUMBERS:] = width, height, x - column, y - row
    return grid


def centres(grids: Array) -> Array:
    """Return encoded boxes (rows, boxes, 5): class, left, top, right, bottom; -1 fills up."""
    found = [_read(grid, grid[..., :-NUMBERS] == 1) for grid in grids]
    return _padded([np.delete(boxes, 1, axis=1) for boxes in found], 5)


def peaks(grids: Array, most: int = MOST_BOXES) -> Array:
    """Return answered boxes (rows, boxes, 6): class, score, left, top, right, bottom; -1 fills up.

    A peak is a cell that no neighbour exceeds; the highest come first.
    """
    heat = grids[..., :-NUMBERS]
    padded = np.pad(heat, ((0, 0), (1, 1), (1, 1), (0, 0)), constant_values=-1)
    rows, columns = heat.shape[1:3]
    around = [padded[:, i : i + rows, j : j + columns] for i in range(3) for j in range(3)]
    highest = (heat >= np.max(around, axis=0)) & (heat >= LEAST_SCORE)
    return _padded(
        [_read(grid, there)[:most] for grid, there in zip(grids, highest, strict=True)], 6
    )


def _read(grid: Array, there: Array) -> Array:
    """Return the boxes (n, 6) of the cells and classes that are marked, the likeliest first."""
    cells = np.array(grid.shape[:2])[::-1]
    row, column, label = np.nonzero(there)
    width_height, offset = np.split(grid[row, column, -NUMBERS:], 2, axis=1)
    centre = (np.stack([column, row], axis=1) + offset) / cells
    score = grid[row, column, label]
    corners = np.concatenate([centre - width_height / 2, centre + width_height / 2], axis=1)
    boxes = np.concatenate([np.stack([label, score], axis=1), np.clip(corners, 0, 1)], axis=1)
    return boxes[np.argsort(-score, kind="stable")].astype(np.float32)


def _padded(found: list[Array], width: int) -> Array:
    most = max([1, *(len(boxes) for boxes in found)])
    rows = np.full((len(found), most, width), -1, dtype=np.float32)
    for row, boxes in zip(rows, found, strict=True):
        row[: len(boxes)] = boxes
    return rows


def enough_cells(rows: Sequence[Sequence[Box]], choices: Sequence[int], share: float) -> int:
    """Return the fewest cells a side at which this share of the boxes has a cell to itself."""
    total = sum(map(len, rows))
    for cells in choices:
        apart = sum(
            len(
                {
                    (int(cells * (b.left + b.right) / 2), int(cells * (b.top + b.bottom) / 2))
                    for b in r
                }
            )
            for r in rows
        )
        if apart >= share * total:
            return cells
    return choices[-1]
