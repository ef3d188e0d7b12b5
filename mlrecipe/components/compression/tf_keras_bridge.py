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
    "Conv1D": (
        "filters",
        "kernel_size",
        "strides",
        "padding",
        "dilation_rate",
        "groups",
        "activation",
        "use_bias",
    ),
    "SpatialDropout1D": ("rate",),
    "MaxPooling1D": ("pool_size", "strides", "padding"),
    "GlobalMaxPooling1D": (),
    "GlobalAveragePooling1D": (),
    "Rescaling": ("scale", "offset"),
    "Conv2D": ("filters", "kernel_size", "strides", "padding", "activation", "use_bias"),
    "SeparableConv2D": ("filters", "kernel_size", "strides", "padding", "activation", "use_bias"),
    "MaxPooling2D": ("pool_size", "strides", "padding"),
    "GlobalMaxPooling2D": (),
    "AveragePooling2D": ("pool_size", "strides", "padding"),
    "UpSampling2D": ("size", "interpolation"),
    "Resizing": ("height", "width", "interpolation"),
    "GlobalAveragePooling2D": (),
    "Embedding": ("input_dim", "output_dim", "mask_zero"),
    "Reshape": ("target_shape",),
    "Cropping1D": ("cropping",),
    "Add": (),
    "UnitNormalization": ("axis",),
    "Concatenate": ("axis",),
}
"""Layers that are carried over, with the settings that decide what they compute."""

TRAINING_ALONE = (
    "RandomTranslation",
    "RandomRotation",
    "RandomZoom",
    "RandomContrast",
    "RandomFlip",
)
"""Layers that pass their input on outside of training; they are left out."""

ALTERED_ACTIVATIONS = frozenset({"hard_sigmoid"})
"""Activations that the two Keras compute differently under one name."""

COMPARED_ROWS = 1000

LARGEST_DIFFERENCE = 1e-5
"""Between the two models' outputs, relative to the largest; float32 rounding is 1e-7 a layer."""


def to_tf_keras(model: keras.Model, x: Tensors) -> Any:
    """Return a tf_keras model with the same weights that computes the same.

    Args:
        model: a graph of layers, each used once; a mapping of tensors to (batch, outputs).
        x: prepared rows to compare the two on.

    Raises:
        MlrecipeError: when a layer cannot be carried over, or the outputs differ.
    """
    import numpy as np

    bridged, pairs = _rebuilt(model)
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


def _rebuilt(model: keras.Model) -> tuple[Any, list[tuple[Any, Any]]]:
    """Return the same graph of tf_keras layers, with the pairs of layers and their copies."""
    import tf_keras

    inputs = {
        name: tf_keras.Input(entry.shape[1:], dtype=entry.dtype, name=name)
        for name, entry in model.input.items()
    }
    found = {id(entry): inputs[name] for name, entry in model.input.items()}
    pairs = []
    for layer in model.layers:
        kind = type(layer).__name__
        if kind == "InputLayer":
            continue
        copy = None if kind in TRAINING_ALONE else _copy(layer, tf_keras)
        several = isinstance(layer.input, list)
        read = [found[id(tensor)] for tensor in (layer.input if several else [layer.input])]
        if copy is None:
            found[id(layer.output)] = read[0]
            continue
        found[id(layer.output)] = copy(read if several else read[0])
        pairs.append((layer, copy))
    return tf_keras.Model(inputs, found[id(model.output)]), pairs


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
