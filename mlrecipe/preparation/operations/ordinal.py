"""Categories as whole numbers, for embeddings; and as what their targets were like."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np

from mlrecipe.interfaces import Array
from mlrecipe.preparation.operation import Operation
from mlrecipe.preparation.operations.lookup import (
    FIRST,
    Known,
    numbering,
    numbers_of,
    table_lookup,
)


class Ordinal(Operation, op="ordinal"):
    """Maps each column to the number of its category: 0 missing, 1 unseen or rare, then the known.

    (rows, n) to int64 (rows, n).

    Attributes:
        categories: the known ones of each column, in ascending order, all strings or all numbers.
    """

    categories: tuple[Known, ...]

    @cached_property
    def _numbers(self) -> list[dict[Any, int]]:
        return [numbering(known) for known in self.categories]

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many different numbers each column has (n,)."""
        return tuple(len(known) + FIRST for known in self.categories)

    def apply(self, values: Array) -> Array:
        found = np.empty(values.shape, dtype=np.int64)
        for column, numbers in enumerate(self._numbers):
            found[:, column] = numbers_of(values[:, column], numbers)
        return found

    def graph(self) -> Callable[[Any], Any]:
        return table_lookup(self.categories)


class TargetEncode(Operation, op="target_encode"):
    """Maps each column to what the targets of its category were like in training.

    A mean that is shrunk to that of all rows, the fewer rows the more, minus that of all rows, in
    deviations of the target (Micci-Barreca, 2001). (rows, n) to float64 (rows, n * outputs): of
    each column, one number an output. An unseen category gives 0.

    Attributes:
        categories: the known ones of each column, in ascending order, all strings or all numbers.
        means: of each column, for a missing value and then for every known category, its numbers
            (outputs,).
    """

    categories: tuple[Known, ...]
    means: tuple[tuple[tuple[float, ...], ...], ...]

    @cached_property
    def _numbers(self) -> list[dict[Any, int]]:
        return [numbering(known) for known in self.categories]

    @cached_property
    def _tables(self) -> list[Array]:
        """Of each column, float64 (2 + known, outputs) by the number of the category."""
        return [np.array([m[0], [0.0] * len(m[0]), *m[1:]]) for m in self.means]

    def apply(self, values: Array) -> Array:
        parts = [
            table[numbers_of(values[:, column], numbers)]
            for column, (numbers, table) in enumerate(zip(self._numbers, self._tables, strict=True))
        ]
        return np.concatenate(parts, axis=1)

    def graph(self) -> Callable[[Any], Any]:
        import tensorflow as tf

        class Means(tf.Module):  # type: ignore[misc]
            def __init__(self, operation: TargetEncode) -> None:
                super().__init__(name="means")
                self.lookup = table_lookup(operation.categories)
                self.tables = [tf.constant(table, tf.float64) for table in operation._tables]

            def __call__(self, values: Any) -> Any:
                numbers = self.lookup(values)
                parts = [tf.gather(table, numbers[:, i]) for i, table in enumerate(self.tables)]
                return tf.concat(parts, axis=1)

        return Means(self)

    def names(self, names: list[str]) -> list[str]:
        found = []
        for name, means in zip(names, self.means, strict=True):
            outputs = len(means[0])
            several = [f"{name}: target {k + 1} of its rows" for k in range(outputs)]
            found += several if outputs > 1 else [f"{name}: target of its rows"]
        return found
