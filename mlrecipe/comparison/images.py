"""Properties of pictures that tell cameras, light and editing apart."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pandas as pd

from mlrecipe.interfaces import Array

PROPERTIES = (
    "brightness",
    "contrast",
    "saturation",
    "sharpness",
    "width",
    "height",
    "aspect ratio",
    "red",
    "green",
    "blue",
)
"""Names of what `image_properties` measures, in its order."""

LONGEST_SIDE = 256
"""Pictures are made smaller before they are measured, all but width and height."""


def image_properties(content: Any) -> Array:
    """Return the properties (10,) of an encoded picture, float64; NaN when it cannot be read.

    Brightness is the mean of luma, contrast its standard deviation (RMS contrast, Peli, 1990),
    saturation the mean of HSV's S, sharpness the logarithm of the variance of the Laplacian
    (Pech-Pacheco et al., 2000), all of values in 0 … 1; width and height in pixels.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(content) if isinstance(content, bytes) else content) as opened:
            width, height = opened.size
            picture = opened.convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, TypeError, AttributeError):
        return np.full(len(PROPERTIES), np.nan)
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    colours = np.asarray(picture, dtype=np.float64) / 255
    luma = colours @ np.array([0.299, 0.587, 0.114])
    return np.array(
        [
            luma.mean(),
            luma.std(),
            _saturation(colours),
            _sharpness(luma),
            width,
            height,
            width / height,
            *colours.mean(axis=(0, 1)),
        ]
    )


def image_table(values: pd.Series) -> pd.DataFrame:
    """Return the properties of a column of pictures as a frame (rows, 10)."""
    rows = [image_properties(value) for value in values]
    measured = np.array(rows).reshape(len(rows), len(PROPERTIES))
    return pd.DataFrame(measured, columns=list(PROPERTIES), index=values.index)


def _saturation(colours: Array) -> float:
    most, least = colours.max(axis=2), colours.min(axis=2)
    return float(np.where(most > 0, (most - least) / np.maximum(most, 1e-12), 0.0).mean())


def _sharpness(luma: Array) -> float:
    if min(luma.shape) < 3:
        return float("nan")
    inner = luma[1:-1, 1:-1]
    around = luma[:-2, 1:-1] + luma[2:, 1:-1] + luma[1:-1, :-2] + luma[1:-1, 2:]
    return float(np.log10((4 * inner - around).var() + 1e-8))
