"""Conversion of a Keras model to a LiteRT file, which every compression ends with."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from mlrecipe.errors import MlrecipeError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlrecipe.interfaces import Tensors


def to_litert(model: Any, *, eight_bit: bool = False, examples: Tensors | None = None) -> bytes:
    """Return a Keras 3 or tf_keras model as a LiteRT file.

    Args:
        model: a mapping of tensors (batch, …) to float32 (batch, outputs).
        eight_bit: store weights as 8-bit integers, a scale a channel.
        examples: prepared rows; with them activations are 8-bit too.
    """
    from mlrecipe.silence import native_silence
    from mlrecipe.training import runtime

    if eight_bit:
        refuse_trees(model)
    runtime.start()
    import tensorflow as tf

    signature = {
        name: tf.TensorSpec(tensor.shape, tensor.dtype, name)
        for name, tensor in model.input.items()
    }

    @tf.function(input_signature=[signature], autograph=False)
    def serve(tensors: Any) -> Any:
        return model(tensors, training=False)

    with _saved(model, serve) as folder, native_silence():
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        if eight_bit:
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
        if examples is not None:
            rows = len(next(iter(examples.values())))
            converter.representative_dataset = lambda: (
                {name: values[i : i + 1] for name, values in examples.items()} for i in range(rows)
            )
        return bytes(converter.convert())


def refuse_trees(model: Any) -> None:
    """Say that decision trees cannot be made smaller, where the model has some.

    Their thresholds and leaves are compared and summed, not multiplied: in 8 bits rows would go
    another way. (TensorFlow 2.21 does not convert such a model, it ends the process.)

    Raises:
        MlrecipeError: when the model has a `TreeEnsemble`.
    """
    parts = [layer for layer in model.layers if hasattr(layer, "layers")]
    for part in parts:
        refuse_trees(part)
    if any(type(layer).__name__ == "TreeEnsemble" for layer in model.layers):
        raise MlrecipeError(
            "its decision trees compare numbers with thresholds, which fewer bits would move",
            where="compression",
            fix="compression=[none], or a network: architecture=dense",
        )


@contextlib.contextmanager
def _saved(model: Any, serve: Any) -> Iterator[str]:
    """Keep the model in a temporary SavedModel, the one form that converts for both Keras."""
    import tempfile

    import tensorflow as tf

    module = tf.Module()
    module.serve = serve
    module.variables_ = (
        list(model.variables) if _is_tf_keras(model) else [v.value for v in model.variables]
    )
    with tempfile.TemporaryDirectory() as folder:
        tf.saved_model.save(module, folder, signatures={"serving_default": serve})
        yield folder


def _is_tf_keras(model: Any) -> bool:
    return type(model).__module__.startswith("tf_keras")
