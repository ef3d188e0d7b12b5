"""Layers of recommenders: which items are liked, a new user's factors, what is left out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from mlrecipe.data.catalogue import LEFT_OUT, LOWEST


@keras.saving.register_keras_serializable(package="mlrecipe")
class Columns(keras.layers.Layer):
    """Maps the inputs (batch, features) to some of their columns (batch, columns).

    Args:
        columns: which ones; -1 gives a column of zeros.
    """

    def __init__(self, columns: Sequence[int], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.columns = [int(column) for column in columns]

    def call(self, inputs: Any) -> Any:
        places = np.maximum(self.columns, 0).astype(np.int32)
        known = (np.array(self.columns) >= 0).astype(np.float32)
        return keras.ops.take(inputs, places, axis=1) * known

    def compute_output_shape(self, input_shape: Any) -> Any:
        return (*input_shape[:-1], len(self.columns))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "columns": self.columns}


@keras.saving.register_keras_serializable(package="mlrecipe")
class LikedItems(Columns):
    """Maps the inputs (batch, features) to the items that a user likes, 0 or 1 (batch, items).

    Args:
        columns: the feature of each item; -1 for an item that no feature tells of.
    """

    def call(self, inputs: Any) -> Any:
        return keras.ops.cast(super().call(inputs) > 0, "float32")


@keras.saving.register_keras_serializable(package="mlrecipe")
class UnitLists(keras.layers.Layer):
    """Scales liked items, 0 or 1 (batch, items), to a length of 1; who likes none keeps zeros.

    Keras's own UnitNormalization becomes LiteRT's L2_NORMALIZATION, which gives NaN for zeros.
    """

    def call(self, liked: Any) -> Any:
        count = keras.ops.sum(liked, axis=1, keepdims=True)
        return liked / keras.ops.sqrt(keras.ops.maximum(count, 1.0))

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape


@keras.saving.register_keras_serializable(package="mlrecipe")
class FoldIn(keras.layers.Layer):
    """Maps liked items, 0 or 1 (batch, items), to a user's factors (batch, factors).

    They solve the user's least squares of weighted ALS, (YᵀY + a YᵀDY + rI) x = (1 + a) Yᵀh with
    D = diag(h), by a fixed number of steps of conjugate gradients (Takács, Pilászy and Tikk, 2011,
    "Applications of the Conjugate Gradient Method for Implicit Feedback Collaborative Filtering").

    Args:
        items, factors: shape of the item factors Y.
        confidence: a, by how much a like counts more than none.
        regularization: r.
        steps: of conjugate gradients.
    """

    def __init__(
        self,
        items: int,
        factors: int,
        confidence: float,
        regularization: float,
        steps: int,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.items, self.factors, self.steps = items, factors, steps
        self.confidence, self.regularization = confidence, regularization
        self.item_factors = self.add_weight(
            shape=(items, factors), name="item_factors", trainable=False
        )
        self.gram = self.add_weight(shape=(factors, factors), name="gram", trainable=False)

    def call(self, inputs: Any) -> Any:
        ops = keras.ops
        y, transposed = self.item_factors, ops.transpose(self.item_factors)

        def product(p: Any) -> Any:
            liked = ops.matmul(p, transposed) * inputs
            return ops.matmul(p, self.gram) + self.confidence * ops.matmul(liked, y)

        def squared(p: Any) -> Any:
            return ops.sum(p * p, axis=1, keepdims=True)

        residual = (1 + self.confidence) * ops.matmul(inputs, y)
        found, direction = residual * 0.0, residual
        length = squared(residual)
        for _ in range(self.steps):
            image = product(direction)
            curvature = ops.sum(direction * image, axis=1, keepdims=True)
            step = length / (curvature + 1e-12)
            found = found + step * direction
            residual = residual - step * image
            before, length = length, squared(residual)
            direction = residual + length / (before + 1e-12) * direction
        return found

    def compute_output_shape(self, input_shape: Any) -> Any:
        return (*input_shape[:-1], self.factors)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "items": self.items,
            "factors": self.factors,
            "confidence": self.confidence,
            "regularization": self.regularization,
            "steps": self.steps,
        }


@keras.saving.register_keras_serializable(package="mlrecipe")
class LeaveOut(keras.layers.Layer):
    """Maps scores (batch, outputs) and liked items (batch, items) to scores without the latter.

    They, and items that cannot be told to be liked, get `LEFT_OUT`; the others at least `LOWEST`.

    Args:
        told: for every output, whether an input tells of its being liked.
        softmax: whether scores become shares of what is not left out.
    """

    def __init__(self, told: Sequence[bool], softmax: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.told, self.softmax = [bool(value) for value in told], softmax

    def call(self, scores: Any, liked: Any) -> Any:
        ops = keras.ops
        told = np.array(self.told, dtype=np.float32)
        hidden = 1.0 - (1.0 - liked[:, : len(self.told)]) * told
        if self.softmax:
            scores = ops.softmax(scores - hidden * 1e4, axis=-1)
        return ops.maximum(scores, LOWEST) * (1.0 - hidden) + LEFT_OUT * hidden

    def compute_output_shape(self, scores_shape: Any, liked_shape: Any = None) -> Any:
        return scores_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "told": self.told, "softmax": self.softmax}


@keras.saving.register_keras_serializable(package="mlrecipe")
class MultinomialLikelihood(keras.losses.Loss):
    """Minus the mean log-share of the items liked next; 0 for a user who likes none."""

    def call(self, y_true: Any, y_pred: Any) -> Any:
        ops = keras.ops
        logs = ops.log(ops.maximum(y_pred, 1e-7))
        return -ops.sum(y_true * logs, axis=-1) / ops.maximum(ops.sum(y_true, axis=-1), 1.0)
