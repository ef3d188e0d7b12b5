"""A layer of distances to centroids, and the loss of clusters."""

from __future__ import annotations

from typing import Any

import keras


@keras.saving.register_keras_serializable(package="mlrecipe")
class Distances(keras.layers.Layer):
    """Maps rows (batch, features) to their Euclidean distances to centroids (batch, clusters)."""

    def __init__(self, clusters: int, features: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.clusters, self.features = clusters, features
        self.centroids = self.add_weight(
            shape=(clusters, features), name="centroids", trainable=False
        )

    def call(self, inputs: Any) -> Any:
        ops = keras.ops
        lengths = ops.sum(inputs * inputs, axis=1, keepdims=True)
        others = ops.sum(self.centroids * self.centroids, axis=1)
        products = ops.matmul(inputs, ops.transpose(self.centroids))
        return ops.sqrt(ops.maximum(lengths - 2.0 * products + others, 0.0))

    def compute_output_shape(self, input_shape: Any) -> Any:
        return (*input_shape[:-1], self.clusters)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "clusters": self.clusters, "features": self.features}


@keras.saving.register_keras_serializable(package="mlrecipe")
class WithinCluster(keras.losses.Loss):
    """The squared distance to the nearest centroid; there is no target to compare with."""

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return keras.ops.square(keras.ops.min(y_pred, axis=-1))
