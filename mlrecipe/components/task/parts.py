"""Heads that read a map of the image."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras

RARE = -2.19
"""Bias at which a sigmoid says 0.1: where next to nothing is found, training starts by saying so
(Lin et al. 2017, "Focal loss for dense object detection", 4.1)."""


def map_head(
    body: keras.KerasTensor, shape: tuple[int, ...], activation: str, *, rare: bool = False
) -> keras.KerasTensor:
    """Map features (batch, height, width, units) to outputs (batch, *shape), cell by cell.

    Args:
        body: the features; brought to the wanted sides where they have others.
        shape: rows, columns and channels of the outputs.
        activation: of the outputs.
        rare: whether outputs start out near 0.1, since next to nothing is found.
    """
    import keras

    from mlrecipe.interfaces import ANSWER

    sides = shape[:2]
    if tuple(body.shape[1:3]) != tuple(sides):
        body = keras.layers.Resizing(*sides, interpolation="bilinear")(body)
    bias = keras.initializers.Constant(RARE if rare else 0.0)
    layer = keras.layers.Conv2D(
        shape[2], 1, activation=activation, bias_initializer=bias, name=ANSWER
    )
    return layer(body)
