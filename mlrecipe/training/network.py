"""Builds the Keras model of a recipe: inputs, the architecture, the objective's last layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mlrecipe.errors import MlrecipeError
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
    policy: str = "float32",
) -> keras.Model:
    """Return a fresh model: a mapping of tensors to float32 (batch, …).

    Args:
        policy: the dtype policy that it computes in (Keras guide "Mixed precision"); weights and
            outputs are float32 in every one.

    Raises:
        MlrecipeError: a layer cannot compute so.
    """
    runtime.start()
    import keras

    keras.backend.clear_session(free_memory=False)  # layer names count from 1 in every model
    keras.utils.set_random_seed(seed)
    if policy == "float32":
        return _built(architecture, objective, specs, task, codec)
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        model = _built(architecture, objective, specs, task, codec)
        wide = keras.layers.Activation("linear", dtype="float32", name="float32")(model.output)
        return keras.Model(model.input, wide, name=architecture.name)
    except (TypeError, ValueError) as error:
        raise MlrecipeError(
            f"{architecture.name} cannot be trained in {policy}: "
            + str(error).strip().partition("\n")[0],
            where="training.precision",
            fix="training.precision=float32",
        ) from None
    finally:
        keras.config.set_dtype_policy(before)


def _built(
    architecture: Network,
    objective: Objective,
    specs: Sequence[TensorSpec],
    task: Task,
    codec: TargetCodec,
) -> keras.Model:
    import keras

    inputs = {
        spec.name: keras.Input(spec.shape, dtype=spec.dtype, name=spec.name) for spec in specs
    }
    if len(specs) == 1:
        body = architecture.build(inputs[specs[0].name], specs[0])
    else:
        body = architecture.merge(inputs, {spec.name: spec for spec in specs})
    answer = architecture.pooled(task.head(body, codec, objective.activation))
    return keras.Model(inputs, answer, name=architecture.name)


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
