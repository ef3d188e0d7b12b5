"""Operations on categories: strings (rows, n) with "" where one is missing, or numbers."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np

from mlrecipe.interfaces import Array
from mlrecipe.preparation.operation import MISSING, Operation


class OneHot(Operation, op="one_hot"):
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

    def apply(self, values: Array) -> Array:
        encoded = np.zeros((len(values), self.width))
        for column, positions in enumerate(self._positions):
            encoded_rows(encoded, values[:, column], positions)
        return encoded

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


def encoded_rows(encoded: Array, values: Array, positions: dict[Any, int]) -> None:
    """Set the feature of every row's category in place; NaN is a missing code."""
    if values.dtype == np.float64:
        encoded[np.isnan(values), positions[MISSING]] = 1.0
    find = positions.get
    for row, value in enumerate(values.tolist()):
        at = find(value)
        if at is not None:
            encoded[row, at] = 1.0


def label(category: str | float) -> str:
    """Return a category as it is shown: whole numbers without a point."""
    if isinstance(category, float) and category.is_integer():
        return str(int(category))
    return str(category)
