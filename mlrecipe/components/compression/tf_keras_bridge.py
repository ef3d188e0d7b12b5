"""Carries a Keras 3 model over to tf_keras, which TensorFlow Model Optimization still needs.

The layers are rebuilt one by one from their settings and given copies of the weights: tf_keras
reads none of Keras 3's files. The copy is held against the original on real rows before it is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import mlrecipe

if TYPE_CHECKING:
    import keras

    from mlrecipe.interfaces import Tensors

LAYERS = {
    "Dense": ("units", "activation", "use_bias"),
    "Dropout": ("rate",),
    "Activation": ("activation",),
    "BatchNormalization": ("axis", "momentum", "epsilon", "center", "scale"),
    "Flatten": (),
}
"""Layers that are carried over, with the settings that decide what they compute."""

ALTERED_ACTIVATIONS = frozenset({"hard_sigmoid"})
"""Activations that the two Keras compute differently under one name."""

COMPARED_ROWS = 1000

LARGEST_DIFFERENCE = 1e-5
"""Between the two models' outputs, relative to the largest; float32 rounding is 1e-7 a layer."""


def to_tf_keras(model: keras.Model, x: Tensors) -> Any:
    """Return a tf_keras model with the same weights that computes the same.

    Args:
        model: a stack of layers on one input, a mapping of it to (batch, outputs).
        x: prepared rows to compare the two on.

    Raises:
        MlrecipeError: when a layer cannot be carried over, or the outputs differ.
    """
    import numpy as np
    import tf_keras

    if len(model.input) > 1:
        raise mlrecipe.MlrecipeError(
            f"a model of {len(model.input)} inputs cannot be carried over to tf_keras",
            where="compression",
            fix="leave compression=pruning out for this architecture",
        )
    name, entry = next(iter(model.input.items()))
    tensor = tf_keras.Input(entry.shape[1:], dtype=entry.dtype, name=name)
    inputs = {name: tensor}
    pairs = []
    for layer in model.layers[1:]:
        copy = _copy(layer, tf_keras)
        tensor = copy(tensor)
        pairs.append((layer, copy))
    bridged = tf_keras.Model(inputs, tensor)
    for layer, copy in pairs:
        copy.set_weights(layer.get_weights())
    rows = {name: values[:COMPARED_ROWS] for name, values in x.items()}
    ours = np.asarray(model(rows, training=False))
    theirs = np.asarray(bridged(rows, training=False))
    difference = float(np.abs(ours - theirs).max() / max(1.0, float(np.abs(ours).max())))
    if not difference <= LARGEST_DIFFERENCE:
        raise mlrecipe.MlrecipeError(
            f"the model changes on its way to tf_keras: outputs differ by {difference:.1e}",
            where="compression",
            expected=f"at most {LARGEST_DIFFERENCE:.0e}",
            fix="leave compression=pruning out for this architecture",
        )
    return bridged


def _copy(layer: Any, tf_keras: Any) -> Any:
    kind, config = type(layer).__name__, layer.get_config()
    altered = config.get("activation") in ALTERED_ACTIVATIONS
    if kind not in LAYERS or altered:
        what = f"activation {config['activation']}" if altered else f"layer {kind}"
        raise mlrecipe.MlrecipeError(
            f"the {what} cannot be carried over to tf_keras",
            where=f"compression, layer {layer.name}",
            expected=f"layers among {', '.join(LAYERS)}",
            fix="leave compression=pruning out for this architecture",
        )
    settings = {name: config[name] for name in LAYERS[kind]}
    return getattr(tf_keras.layers, kind)(**settings, name=layer.name)
