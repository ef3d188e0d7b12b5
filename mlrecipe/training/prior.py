"""Where training starts: at the answer that ignores the inputs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from mlrecipe.interfaces import ANSWER, Array

if TYPE_CHECKING:
    import keras


def _logit(mean: Array) -> Array:
    return np.log(mean) - np.log1p(-mean)


INVERSE: dict[str, Callable[[Array], Array]] = {
    "sigmoid": _logit,
    "softmax": np.log,
    "exponential": np.log,
}
"""Activation -> what has to go in for a mean to come out. Without one, targets have mean 0."""


def start_at_mean(model: keras.Model, y: Array, weights: Array) -> None:
    """Set the last layer's bias so that a model that knows nothing answers with the mean target.

    Otherwise a network begins with 0.5 for classes of 1 %, and its first epochs only unlearn that
    (Lin et al., 2017, "Focal Loss for Dense Object Detection", 3.3). A class that no row has, or
    every row, counts as if half a row more had it, or had it not.

    Args:
        model: whose last layer is named `ANSWER`, with a bias an output; others are left alone.
        y: encoded targets, as training sees them (rows, outputs).
        weights: how much each row counts (rows,).
    """
    layer = next((layer for layer in model.layers if layer.name == ANSWER), None)
    inverse = INVERSE.get(getattr(getattr(layer, "activation", None), "__name__", ""))
    if layer is None or inverse is None or getattr(layer, "bias", None) is None:
        return
    half = 0.5 / len(y)
    mean = np.average(y.astype(np.float64), axis=0, weights=weights)
    if mean.shape != tuple(layer.bias.shape):
        return
    high = np.inf if layer.activation.__name__ == "exponential" else 1 - half
    layer.bias.assign(inverse(np.clip(mean, half, high)).astype(np.float32))
