"""Decodes images by NumPy and Pillow: colours, transparency, orientation, by stated arithmetic.

Pillow unpacks the files. What follows is done here in whole numbers, and in the same way by
`pictures_graph` in TensorFlow and by ``javascript/prepare.mjs``: the three give equal pixels.
"""

from __future__ import annotations

import io
import warnings
from typing import Any

import numpy as np
from PIL import Image

from mlrecipe.data.pictures import orientation
from mlrecipe.interfaces import Array

GREY_WEIGHTS = (19595, 38470, 7471)
"""Shares of red, green and blue in grey, of 65536 (ITU-R BT.601-7, 2.5.1)."""


def decoded(content: bytes, channels: int, background: int) -> Array:
    """Return an image file's pixels, upright, on a plain background: uint8 (height, width, c).

    Args:
        content: the file.
        channels: 1 for grey, 3 for colour.
        background: level of all channels behind what is transparent.

    Raises:
        OSError: when it is no image, or damaged.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        with Image.open(io.BytesIO(content)) as image:
            if image.mode == "L" and channels == 1 and image.format == "PNG" and not image.info:
                return np.asarray(image)[:, :, np.newaxis]  # nothing left to do: the fast path
            colours, alpha = levels(image, content)
    turn = orientation(content)
    colours = turned(colours, turn)
    if alpha is not None:
        colours = composed(colours, turned(alpha, turn), background)
    return grey(colours) if channels == 1 else np.broadcast_to(colours, (*colours.shape[:2], 3))


def levels(image: Image.Image, content: bytes) -> tuple[Array, Array | None]:
    """Return colours uint8 (height, width, 1 or 3) and transparency (height, width, 1), if any."""
    if image.format == "GIF":
        return _first_frame(image), None
    key = image.info.get("transparency")
    if image.mode == "CMYK":
        return _colours_of_inks(image), None
    if image.mode.startswith("I"):  # 16 bits a level: the upper eight count
        return (np.asarray(image).astype(np.int64) >> 8).astype(np.uint8)[..., np.newaxis], None
    if image.mode in ("RGBA", "LA", "PA") or (image.mode == "P" and key is not None):
        whole = np.asarray(image.convert("RGBA"))
        return whole[..., :3], whole[..., 3:]
    plain = np.asarray(image.convert("L" if image.mode in ("1", "L") else "RGB"))
    plain = plain.reshape(*plain.shape[:2], -1)
    if key is None or image.format != "PNG" or content[24] != 8:
        return plain, None
    # One colour counts as transparent; at other depths runtimes differ, so there it is a colour.
    clear = np.array(key, dtype=np.int64).reshape(-1)
    return plain, np.where((plain == clear).all(axis=2, keepdims=True), 0, 255).astype(np.uint8)


def _colours_of_inks(image: Image.Image) -> Array:
    """Return the colours of a CMYK image: (255 - ink) * (255 - black) / 255, rounded down."""
    inks = 255 - np.asarray(image).astype(np.int64)
    if "adobe" not in image.info:  # Pillow takes every file for one that stores inks inverted
        inks = 255 - inks
    return (inks[..., :3] * inks[..., 3:] // 255).astype(np.uint8)


def _first_frame(image: Any) -> Array:
    """Return a GIF file's first frame; what is transparent, or beyond it, is black."""
    left, top, right, bottom = image.tile[0][1] if image.tile else (0, 0, *image.size)
    whole = np.asarray(image.convert("RGBA"))
    shown = np.zeros((*whole.shape[:2], 1), dtype=np.uint8)
    shown[top:bottom, left:right] = 1
    return whole[..., :3] * (shown & (whole[..., 3:] > 0))


def turned(pixels: Array, turn: int) -> Array:
    """Return pixels (height, width, …) turned as EXIF says, 1 to 8."""
    if turn >= 5:
        pixels = pixels.swapaxes(0, 1)
    if turn in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return pixels[:, ::-1] if turn in (2, 3, 6, 7) else pixels


def composed(colours: Array, alpha: Array, background: int) -> Array:
    """Return colours laid over a background by their opacity 0 … 255, rounded half up."""
    opacity = alpha.astype(np.int64)
    mixed = colours * opacity + background * (255 - opacity)
    return ((mixed + 127) // 255).astype(np.uint8)


def grey(colours: Array) -> Array:
    """Return the grey (height, width, 1) of colours (height, width, 1 or 3)."""
    if colours.shape[2] == 1:
        return colours
    shares = colours.astype(np.int64) @ np.array(GREY_WEIGHTS)
    return ((shares + 32768) >> 16).astype(np.uint8)[..., np.newaxis]
