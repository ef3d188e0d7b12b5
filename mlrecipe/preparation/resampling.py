"""Brings pixels to a size: cut, resampled, framed, by arithmetic that every runtime repeats.

Resampling is Pillow's BILINEAR with antialiasing (a triangle as wide as the reduction), in float64
without rounding between the two directions: sums are taken in one order, so that runtimes agree to
the last bit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from mlrecipe.interfaces import Array

Fit = Literal["stretch", "crop", "pad"]


@dataclass(frozen=True)
class Placement:
    """Which part of an image is taken, and how large it becomes.

    Attributes:
        top, left, height, width: the part of the image that is kept.
        inner: height and width that it is resampled to; the frame around it stays background.
    """

    top: int
    left: int
    height: int
    width: int
    inner: tuple[int, int]


def placement(height: int, width: int, wanted: tuple[int, int], fit: Fit) -> Placement:
    """Return how an image of a size is brought to another one.

    ``crop`` keeps the middle in the wanted proportions, ``pad`` all of it in its own.
    """
    rows, columns = wanted
    if fit == "crop":
        kept_height = min(height, max(1, (2 * width * rows + columns) // (2 * columns)))
        kept_width = min(width, max(1, (2 * height * columns + rows) // (2 * rows)))
        top, left = (height - kept_height) // 2, (width - kept_width) // 2
        return Placement(top, left, kept_height, kept_width, wanted)
    inner = wanted
    if fit == "pad":
        inner = (
            min(rows, max(1, (2 * height * columns + width) // (2 * width))),
            min(columns, max(1, (2 * width * rows + height) // (2 * height))),
        )
    return Placement(0, 0, height, width, inner)


def fitted(pixels: Array, wanted: tuple[int, int], fit: Fit, background: int) -> Array:
    """Return uint8 pixels (height, width, channels) as (*wanted, channels)."""
    if pixels.shape[:2] == wanted:
        return pixels
    at = placement(len(pixels), pixels.shape[1], wanted, fit)
    part = pixels[at.top : at.top + at.height, at.left : at.left + at.width]
    part = resampled(part, at.inner)
    if at.inner == wanted:
        return part
    framed = np.full((*wanted, pixels.shape[2]), background, dtype=np.uint8)
    top, left = (wanted[0] - at.inner[0]) // 2, (wanted[1] - at.inner[1]) // 2
    framed[top : top + at.inner[0], left : left + at.inner[1]] = part
    return framed


def resampled(pixels: Array, size: tuple[int, int]) -> Array:
    """Return uint8 pixels (height, width, channels) in another size, rounded half up."""
    if pixels.shape[:2] == size:
        return pixels
    rows = _along_first(pixels, size[0])
    both = _along_first(rows.swapaxes(0, 1), size[1]).swapaxes(0, 1)
    return np.floor(both + 0.5).astype(np.uint8)


def _along_first(values: Array, size: int) -> Array:
    """Return float64 (size, …): the mean of what lies below a triangle around each new position."""
    scale = len(values) / size
    reach = max(scale, 1.0)
    centre = (np.arange(size) + 0.5) * scale
    first = np.floor(centre - reach)
    total = np.zeros((size, *[1] * (values.ndim - 1)))
    found = np.zeros((size, *values.shape[1:]))
    for tap in range(2 * int(np.ceil(reach)) + 1):
        position = first + tap
        weight = np.maximum(0.0, 1.0 - np.abs((position + 0.5 - centre) / reach))
        weight = np.where((position >= 0) & (position < len(values)), weight, 0.0)
        weight = weight.reshape(total.shape)
        total += weight
        found += weight * values[np.clip(position, 0, len(values) - 1).astype(np.int64)]
    return found / total
