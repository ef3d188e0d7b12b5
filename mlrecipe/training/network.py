"""Builds the Keras model of a recipe: inputs, the architecture, the objective's last layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mlrecipe.interfaces import ANSWER, Network, Objective, Task, TensorSpec
from mlrecipe.preparation.target_codec import TargetCodec
from mlrecipe.training import runtime

if TYPE_CHECKING:
    import keras


def build_model(
    architecture: Network,
    objective: Objective,
    specs: Sequence[TensorSpec],
    task: Task,
    codec: TargetCodec,
    seed: int,
) -> keras.Model:
    """Return a fresh model: a mapping of tensors to float32 (batch, …)."""
    runtime.start()
    import keras

    keras.backend.clear_session(free_memory=False)  # layer names count from 1 in every model
    keras.utils.set_random_seed(seed)
    inputs = {
        spec.name: keras.Input(spec.shape, dtype=spec.dtype, name=spec.name) for spec in specs
    }
    if len(specs) == 1:
        body = architecture.build(inputs[specs[0].name], specs[0])
    else:
        body = architecture.merge(inputs, {spec.name: spec for spec in specs})
    return keras.Model(inputs, task.head(body, codec, objective.activation), name=architecture.name)


def answer_in_unit(model: keras.Model, codec: TargetCodec) -> None:
    """Fold the target's scale into the last layer, so that a regression answers in its unit.

    Training runs on (y - shift) / scale; afterwards outputs are y. Does nothing for classes, and
    for numbers that were not scaled. An exponential takes a factor as a summand.
    """
    if not codec.scale:
        return
    import numpy as np

    layer = model.get_layer(ANSWER)
    kernel, bias = layer.get_weights()
    scale = np.asarray(codec.scale, dtype=np.float32)
    if layer.activation.__name__ == "exponential":
        layer.set_weights([kernel, bias + np.log(scale)])
        return
    shift = np.asarray(codec.shift, dtype=np.float32)
    layer.set_weights([kernel * scale, bias * scale + shift])
