"""Operations that make other numbers of a number: its rank, how it fills bins, its waves."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np

from mlrecipe.interfaces import Array
from mlrecipe.preparation.operation import Operation
from mlrecipe.preparation.operations.numeric import LARGEST, Floats


class Quantile(Operation, op="quantile", tolerance=1e-6):
    """Maps each column to its rank among the training values, linear between known points.

    Ranks 0 to 1 become numbers of mean 0 and deviation 1 of a uniform distribution: -1.73 to 1.73.
    As scikit-learn's QuantileTransformer does, values of many rows get their middle rank.

    Attributes:
        points: increasing values of each column.
        ranks: the mapped rank at each point.
    """

    points: tuple[Floats, ...]
    ranks: tuple[Floats, ...]

    @cached_property
    def _state(self) -> list[tuple[Array, Array]]:
        pairs = zip(self.points, self.ranks, strict=True)
        return [(np.asarray(points), np.asarray(ranks)) for points, ranks in pairs]

    def apply(self, values: Array) -> Array:
        mapped = np.empty_like(values)
        for i, (points, ranks) in enumerate(self._state):
            mapped[:, i] = np.interp(values[:, i], points, ranks)
        return mapped

    def graph(self) -> Callable[[Any], Any]:
        import tensorflow as tf

        parts = [(tf.constant(p), tf.constant(r), len(p)) for p, r in self._state]

        def interpolated(values: Any, points: Any, ranks: Any, count: int) -> Any:
            if count == 1:
                return tf.fill(tf.shape(values), ranks[0])
            values = tf.clip_by_value(values, points[0], points[-1])
            right = tf.clip_by_value(tf.searchsorted(points, values, side="right"), 1, count - 1)
            low, high = tf.gather(points, right - 1), tf.gather(points, right)
            start, end = tf.gather(ranks, right - 1), tf.gather(ranks, right)
            return start + (end - start) * ((values - low) / (high - low))

        def run(values: Any) -> Any:
            columns = tf.unstack(values, num=len(parts), axis=1)
            mapped = [
                interpolated(column, *part) for column, part in zip(columns, parts, strict=True)
            ]
            return tf.stack(mapped, axis=1)

        return run


class PiecewiseLinear(Operation, op="piecewise_linear", tolerance=1e-6):
    """Encodes each number by how far it fills each of its column's bins, 0 to 1.

    The encoding of Gorishniy et al. (2022, "On embeddings for numerical features"): bins below the
    number are 1, bins above it 0; the first and the last go on beyond their ends.

    Attributes:
        edges: increasing edges of each column's bins, one more than bins.
    """

    edges: tuple[Floats, ...]

    @cached_property
    def _state(self) -> tuple[Array, ...]:
        """Column, start, width, least and most of every feature."""
        bins = [(i, k, e) for i, e in enumerate(self.edges) for k in range(len(e) - 1)]
        return (
            np.array([i for i, _, _ in bins], dtype=np.int64),
            np.array([e[k] for _, k, e in bins]),
            np.array([e[k + 1] - e[k] for _, k, e in bins]),
            np.array([-LARGEST if k == 0 else 0.0 for _, k, _ in bins]),
            np.array([LARGEST if k == len(e) - 2 else 1.0 for _, k, e in bins]),
        )

    def apply(self, values: Array) -> Array:
        column, start, width, least, most = self._state
        filled = (values[:, column] - start) / width
        return np.minimum(np.maximum(filled, least), most)

    def graph(self) -> Callable[[Any], Any]:
        import tensorflow as tf

        column, start, width, least, most = (tf.constant(part) for part in self._state)

        def run(values: Any) -> Any:
            filled = (tf.gather(values, column, axis=1) - start) / width
            return tf.minimum(tf.maximum(filled, least), most)

        return run

    def names(self, names: list[str]) -> list[str]:
        return [
            names[i] if len(edges) == 2 else f"{names[i]} {edges[k]:.4g} to {edges[k + 1]:.4g}"
            for i, edges in enumerate(self.edges)
            for k in range(len(edges) - 1)
        ]


class Periodic(Operation, op="periodic", tolerance=1e-5):
    """Adds sin(2 pi c x) and cos(2 pi c x) of some columns for fixed frequencies c.

    (rows, n) to (rows, n + 2 x columns x frequencies). Gorishniy et al. (2022) learn the
    frequencies; here they are fixed powers of two, so that every executor can carry them out.

    Attributes:
        columns: positions of the columns.
        frequencies: in cycles a unit of x.
    """

    columns: tuple[int, ...]
    frequencies: Floats

    def apply(self, values: Array) -> Array:
        angles = values[:, self.columns, None] * (2 * np.pi * np.asarray(self.frequencies))
        flat = angles.reshape(len(values), len(self.columns) * len(self.frequencies))
        return np.concatenate([values, np.sin(flat), np.cos(flat)], axis=1)

    def graph(self) -> Callable[[Any], Any]:
        import tensorflow as tf

        turns = tf.constant(2 * np.pi * np.asarray(self.frequencies))
        width = len(self.columns) * len(self.frequencies)

        def run(values: Any) -> Any:
            chosen = tf.gather(values, list(self.columns), axis=1)
            flat = tf.reshape(chosen[:, :, tf.newaxis] * turns, [-1, width])
            return tf.concat([values, tf.sin(flat), tf.cos(flat)], axis=1)

        return run

    def names(self, names: list[str]) -> list[str]:
        pairs = [(names[i], c) for i in self.columns for c in self.frequencies]
        return [*names, *(f"{w} {n} x {c:g}" for w in ("sin", "cos") for n, c in pairs)]
