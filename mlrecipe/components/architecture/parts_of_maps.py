"""Parts of networks that give a map of the image; Keras layers alone, any size of image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlrecipe.components.architecture.parts import MOMENTUM

if TYPE_CHECKING:
    import keras


def convolved(
    tensor: keras.KerasTensor,
    filters: int,
    *,
    width: int = 3,
    strides: int = 1,
    separable: bool = False,
) -> keras.KerasTensor:
    """Map (batch, height, width, channels) to so many filters: convolution, normalization, ReLU."""
    import keras

    kind = keras.layers.SeparableConv2D if separable else keras.layers.Conv2D
    tensor = kind(filters, width, strides=strides, padding="same", use_bias=False)(tensor)
    tensor = keras.layers.BatchNormalization(momentum=MOMENTUM)(tensor)
    return keras.layers.Activation("relu")(tensor)


def pyramid(
    pixels: keras.KerasTensor, depth: int, filters: int, *, halvings: int = 2, separable: bool
) -> keras.KerasTensor:
    """Map pixels 0 … 1 to a map of the image, halved so often (batch, rows, columns, filters).

    The map is halved ``depth`` times more, with twice the filters each time; each coarser map is
    put into the size of the finer one and added to it.
    """
    import keras

    tensor = pixels
    for number in range(halvings):
        tensor = convolved(tensor, filters, strides=2, separable=separable and number > 0)
    levels = [convolved(tensor, filters, separable=separable)]
    for number in range(1, depth + 1):
        width = filters * 2**number
        tensor = convolved(levels[-1], width, strides=2, separable=separable)
        levels.append(convolved(tensor, width, separable=separable))
    tensor = levels.pop()
    while levels:
        finer = levels.pop()
        tensor = keras.layers.Conv2D(finer.shape[-1], 1, use_bias=False)(tensor)
        tensor = resized(tensor, finer)
        tensor = keras.layers.Add()([tensor, finer])
        tensor = convolved(tensor, finer.shape[-1], separable=separable)
    return tensor


def resized(tensor: keras.KerasTensor, like: keras.KerasTensor) -> keras.KerasTensor:
    """Map (batch, height, width, channels) to the sides of another map, by its nearest cells."""
    import keras

    sides = like.shape[1:3]
    if tuple(2 * side for side in tensor.shape[1:3]) == tuple(sides):
        return keras.layers.UpSampling2D(2)(tensor)
    return keras.layers.Resizing(*sides, interpolation="nearest")(tensor)
