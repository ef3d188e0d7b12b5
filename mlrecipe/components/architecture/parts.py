"""Parts that architectures are put together from: plain arguments, Keras layers alone.

Only layers, no `keras.ops`: so each model converts to LiteRT and can be carried over to tf_keras.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import keras

    from mlrecipe.interfaces import TensorSpec

Augment = Literal["none", "light", "strong"]
"""How much training images are varied."""

STRENGTH = {"light": 0.05, "strong": 0.15}
"""Largest shift and zoom, in parts of the image, and rotation, in parts of half a turn."""

MOMENTUM = 0.9
"""Of batch normalization's running means: with some 20 steps an epoch, Keras's 0.99 lags behind."""

HALVED_FROM = 24
"""Images with a longer side are halved by the first layer: most of the time is spent there."""


def rescaled_pixels(inputs: keras.KerasTensor, augment: Augment) -> keras.KerasTensor:
    """Map pixels 0 … 255 to 0 … 1, varied at random in training alone (book, 8.2.5).

    The random layers pass their input on as it is outside of training; an exported model, which
    only answers, has none of them.
    """
    import keras

    tensor = keras.layers.Rescaling(1 / 255)(inputs)
    if augment == "none":
        return tensor
    most = STRENGTH[augment]
    for layer in (
        keras.layers.RandomTranslation(most, most, fill_mode="nearest"),
        keras.layers.RandomRotation(most / 2, fill_mode="nearest"),
        keras.layers.RandomZoom(most, fill_mode="nearest"),
        keras.layers.RandomContrast(most, value_range=(0.0, 1.0)),
    ):
        tensor = layer(tensor)
    return tensor


def convolutions(
    tensor: keras.KerasTensor, blocks: int, filters: int, *, separable: bool
) -> keras.KerasTensor:
    """Map pixels (batch, height, width, channels) to the means of features (batch, features).

    Each residual block halves the sides and doubles the filters (book, 9.3: the small Xception).
    """
    import keras

    large = max(tensor.shape[1], tensor.shape[2]) > HALVED_FROM
    tensor = keras.layers.Conv2D(
        filters, 5, strides=2 if large else 1, padding="same", use_bias=False
    )(tensor)
    for number in range(blocks):
        tensor = residual_block(tensor, filters * 2**number, separable=separable)
    tensor = keras.layers.BatchNormalization(momentum=MOMENTUM)(tensor)
    tensor = keras.layers.Activation("relu")(tensor)
    return keras.layers.GlobalAveragePooling2D()(tensor)


def residual_block(
    tensor: keras.KerasTensor, filters: int, *, separable: bool
) -> keras.KerasTensor:
    """Map (batch, height, width, channels) to half the sides and so many filters."""
    import keras

    kind = keras.layers.SeparableConv2D if separable else keras.layers.Conv2D
    shortcut = keras.layers.Conv2D(filters, 1, strides=2, padding="same", use_bias=False)(tensor)
    for _ in range(2):
        tensor = keras.layers.BatchNormalization(momentum=MOMENTUM)(tensor)
        tensor = keras.layers.Activation("relu")(tensor)
        tensor = kind(filters, 3, padding="same", use_bias=False)(tensor)
    tensor = keras.layers.MaxPooling2D(3, strides=2, padding="same")(tensor)
    return keras.layers.Add()([tensor, shortcut])


def pooled(inputs: keras.KerasTensor, spec: TensorSpec, units: int) -> keras.KerasTensor:
    """Map tokens, codes or measurements in order to features (batch, n), by their kind."""
    if spec.kind == "tokens":
        return pooled_tokens(inputs, spec.sizes[0], units)
    if spec.kind == "codes":
        return embedded_codes(inputs, spec.sizes, units)
    return pooled_signal(inputs, units)


def pooled_tokens(inputs: keras.KerasTensor, size: int, units: int) -> keras.KerasTensor:
    """Map numbers of tokens (batch, length) to the mean and largest of their meanings (batch, 2u).

    Padding has a meaning of its own: a mask would give NaN where a text is empty.
    """
    import keras

    meanings = keras.layers.Embedding(size, units)(inputs)
    mean = keras.layers.GlobalAveragePooling1D()(meanings)
    most = keras.layers.GlobalMaxPooling1D()(meanings)
    return keras.layers.Concatenate()([mean, most])


def embedded_codes(
    inputs: keras.KerasTensor, sizes: tuple[int, ...], units: int
) -> keras.KerasTensor:
    """Map numbers of categories (batch, n) to their meanings side by side (batch, features).

    A column gets about the square root of its number of categories, at most ``units``.
    """
    import keras

    count = len(sizes)
    columns = keras.layers.Reshape((count, 1))(inputs)
    found = []
    for i, size in enumerate(sizes):
        code = keras.layers.Cropping1D((i, count - 1 - i))(columns) if count > 1 else columns
        code = keras.layers.Reshape((1,))(code)
        width = max(1, min(units, round(size**0.5)))
        found.append(keras.layers.Flatten()(keras.layers.Embedding(size, width)(code)))
    return side_by_side(found)


def side_by_side(tensors: Sequence[keras.KerasTensor]) -> keras.KerasTensor:
    """Return features (batch, n) of several parts as one, in their order."""
    import keras

    return tensors[0] if len(tensors) == 1 else keras.layers.Concatenate()(tensors)


def pooled_signal(inputs: keras.KerasTensor, filters: int) -> keras.KerasTensor:
    """Map measurements in order (batch, steps, channels) to features (batch, filters)."""
    import keras

    tensor = inputs
    for _ in range(2):
        tensor = keras.layers.Conv1D(filters, 5, padding="same", activation="relu")(tensor)
    return keras.layers.GlobalMaxPooling1D()(tensor)
