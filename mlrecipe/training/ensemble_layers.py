"""Keras layers of the tabular network: binned numbers, and many members in one set of weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mlrecipe.interfaces import Array
from mlrecipe.training import runtime

runtime.start()

import keras  # noqa: E402 - TensorFlow has to be started first
from keras import ops  # noqa: E402

QUANTILES_FROM = 20_000
"""Rows whose quantiles stand for those of all: their error is below a hundredth of a bin of 32."""


def bin_edges(column: Array, bins: int) -> Array:
    """Return increasing edges (at most bins + 1,) between which equally many values (n,) lie."""
    return np.unique(np.quantile(column, np.linspace(0, 1, bins + 1)))


def sampled(x: Array) -> Array:
    """Return rows (n, features) that quantiles are taken of: all, or evenly spaced ones."""
    return x[:: -(-len(x) // QUANTILES_FROM)]


@keras.saving.register_keras_serializable("mlrecipe")
class PiecewiseLinear(keras.layers.Layer):
    """How far each number fills each of its bins, 0 to 1, less the mean over the training rows.

    Gorishniy et al. (2022), "On Embeddings for Numerical Features in Tabular Deep Learning", 3.2:
    a dense layer after it is a piecewise linear function of each number. Bins are those of
    quantiles; `adapt` learns them from the rows of each fit.

    Args:
        bins: most bins of each feature; 0 leaves a feature out.

    Shapes: float32 (batch, features) to float32 (batch, sum of the bins).
    """

    def __init__(self, bins: Sequence[int], **settings: Any) -> None:
        super().__init__(**settings)
        self.bins = tuple(int(count) for count in bins)
        self.columns = np.repeat(np.arange(len(self.bins)), self.bins).astype(np.int32)

    def build(self, shape: Any) -> None:
        def constant(name: str) -> Any:
            return self.add_weight(
                name=name, shape=(len(self.columns),), initializer="zeros", trainable=False
            )

        self.rate, self.shift, self.mean = map(constant, ("rate", "shift", "mean"))

    def adapt(self, x: Array) -> None:
        """Learn the bins from training rows, float32 (rows, features).

        A feature with fewer distinct values than bins leaves the rest of them at 0.
        """
        rows = sampled(x).astype(np.float64)
        rate, shift, start = np.zeros(len(self.columns)), np.zeros(len(self.columns)), 0
        for column, bins in enumerate(self.bins):
            if bins:
                edges = bin_edges(rows[:, column], bins)
                widths = np.diff(edges)
                places = slice(start, start + len(widths))
                rate[places], shift[places] = 1 / widths, -edges[:-1] / widths
            start += bins
        filled = np.clip(rows[:, self.columns] * rate + shift, 0, 1)
        for weight, value in zip(
            (self.rate, self.shift, self.mean), (rate, shift, filled.mean(axis=0)), strict=True
        ):
            weight.assign(value.astype(np.float32))

    def call(self, x: Any) -> Any:
        filled = ops.take(x, self.columns, axis=1) * self.rate + self.shift
        return ops.minimum(ops.maximum(filled, 0.0), 1.0) - self.mean

    def compute_output_shape(self, shape: Any) -> Any:
        return (shape[0], len(self.columns))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "bins": list(self.bins)}


@keras.saving.register_keras_serializable("mlrecipe")
class EnsembleDense(keras.layers.Layer):
    """A dense layer of several members that share its kernel; each scales what goes in and out.

    BatchEnsemble (Wen et al., 2020, equation 5), as TabM arranges it (Gorishniy et al., 2025,
    "TabM: Advancing Tabular Deep Learning with Parameter-Efficient Ensembling", 3.3): the first
    layer's inputs are scaled by random signs, which makes the members differ; every other scale
    starts at 1.

    Args:
        units: units of each member.
        members: how many members there are.
        activation: Keras name of the activation.
        first: whether members differ from this layer on.

    Shapes: float32 (batch, n) or (batch, members, n) to float32 (batch, members, units).
    """

    def __init__(
        self,
        units: int,
        members: int,
        activation: str = "relu",
        first: bool = False,
        **settings: Any,
    ) -> None:
        super().__init__(**settings)
        self.units, self.members, self.first = units, members, first
        self.activation = keras.activations.get(activation)

    def build(self, shape: Any) -> None:
        width = shape[-1]
        self.kernel = self.add_weight(
            name="kernel", shape=(width, self.units), initializer="he_uniform"
        )
        self.scale_in = self.add_weight(
            name="scale_in",
            shape=(self.members, width),
            initializer=_signs if self.first else "ones",
        )
        self.scale_out = self.add_weight(
            name="scale_out", shape=(self.members, self.units), initializer="ones"
        )
        self.bias = self.add_weight(
            name="bias", shape=(self.members, self.units), initializer="zeros"
        )

    def call(self, x: Any) -> Any:
        if len(x.shape) == 2:
            x = ops.expand_dims(x, 1)
        tensor = ops.matmul(ops.reshape(x * self.scale_in, (-1, self.kernel.shape[0])), self.kernel)
        tensor = ops.reshape(tensor, (-1, self.members, self.units))
        return self.activation(tensor * self.scale_out + self.bias)

    def compute_output_shape(self, shape: Any) -> Any:
        return (shape[0], self.members, self.units)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "units": self.units,
            "members": self.members,
            "activation": keras.activations.serialize(self.activation),
            "first": self.first,
        }


@keras.saving.register_keras_serializable("mlrecipe")
class MemberScale(keras.layers.Layer):
    """Scales the features of each member by weights of its own, which start at 1.

    Before a head that all members share, it makes the head of each another one.

    Shapes: float32 (batch, members, n), left as they are.
    """

    def build(self, shape: Any) -> None:
        self.scale = self.add_weight(name="scale", shape=shape[1:], initializer="ones")

    def call(self, x: Any) -> Any:
        return x * self.scale


@keras.saving.register_keras_serializable("mlrecipe")
class MeanOfMembers(keras.layers.Layer):
    """The mean of the members' answers is the answer; in training they come out themselves.

    So the loss is the mean of the members' losses: trained on the loss of their mean, they would
    lean on each other (TabM, 2025, 3.2).

    Shapes: float32 (batch, members, units) to (batch, units); unchanged in training.
    """

    def call(self, x: Any, training: bool = False) -> Any:
        return x if training else ops.mean(x, axis=1)

    def compute_output_shape(self, shape: Any) -> Any:
        return (shape[0], *shape[2:])


def _signs(shape: Any, dtype: Any = None) -> Any:
    """Return -1 and 1 at random; drawn by Keras's seed."""
    draw = keras.initializers.RandomUniform(-1.0, 1.0)(shape, dtype)
    return ops.where(draw < 0, -1.0, 1.0)
