"""Removes the weights that matter least while training on (TensorFlow Model Optimization)."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from pydantic import Field

import mlrecipe

if TYPE_CHECKING:
    import keras

    from mlrecipe.interfaces import Array, Tensors, Variant

PRUNED = {
    "Dense": "kernel",
    "Conv1D": "kernel",
    "Conv2D": "kernel",
    "SeparableConv2D": "pointwise_kernel",
    "Embedding": "embeddings",
}
"""Layers whose weights are pruned, and which of them."""


class Pruning(mlrecipe.Compression, name="pruning"):
    """Sets the smallest weights to zero while training on, then stores in 8 bits (book, 6.3.2)."""

    sparsity: float = Field(0.8, gt=0, lt=1, description="Share of the weights set to zero.")
    epochs: int = Field(
        20, ge=1, description="Epochs of training on; sparsity rises over the first three quarters."
    )
    learning_rate: float = Field(1e-3, gt=0, description="Step size of Adam while pruning.")
    eight_bit: bool = Field(True, description="Also store the weights in 8 bits.")

    def compress(
        self,
        model: keras.Model,
        x: Tensors,
        y: Array,
        loss: Callable[[Any, Any], Any],
        batch_size: int,
    ) -> Variant:
        from mlrecipe.components.compression.litert import refuse_trees, to_litert
        from mlrecipe.components.compression.tf_keras_bridge import to_tf_keras
        from mlrecipe.interfaces import Variant

        refuse_trees(model)
        with _own_environment():
            pruned, left_alone = self._prune(to_tf_keras(model, x), x, y, loss, batch_size)
        reached = _sparsity(pruned)
        notes = f"{reached:.0%} of the weights are zero"
        notes += f"; left alone: {', '.join(left_alone)}" if left_alone else ""
        notes += "; weights in 8 bits" if self.eight_bit else ""
        notes += "; zeros save space once the file is compressed (gzip)"
        return Variant(self.name, to_litert(pruned, eight_bit=self.eight_bit), notes)

    def _prune(
        self, model: Any, x: Tensors, y: Array, loss: Callable[[Any, Any], Any], batch_size: int
    ) -> tuple[Any, list[str]]:
        """Return the pruned tf_keras model, and the layers that stay as they are."""
        import tensorflow_model_optimization as tfmot
        import tf_keras

        steps = self.epochs * -(-len(y) // batch_size)
        schedule = tfmot.sparsity.keras.PolynomialDecay(
            initial_sparsity=0.0,
            final_sparsity=self.sparsity,
            begin_step=0,
            end_step=max(1, steps * 3 // 4),
            frequency=max(1, steps // 40),
        )
        last = model.layers[-1].name  # the last layer is small, and every answer passes through it

        def wrap(layer: Any) -> Any:
            if type(layer).__name__ not in PRUNED or layer.name == last:
                return layer
            return tfmot.sparsity.keras.prune_low_magnitude(layer, schedule)

        wrapped = tf_keras.models.clone_model(model, clone_function=wrap)
        wrapped.set_weights(_weights_of_wrapped(wrapped, model))
        wrapped.compile(
            optimizer=tf_keras.optimizers.Adam(self.learning_rate),
            loss=lambda truth, outputs: loss(truth, outputs),
        )
        wrapped.fit(
            dict(x),
            y,
            batch_size=batch_size,
            epochs=self.epochs,
            shuffle=False,  # the same rows in the same order prune the same weights
            verbose=0,
            callbacks=[tfmot.sparsity.keras.UpdatePruningStep()],
        )
        stripped = tfmot.sparsity.keras.strip_pruning(wrapped)
        return stripped, [last]


def _weights_of_wrapped(wrapped: Any, model: Any) -> list[Any]:
    """Return the weights of a wrapped model, with the original's in the place of fresh ones."""
    fresh = {id(v): v.numpy() for v in wrapped.weights}
    names = {getattr(layer, "layer", layer).name: layer.name for layer in wrapped.layers}
    for original in model.layers:
        layer = wrapped.get_layer(names[original.name])
        inner = getattr(layer, "layer", layer)
        for variable, value in zip(inner.weights, original.get_weights(), strict=True):
            fresh[id(variable)] = value
    return [fresh[id(v)] for v in wrapped.weights]


def _sparsity(model: Any) -> float:
    """Return the share of zeros among the weights that can be pruned, the last layer aside."""
    import numpy as np

    kernels = [
        getattr(layer, PRUNED[type(layer).__name__]).numpy()
        for layer in model.layers[:-1]
        if type(layer).__name__ in PRUNED
    ]
    if not kernels:
        return 0.0
    return float(sum(np.count_nonzero(k == 0) for k in kernels) / sum(k.size for k in kernels))


@contextlib.contextmanager
def _own_environment() -> Iterator[None]:
    """Take back that importing TensorFlow Model Optimization turns tf.keras into tf_keras."""
    before = os.environ.get("TF_USE_LEGACY_KERAS")
    try:
        yield
    finally:
        if before is None:
            os.environ.pop("TF_USE_LEGACY_KERAS", None)


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Pruning]
