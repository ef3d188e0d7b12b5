"""Operations on numbers: float64 (rows, n) with NaN where one is missing."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np

from mlrecipe.interfaces import Array
from mlrecipe.preparation.operation import Operation

Floats = tuple[float, ...]

LARGEST = 1e30
"""Larger numbers, and infinite ones, count as this large: their squares would leave float64."""


class Impute(Operation, op="impute"):
    """Replaces missing numbers; a column that had gaps gets an indicator after all columns.

    (rows, n) to (rows, n + number of indicators).

    Attributes:
        fill: what stands for a missing number of each column (n,).
        indicator: positions of the columns that get an indicator: 1 where a number was missing.
    """

    fill: Floats
    indicator: tuple[int, ...] = ()

    @cached_property
    def _state(self) -> tuple[Array, Array]:
        return np.asarray(self.fill), np.asarray(self.indicator, dtype=np.int64)

    def apply(self, values: Array) -> Array:
        fill, indicator = self._state
        missing = np.isnan(values)
        filled = np.where(missing, fill, values)
        if not len(indicator):
            return filled
        return np.concatenate([filled, missing[:, indicator]], axis=1)

    def graph(self) -> Callable[[Any], Any]:
        import tensorflow as tf

        fill = tf.constant(self.fill, tf.float64)

        def run(values: Any) -> Any:
            missing = tf.math.is_nan(values)
            filled = tf.where(missing, fill, values)
            if not self.indicator:
                return filled
            flags = tf.gather(missing, list(self.indicator), axis=1)
            return tf.concat([filled, tf.cast(flags, tf.float64)], axis=1)

        return run

    def names(self, names: list[str]) -> list[str]:
        return [*names, *(f"{names[i]} is missing" for i in self.indicator)]


class Clip(Operation, op="clip"):
    """Limits each column to a range; infinities become the nearest end. Shapes stay."""

    low: Floats
    high: Floats

    @cached_property
    def _state(self) -> tuple[Array, Array]:
        return np.asarray(self.low), np.asarray(self.high)

    def apply(self, values: Array) -> Array:
        low, high = self._state
        return np.minimum(np.maximum(values, low), high)

    def graph(self) -> Callable[[Any], Any]:
        import tensorflow as tf

        low, high = (tf.constant(end, tf.float64) for end in (self.low, self.high))
        return lambda values: tf.minimum(tf.maximum(values, low), high)


class Scale(Operation, op="scale", tolerance=1e-6):
    """Maps each column x to (x - shift) / scale. Shapes stay.

    TensorFlow takes a result below the smallest normal float32, 1.2e-38, for 0.
    """

    shift: Floats
    scale: Floats

    @cached_property
    def _state(self) -> tuple[Array, Array]:
        return np.asarray(self.shift), np.asarray(self.scale)

    def apply(self, values: Array) -> Array:
        shift, scale = self._state
        return (values - shift) / scale

    def write(self, values: Array, out: Array) -> None:
        shift, scale = self._state
        np.divide(values - shift, scale, out=out, casting="same_kind")

    def graph(self) -> Callable[[Any], Any]:
        import tensorflow as tf

        shift, scale = (tf.constant(part, tf.float64) for part in (self.shift, self.scale))
        return lambda values: (values - shift) / scale


class ImputeLinear(Operation, op="impute_linear", tolerance=1e-6):
    """Replaces a missing number by a linear prediction from the row's other numbers.

    Regression imputation (Buck, 1960): every column has a ridge regression on the others, in which
    further gaps count as the fill value. Shapes and indicators are those of `Impute`.

    Attributes:
        fill, indicator: as in `Impute`.
        weights: prediction of column j is ``filled @ weights[:, j] + offset[j]`` (n, n).
        offset: (n,).
        low, high: limits of the predictions (n,).
    """

    fill: Floats
    indicator: tuple[int, ...] = ()
    weights: tuple[Floats, ...]
    offset: Floats
    low: Floats
    high: Floats

    @cached_property
    def _state(self) -> tuple[Array, ...]:
        plain = (self.fill, self.weights, self.offset, self.low, self.high)
        return tuple(np.asarray(part, dtype=np.float64) for part in plain)

    def apply(self, values: Array) -> Array:
        fill, weights, offset, low, high = self._state
        missing = np.isnan(values)
        if missing.any():
            filled = np.where(missing, fill, np.clip(values, -LARGEST, LARGEST))
            predicted = np.clip(filled @ weights + offset, low, high)
            values = np.where(missing, predicted, values)
        if not self.indicator:
            return values
        return np.concatenate([values, missing[:, list(self.indicator)]], axis=1)

    def graph(self) -> Callable[[Any], Any]:
        import tensorflow as tf

        fill, weights, offset, low, high = (tf.constant(part) for part in self._state)

        def run(values: Any) -> Any:
            missing = tf.math.is_nan(values)
            filled = tf.where(missing, fill, tf.clip_by_value(values, -LARGEST, LARGEST))
            predicted = tf.clip_by_value(filled @ weights + offset, low, high)
            values = tf.where(missing, predicted, values)
            if not self.indicator:
                return values
            flags = tf.gather(missing, list(self.indicator), axis=1)
            return tf.concat([values, tf.cast(flags, tf.float64)], axis=1)

        return run

    def names(self, names: list[str]) -> list[str]:
        return [*names, *(f"{names[i]} is missing" for i in self.indicator)]


class Log(Operation, op="log", tolerance=1e-6):
    """Maps some columns x to sign(x) log(1 + |x|); the others stay. Shapes stay.

    Attributes:
        columns: positions of the columns that are mapped.
    """

    columns: tuple[int, ...]

    def apply(self, values: Array) -> Array:
        mapped = values.copy()
        chosen = values[:, self.columns]
        mapped[:, self.columns] = np.sign(chosen) * np.log1p(np.abs(chosen))
        return mapped

    def graph(self) -> Callable[[Any], Any]:
        import tensorflow as tf

        def run(values: Any) -> Any:
            chosen = tf.one_hot(list(self.columns), values.shape[1], True, False, dtype=tf.bool)
            logged = tf.sign(values) * tf.math.log1p(tf.abs(values))
            return tf.where(tf.reduce_any(chosen, axis=0), logged, values)

        return run
