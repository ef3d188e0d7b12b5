"""Signals: lists of numbers in order, object (rows, 1) of float64 (length,)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from mlrecipe.interfaces import Array
from mlrecipe.preparation.operation import Operation


class Signal(Operation, op="signal"):
    """Maps a list of numbers to steps: cut or padded at its end, limited, standardized.

    What is missing, a step beyond the end or a gap, is 0: the mean. (rows, 1) to float64
    (rows, steps, 1), or, flat, (rows, steps).

    Attributes:
        steps: length of the result.
        low, high: range that numbers are limited to.
        shift, scale: x becomes (x - shift) / scale.
        flat: whether the steps are features of a vector.
    """

    steps: int
    low: float
    high: float
    shift: float
    scale: float
    flat: bool = False

    def apply(self, values: Array) -> Array:
        found = np.full((len(values), self.steps), np.nan)
        for row, (numbers,) in zip(found, values, strict=True):
            row[: min(len(numbers), self.steps)] = numbers[: self.steps]
        limited = np.minimum(np.maximum(found, self.low), self.high)
        scaled = (limited - self.shift) / self.scale
        known = np.where(np.isnan(found), 0.0, scaled)
        return known if self.flat else known[:, :, np.newaxis]

    def graph(self) -> Callable[[Any], Any]:
        import tensorflow as tf

        low, high, shift, scale = (
            tf.constant(v, tf.float64) for v in (self.low, self.high, self.shift, self.scale)
        )

        def run(values: Any) -> Any:
            numbers = values[:, 0, : self.steps]
            lacking = self.steps - tf.shape(numbers)[1]
            numbers = tf.pad(numbers, [[0, 0], [0, lacking]], constant_values=np.nan)
            numbers = tf.ensure_shape(numbers, (None, self.steps))
            scaled = (tf.minimum(tf.maximum(numbers, low), high) - shift) / scale
            known = tf.where(tf.math.is_nan(numbers), tf.zeros_like(scaled), scaled)
            return known if self.flat else known[:, :, tf.newaxis]

        return run

    def names(self, names: list[str]) -> list[str]:
        return [f"{name} at {step}" for name in names for step in range(self.steps)]
