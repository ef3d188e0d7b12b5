"""Operations of the preparation: state as plain data, one executor in NumPy, one in TensorFlow.

Both executors compute in float64, in the same order, and must give the same answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from pydantic import Field

from mlrecipe.component import Section
from mlrecipe.interfaces import Array

if TYPE_CHECKING:
    import tensorflow as tf

MISSING = ""
"""How a missing category is written in a request to the SavedModel: strings have no NaN."""


class Impute(Section):
    """Replaces missing numbers: (rows, 1) to (rows, 1), or (rows, 2) with an indicator."""

    op: Literal["impute"] = "impute"
    fill: float
    indicator: bool

    def apply(self, values: Array) -> Array:
        missing = np.isnan(values)
        filled = np.where(missing, self.fill, values)
        if not self.indicator:
            return filled
        return np.concatenate([filled, missing.astype(np.float64)], axis=1)

    def graph(self, values: tf.Tensor) -> tf.Tensor:
        import tensorflow as tf

        missing = tf.math.is_nan(values)
        filled = tf.where(missing, tf.constant(self.fill, tf.float64), values)
        if not self.indicator:
            return filled
        return tf.concat([filled, tf.cast(missing, tf.float64)], axis=1)

    def names(self, names: list[str]) -> list[str]:
        return [*names, *(f"{n} is missing" for n in names)] if self.indicator else names


class Clip(Section):
    """Limits each column to a range; infinities become the nearest end."""

    op: Literal["clip"] = "clip"
    low: tuple[float, ...]
    high: tuple[float, ...]

    def apply(self, values: Array) -> Array:
        return np.clip(values, np.asarray(self.low), np.asarray(self.high))

    def graph(self, values: tf.Tensor) -> tf.Tensor:
        import tensorflow as tf

        low, high = (tf.constant(end, tf.float64) for end in (self.low, self.high))
        return tf.minimum(tf.maximum(values, low), high)

    def names(self, names: list[str]) -> list[str]:
        return names


class Scale(Section):
    """Maps each column x to (x - shift) / scale: (rows, n) to (rows, n)."""

    op: Literal["scale"] = "scale"
    shift: tuple[float, ...]
    scale: tuple[float, ...]

    def apply(self, values: Array) -> Array:
        return (values - np.asarray(self.shift)) / np.asarray(self.scale)

    def graph(self, values: tf.Tensor) -> tf.Tensor:
        import tensorflow as tf

        shift = tf.constant(self.shift, tf.float64)
        return (values - shift) / tf.constant(self.scale, tf.float64)

    def names(self, names: list[str]) -> list[str]:
        return names


class OneHot(Section):
    """Maps strings (rows, 1) to one column a known category, plus one for missing values.

    An unseen category is put with the rare ones: all columns are 0.
    """

    op: Literal["one_hot"] = "one_hot"
    categories: tuple[str, ...]

    def apply(self, values: Array) -> Array:
        position = {name: i for i, name in enumerate((*self.categories, MISSING))}
        found = np.fromiter(
            (position.get(v, -1) for v in values[:, 0]), dtype=np.int64, count=len(values)
        )
        encoded = np.zeros((len(values), len(position)))
        known = np.flatnonzero(found >= 0)
        encoded[known, found[known]] = 1.0
        return encoded

    def graph(self, values: tf.Tensor) -> tf.Tensor:
        import tensorflow as tf

        categories = tf.constant([*self.categories, MISSING])
        return tf.cast(tf.equal(values, categories[tf.newaxis, :]), tf.float64)

    def names(self, names: list[str]) -> list[str]:
        return [f"{n} = {c}" for n in names for c in (*self.categories, "missing")]


Operation = Annotated[Impute | Clip | Scale | OneHot, Field(discriminator="op")]


def numbers(values: Any) -> Array:
    """Return values as float64 (rows, 1); missing ones as NaN."""
    import pandas as pd

    return pd.to_numeric(pd.Series(values)).to_numpy(dtype=np.float64, na_value=np.nan)[:, None]


def strings(values: Any) -> Array:
    """Return values as strings (rows, 1); missing ones as the empty string."""
    import pandas as pd

    series = pd.Series(values)
    texts = series.astype(object).where(series.notna(), MISSING)
    return np.array([canonical(v) for v in texts], dtype=object)[:, None]


def canonical(value: Any) -> str:
    """Return the one spelling of a category: 3, 3.0 and "3" are the same."""
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)
