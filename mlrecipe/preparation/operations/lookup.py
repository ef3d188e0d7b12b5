"""Numbers of categories: 0 for a missing one, 1 for one not seen in training, then the known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from mlrecipe.interfaces import Array
from mlrecipe.preparation.operation import MISSING

Known = tuple[str, ...] | tuple[float, ...]
"""Known categories of a column, in order: all strings or all numbers."""

UNSEEN = 1
FIRST = 2
"""Number of the first known category."""


def numbering(known: Known) -> dict[Any, int]:
    """Return category -> its number; a missing string is one of them."""
    return {MISSING: 0} | {category: i for i, category in enumerate(known, FIRST)}


def numbers_of(values: Array, numbers: dict[Any, int]) -> Array:
    """Return the number int64 (rows,) of every value of a column."""
    find = numbers.get
    found = np.array([find(value, UNSEEN) for value in values.tolist()], dtype=np.int64)
    if values.dtype == np.float64:
        found[np.isnan(values)] = 0
    return found


def table_lookup(columns: Sequence[Known]) -> Callable[[Any], Any]:
    """Return TensorFlow's function from values (batch, n) to their numbers, int64 (batch, n)."""
    import tensorflow as tf

    class Lookup(tf.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__(name="lookup")
            self.tables = [_table(known) for known in columns]

        def __call__(self, values: Any) -> Any:
            found = [table(values[:, i]) for i, table in enumerate(self.tables)]
            return tf.stack(found, axis=1)

    return Lookup()


def _table(known: Known) -> Any:
    """Return what finds the numbers of one column's values (batch,)."""
    import tensorflow as tf

    class Strings(tf.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__(name="strings")
            keys, numbers = zip(*numbering(known).items(), strict=True)
            content = tf.lookup.KeyValueTensorInitializer(list(keys), list(numbers), None, tf.int64)
            self.table = tf.lookup.StaticHashTable(content, UNSEEN)

        def __call__(self, values: Any) -> Any:
            if values.dtype != tf.string:  # a column of numbers of which none is known
                return tf.where(tf.math.is_nan(values), tf.constant(0, tf.int64), UNSEEN)
            return self.table.lookup(values)

    class Numbers(tf.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__(name="numbers")
            self.known = tf.constant(known, tf.float64)

        def __call__(self, values: Any) -> Any:
            place = tf.minimum(tf.searchsorted(self.known, values), len(known) - 1)
            number = tf.where(tf.equal(tf.gather(self.known, place), values), place + FIRST, UNSEEN)
            return tf.cast(tf.where(tf.math.is_nan(values), 0, number), tf.int64)

    return Strings() if not known or isinstance(known[0], str) else Numbers()
