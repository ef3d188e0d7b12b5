"""Places on Earth: latitude and longitude in degrees, float64 (rows, 2 n) in pairs."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np

from mlrecipe.interfaces import Array
from mlrecipe.preparation.operation import Operation


class LocationGrid(Operation, op="location_grid"):
    """Maps each pair to a feature a known cell of a grid, plus one for no place.

    The cell of a place is (floor((latitude + 90) / size), floor((longitude + 180) / size)); 180
    degrees east are 180 degrees west. What is missing or beyond ±90 and ±180 degrees is no place.
    (rows, 2 n) to float64 (rows, features).

    Attributes:
        sizes: edge of a cell in degrees, for each pair (n,).
        cells: the known ones of each pair, as (row, column) of the grid.
    """

    sizes: tuple[float, ...]
    cells: tuple[tuple[tuple[int, int], ...], ...]

    @cached_property
    def _numbers(self) -> list[dict[tuple[int, int], int]]:
        return [{cell: i for i, cell in enumerate(known)} for known in self.cells]

    def apply(self, values: Array) -> Array:
        parts = []
        for pair, known in enumerate(self._numbers):
            found = np.zeros((len(values), len(known) + 1))
            cells = cells_of(values[:, 2 * pair : 2 * pair + 2], self.sizes[pair])
            for row, (i, j) in enumerate(cells.tolist()):
                at = len(known) if i != i else known.get((i, j))
                if at is not None:
                    found[row, at] = 1.0
            parts.append(found)
        return np.concatenate(parts, axis=1)

    def graph(self) -> Callable[[Any], Any]:
        import tensorflow as tf

        def column(lat: Any, lon: Any, size: float, known: tuple[tuple[int, int], ...]) -> Any:
            place = (tf.abs(lat) <= 90) & (tf.abs(lon) <= 180)
            lon = tf.where(tf.equal(lon, 180.0), tf.constant(-180.0, tf.float64), lon)
            # Not floor(x / size): a traced graph multiplies by 1 / size instead.
            row, col = tf.math.floordiv(lat + 90.0, size), tf.math.floordiv(lon + 180.0, size)
            cells = tf.constant(known, tf.float64, (len(known), 2))
            here = tf.equal(row, cells[:, 0]) & tf.equal(col, cells[:, 1]) & place
            return tf.concat([here, ~place], axis=1)

        def run(values: Any) -> Any:
            found = [
                column(values[:, 2 * i : 2 * i + 1], values[:, 2 * i + 1 : 2 * i + 2], size, known)
                for i, (size, known) in enumerate(zip(self.sizes, self.cells, strict=True))
            ]
            return tf.cast(tf.concat(found, axis=1), tf.float64)

        return run

    def names(self, names: list[str]) -> list[str]:
        found = []
        for pair, (size, known) in enumerate(zip(self.sizes, self.cells, strict=True)):
            lat, lon = names[2 * pair : 2 * pair + 2]
            found += [
                f"{lat} {i * size - 90:g}, {lon} {j * size - 180:g} (cell of {size:g} degrees)"
                for i, j in known
            ]
            found.append(f"{lat}, {lon} is no place")
        return found


def cells_of(places: Array, size: float) -> Array:
    """Return the cell float64 (rows, 2) of each place (rows, 2) in degrees; NaN for no place."""
    lat, lon = places.T
    place = (np.abs(lat) <= 90) & (np.abs(lon) <= 180)
    lon = np.where(lon == 180, -180.0, lon)
    with np.errstate(invalid="ignore", over="ignore"):
        cells = np.floor(np.stack([lat + 90, lon + 180], axis=1) / size)
    return np.where(place[:, None], cells, np.nan)
