"""Operations on categories: strings (rows, n) with "" where one is missing, or numbers."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np

from mlrecipe.interfaces import Array
from mlrecipe.preparation.coded import Coded
from mlrecipe.preparation.operation import MISSING, Operation

AT_ONCE = 2048
"""Rows whose features are set at once: few enough for a core's cache."""

MANY = 64
"""From so many rows on, codes are looked up all at once rather than one by one."""


class OneHot(Operation, op="one_hot", coded=True):
    """Maps each column to a feature a known category, plus one for missing values.

    An unseen category is put with the rare ones: all its column's features are 0.
    (rows, n) to float64 (rows, features).

    Attributes:
        categories: the known ones of each column, all strings or, for codes, all numbers.
    """

    categories: tuple[tuple[str, ...] | tuple[float, ...], ...]

    @cached_property
    def _positions(self) -> list[dict[Any, int]]:
        """Category -> number of its feature, a column."""
        found, start = [], 0
        for known in self.categories:
            positions: dict[Any, int] = {c: start + i for i, c in enumerate(known)}
            positions[MISSING] = start + len(known)
            start += len(known) + 1
            found.append(positions)
        return found

    @property
    def width(self) -> int:
        """Number of features."""
        return sum(len(known) + 1 for known in self.categories)

    def apply(self, values: Array | Coded) -> Array:
        encoded = np.empty((len(values), self.width))
        self.write(values, encoded)
        return encoded

    def write(self, values: Array | Coded, out: Array) -> None:
        if not isinstance(values, Coded) and (len(values) < MANY or values.dtype == object):
            out[...] = 0.0
            for column, positions in enumerate(self._positions):
                mark_each(out, values[:, column], positions)
            return
        found = [self._found(values, column) for column in range(len(self.categories))]
        for start in range(0, len(out), AT_ONCE):
            part = out[start : start + AT_ONCE]
            part[...] = 0.0
            for at in found:
                mark(part, at[start : start + AT_ONCE])

    def _found(self, values: Array | Coded, column: int) -> Array:
        """Return the number of the feature of every row's category (rows,); -1 for none."""
        positions = self._positions[column]
        if not isinstance(values, Coded):
            return positions_of(values[:, column], self.categories[column], positions)
        known = [positions.get(value, -1) for value in values.values[column].tolist()]
        return np.array(known, dtype=np.int64)[values.codes[column]]

    def graph(self) -> Callable[[Any], Any]:
        import tensorflow as tf

        def run(values: Any) -> Any:
            blocks = []
            for column, known in enumerate(self.categories):
                mine = values[:, column : column + 1]
                if values.dtype == tf.string:
                    block = tf.equal(mine, tf.constant([*known, MISSING])[tf.newaxis, :])
                else:
                    codes = tf.constant([float(c) for c in known], tf.float64, (1, len(known)))
                    block = tf.concat([tf.equal(mine, codes), tf.math.is_nan(mine)], axis=1)
                blocks.append(tf.cast(block, tf.float64))
            return tf.concat(blocks, axis=1)

        return run

    def names(self, names: list[str]) -> list[str]:
        return [
            f"{name} = {label(c)}"
            for name, known in zip(names, self.categories, strict=True)
            for c in (*known, "missing")
        ]


def mark(out: Array, at: Array) -> None:
    """Set a feature of every row: ``at`` is its number, int64 (rows,); -1 for none."""
    rows = np.flatnonzero(at >= 0)
    out[rows, at[rows]] = 1.0


def mark_each(out: Array, values: Array, positions: dict[Any, int]) -> None:
    """Set the feature of every row's category; NaN is a missing code."""
    if values.dtype == np.float64:
        out[np.isnan(values), positions[MISSING]] = 1.0
    find = positions.get
    for row, value in enumerate(values.tolist()):
        at = find(value)
        if at is not None:
            out[row, at] = 1.0


def positions_of(values: Array, known: tuple[Any, ...], positions: dict[Any, int]) -> Array:
    """Return the number of the feature of every row's code, int64 (rows,); -1 for none."""
    missing = np.where(np.isnan(values), positions[MISSING], -1)
    if not known:
        return missing
    ordered = np.sort(np.asarray(known, dtype=np.float64))
    numbers = np.array([positions[code] for code in ordered.tolist()])
    nearest = np.minimum(np.searchsorted(ordered, values), len(ordered) - 1)
    return np.where(ordered[nearest] == values, numbers[nearest], missing)


def label(category: str | float) -> str:
    """Return a category as it is shown: whole numbers without a point."""
    if isinstance(category, float) and category.is_integer():
        return str(int(category))
    return str(category)
