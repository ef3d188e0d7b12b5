"""Layers that take the likeliest boxes of a map, cut them out of an image, and put answers back.

Everything is a product of matrices or a builtin operation of LiteRT, which has none for crops. Maps
are as `mlrecipe.data.grids` says, with one class: (batch, cells, cells, 1 + 4).
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from mlrecipe.interfaces import Array


@keras.saving.register_keras_serializable(package="mlrecipe")
class Peaks(keras.layers.Layer):
    """Map (batch, cells, cells, 5) to its highest peaks.

    Returns:
        Where they are, one-hot (batch, count, cells²); their scores (batch, count); and their
        boxes' centre and size, x, y, width, height as shares of the image (batch, count, 4).

    Args:
        count: how many.
    """

    def __init__(self, count: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.count = count

    def call(self, grid: Any) -> Any:
        cells = grid.shape[1]
        heat = grid[..., :1]
        highest = ops.max_pool(heat, 3, strides=1, padding="same")
        flat = ops.reshape(heat * ops.cast(heat >= highest, "float32"), (-1, cells * cells))
        scores, places = ops.top_k(flat, self.count)
        where = ops.one_hot(places, cells * cells, dtype="float32")
        numbers = ops.matmul(where, ops.reshape(grid[..., 1:], (-1, cells * cells, 4)))
        corners = np.stack(np.meshgrid(np.arange(cells), np.arange(cells)), axis=-1)
        corner = ops.matmul(where, ops.convert_to_tensor(corners.reshape(-1, 2), "float32"))
        centre = (corner + numbers[..., 2:]) / cells
        return where, scores, ops.concatenate([centre, numbers[..., :2]], axis=-1)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "count": self.count}


@keras.saving.register_keras_serializable(package="mlrecipe")
class Crops(keras.layers.Layer):
    """Cut square pieces out of images (batch, height, width, channels) around boxes.

    Boxes are centres and sizes (batch, count, 4) as `Peaks` gives them; what lies beyond the image
    is its border repeated. Returns (batch · count, side, side, channels), each pixel a mean over
    the image's pixels weighted by a triangle, as wide as the pixel is (bilinear where enlarged).

    Args:
        side: pixels a side of a piece.
        margin: side of what is cut out, in longer sides of the box.
    """

    def __init__(self, side: int, margin: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.side = side
        self.margin = margin

    def call(self, inputs: Any) -> Any:
        images, boxes = inputs
        height, width, channels = images.shape[1:]
        count, side = boxes.shape[1], self.side
        longer = self.margin * ops.maximum(boxes[..., 2] * width, boxes[..., 3] * height)
        rows = self._weights(boxes[..., 1] * height, longer, height)
        columns = self._weights(boxes[..., 0] * width, longer, width)
        lines = ops.matmul(
            ops.reshape(rows, (-1, count * side, height)),
            ops.reshape(images, (-1, height, width * channels)),
        )
        lines = ops.reshape(lines, (-1, side, width, channels))
        lines = ops.reshape(ops.transpose(lines, (0, 2, 1, 3)), (-1, width, side * channels))
        pieces = ops.matmul(ops.reshape(columns, (-1, side, width)), lines)
        pieces = ops.reshape(pieces, (-1, side, side, channels))
        return ops.transpose(pieces, (0, 2, 1, 3))

    def _weights(self, centre: Any, length: Any, pixels: int) -> Any:
        """Return how much of each pixel is in each of the piece's (batch, count, side, pixels)."""
        steps = ops.convert_to_tensor((np.arange(self.side) + 0.5) / self.side - 0.5, "float32")
        places = centre[..., None] + length[..., None] * steps - 0.5
        places = ops.clip(places, 0.0, float(pixels - 1))[..., None]
        reach = ops.maximum(length / self.side, 1.0)[..., None, None]
        line = ops.convert_to_tensor(np.arange(pixels), "float32")
        weights = ops.relu(1.0 - ops.abs(places - line) / reach)
        return weights / ops.sum(weights, axis=-1, keepdims=True)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "side": self.side, "margin": self.margin}


def cut(images: Array, boxes: Array, there: Array, side: int, margin: float) -> Array:
    """Return what `Crops` gives of many boxes, float32 (crops, side, side, channels), by NumPy.

    The layer reads whole images, which is what a converter can express; here only the part of an
    image that is in a piece is read, at a fraction of the cost.

    Args:
        images: (rows, height, width, channels).
        boxes: centres and sizes, as shares of the image (rows, boxes, 4).
        there: bool (rows, boxes), which of them to cut out.
        side, margin: as of `Crops`.
    """
    height, width, channels = images.shape[1:]
    found = np.empty((int(there.sum()), side, side, channels), np.float32)
    for place, (row, box) in enumerate(np.argwhere(there)):
        x, y, wide, tall = boxes[row, box] * (width, height, width, height)
        longer = margin * max(wide, tall)
        top, rows = _taps(y, longer, side, height)
        left, columns = _taps(x, longer, side, width)
        part = images[row, top : top + rows.shape[1], left : left + columns.shape[1]]
        lines = np.tensordot(rows, part.astype(np.float32), 1)
        found[place] = np.tensordot(lines, columns, ((1,), (1,))).transpose(0, 2, 1)
    return found


def _taps(centre: float, length: float, side: int, pixels: int) -> tuple[int, Array]:
    """Return the first pixel that is read, and how much of each is in each of the piece's."""
    steps = (np.arange(side) + 0.5) / side - 0.5
    places = np.clip(centre + length * steps - 0.5, 0, pixels - 1)
    reach = max(length / side, 1.0)
    first = max(0, int(places[0] - reach))
    last = min(pixels - 1, int(places[-1] + reach) + 1)
    line = np.arange(first, last + 1)
    weights = np.maximum(0, 1 - np.abs(places[:, None] - line) / reach)
    return first, (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)


@keras.saving.register_keras_serializable(package="mlrecipe")
class Placed(keras.layers.Layer):
    """Put the classes of pieces where they were found.

    Takes a map (batch, cells, cells, 5), what `Peaks` says of it, where and scores, and
    probabilities (batch · count, classes); returns (batch, cells, cells, classes + 4): at a peak,
    its score times the probability of the class, elsewhere 0.
    """

    def call(self, inputs: Any) -> Any:
        grid, where, scores, shares = inputs
        cells, count, classes = grid.shape[1], where.shape[1], shares.shape[-1]
        told = scores[..., None] * ops.reshape(shares, (-1, count, classes))
        heat = ops.matmul(ops.transpose(where, (0, 2, 1)), told)
        heat = ops.reshape(heat, (-1, cells, cells, classes))
        return ops.concatenate([heat, grid[..., 1:]], axis=-1)
