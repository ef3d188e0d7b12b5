"""A SavedModel that takes raw rows: the preparation's graph and the model in one."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlrecipe.preparation.naming import tensor_names
from mlrecipe.preparation.preparation import Preparation
from mlrecipe.silence import native_silence

if TYPE_CHECKING:
    import keras


def write_saved_model(model: keras.Model, bundle: Path, folder: Path) -> None:
    """Write the model below ``folder``, for TensorFlow Serving or any other SavedModel runtime.

    Its signature ``serving_default`` takes one tensor (batch,) a raw column, under the name that
    `tensor_names` gives it: float64 for numbers and truths (NaN: missing), string for categories,
    texts and files ("": missing). It gives ``outputs``, float32 (batch, outputs).

    Args:
        model: a mapping of tensors to float32 (batch, outputs).
        bundle: where ``preparation.json`` is.
        folder: where to write.
    """
    import tensorflow as tf

    from mlrecipe.preparation.graph import GraphPreparation

    preparation = Preparation.load(bundle / "preparation.json")
    graph = GraphPreparation(preparation)
    signature = graph.signature(tensor_names(preparation.columns))

    @tf.function(input_signature=[signature], autograph=False)
    def serve(columns: Any) -> Any:
        return {"outputs": model(graph(columns), training=False)}

    module = tf.Module()
    module.serve = serve
    module.preparation = graph
    module.weights = [variable.value for variable in model.variables]
    folder.parent.mkdir(parents=True, exist_ok=True)
    with native_silence():
        tf.saved_model.save(module, str(folder), signatures={"serving_default": serve})


def call_saved_model(folder: Path, columns: dict[str, Any]) -> Any:
    """Return the outputs (rows, outputs) for raw columns, each (rows,) float64 or strings."""
    import numpy as np
    import tensorflow as tf

    with _plain_path(folder) as place, native_silence():
        signature = tf.saved_model.load(place).signatures["serving_default"]
    names = tensor_names(list(columns))
    specs = signature.structured_input_signature[1]
    tensors = {
        name: tf.constant(columns[column], dtype=specs[name].dtype)
        for column, name in names.items()
    }
    return np.asarray(signature(**tensors)["outputs"])


@contextlib.contextmanager
def _plain_path(folder: Path) -> Iterator[str]:
    """Give a path to the folder without brackets or stars: TensorFlow takes them for a pattern."""
    with tempfile.TemporaryDirectory() as place:
        link = Path(place) / "model"
        link.symlink_to(folder.resolve(), target_is_directory=True)
        yield str(link)
