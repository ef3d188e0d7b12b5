"""Losses that Keras lacks; each gives one value a row, at least 0, and 0 for the truth."""

from __future__ import annotations

from typing import Any

from mlrecipe.training import runtime

runtime.start()

import keras  # noqa: E402 - TensorFlow has to be started first
from keras import ops  # noqa: E402

SMALLEST = 1e-30
"""In place of 0 in a logarithm whose factor is 0 as well."""


class Pinball(keras.losses.Loss):
    """The mean over outputs of ``max(level * e, (level - 1) * e)`` for e = y - answer.

    Koenker and Bassett (1978), "Regression Quantiles", equation 2.1.

    Args:
        level: the quantile that the answer aims at, above 0 and below 1.

    Shapes: targets and answers float32 (batch, outputs); result float32 (batch,).
    """

    def __init__(self, level: float) -> None:
        super().__init__(name="pinball", reduction="none")
        self.level = level

    def call(self, y_true: Any, y_pred: Any) -> Any:
        error = ops.cast(y_true, y_pred.dtype) - y_pred
        return ops.mean(ops.maximum(self.level * error, (self.level - 1) * error), axis=-1)


class PoissonDeviance(keras.losses.Loss):
    """The mean over outputs of ``2 (y log(y / m) - (y - m))`` for an answer m; y = 0 gives 2 m.

    McCullagh and Nelder (1989), "Generalized Linear Models", 2.3. Unlike the negative log
    likelihood, it is 0 for the truth, so that learning curves can be compared by their ratio.

    Shapes: targets, at least 0, and answers, above 0, float32 (batch, outputs); result (batch,).
    """

    def __init__(self) -> None:
        super().__init__(name="poisson_deviance", reduction="none")

    def call(self, y_true: Any, y_pred: Any) -> Any:
        y = ops.cast(y_true, y_pred.dtype)
        answer = ops.maximum(y_pred, keras.config.epsilon())
        ratio = ops.maximum(y / answer, SMALLEST)
        return ops.mean(2 * (y * ops.log(ratio) - (y - answer)), axis=-1)


class RateDivergence(keras.losses.Loss):
    """The mean over outputs of ``y log(y / p) + (1 - y) log((1 - y) / (1 - p))`` for an answer p.

    The binary crossentropy of a rate less what the truth itself would get (Kullback and Leibler,
    1951): the same gradients, but 0 for the truth, so that learning curves can be compared.

    Shapes: targets and answers float32 (batch, outputs), both in 0 … 1; result float32 (batch,).
    """

    def __init__(self) -> None:
        super().__init__(name="rate_divergence", reduction="none")

    def call(self, y_true: Any, y_pred: Any) -> Any:
        y = ops.cast(y_true, y_pred.dtype)
        small = keras.config.epsilon()
        p = ops.clip(y_pred, small, 1 - small)
        hit = y * ops.log(ops.maximum(y / p, SMALLEST))
        missed = (1 - y) * ops.log(ops.maximum((1 - y) / (1 - p), SMALLEST))
        return ops.mean(hit + missed, axis=-1)
