"""A SavedModel that takes raw rows: the preparation's graph and the model in one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlrecipe.preparation.preparation import Preparation
from mlrecipe.silence import native_silence

if TYPE_CHECKING:
    import keras


def write_saved_model(model: keras.Model, bundle: Path, folder: Path) -> None:
    """Write the model below ``folder``, for TensorFlow Serving or any other SavedModel runtime.

    Its signature ``serving_default`` takes one tensor (batch,) a raw column: float64 for numbers
    and booleans (NaN: missing), string for categories ("": missing); it gives ``outputs``, float32
    (batch, outputs).

    Args:
        model: float32 (batch, features) to float32 (batch, outputs).
        bundle: where ``preparation.json`` is.
        folder: where to write.
    """
    import tensorflow as tf

    preparation = Preparation.load(bundle / "preparation.json")
    kinds = {"number": tf.float64, "string": tf.string}
    signature = {
        pipeline.column: tf.TensorSpec((None,), kinds[pipeline.reads], name=f"column_{number}")
        for number, pipeline in enumerate(preparation.pipelines)
    }

    @tf.function(input_signature=[signature])
    def serve(columns: Any) -> Any:
        return {"outputs": model(preparation.graph(columns), training=False)}

    module = tf.Module()
    module.serve = serve
    module.weights = [variable.value for variable in model.variables]
    folder.parent.mkdir(parents=True, exist_ok=True)
    with native_silence():
        tf.saved_model.save(module, str(folder), signatures={"serving_default": serve})


def call_saved_model(folder: Path, columns: dict[str, Any]) -> Any:
    """Return the outputs (rows, outputs) for raw columns, each (rows,) float64 or strings."""
    import numpy as np
    import tensorflow as tf

    with native_silence():
        signature = tf.saved_model.load(str(folder)).signatures["serving_default"]
    _, names = signature.structured_input_signature
    tensors = {
        name: tf.constant(columns[key], dtype=names[name].dtype)
        for name, key in zip(names, sorted(columns), strict=True)
    }
    return np.asarray(signature(**tensors)["outputs"])
