"""Masks: images that say of each pixel which class it is of."""

from __future__ import annotations

import io
from collections import Counter
from typing import Any

import numpy as np
import pandas as pd

from mlrecipe.errors import MlrecipeError
from mlrecipe.interfaces import Array


def read_mask(content: Any, row: Any) -> Array:
    """Return the numbers of a mask, uint8 or larger (height, width).

    Palettes are not looked up: their index is the class, as in Pascal VOC's masks. Grey images are
    their levels; of colours, all three have to be alike.

    Raises:
        MlrecipeError: naming the row, when it is no such image.
    """
    from PIL import Image

    try:
        with Image.open(io.BytesIO(content)) as image:
            plain = image.mode in ("P", "L", "1", "I", "I;16")
            pixels = np.asarray(image) if plain else np.asarray(image.convert("RGB"))
    except (OSError, TypeError) as error:
        raise MlrecipeError(
            f"the mask cannot be read: {type(error).__name__}: {error}",
            where=f"row {row}",
            expected="an image file whose pixels are numbers of classes",
        ) from None
    if pixels.ndim == 3:
        if (pixels != pixels[..., :1]).any():
            raise MlrecipeError(
                "the mask has colours, which are no numbers of classes",
                where=f"row {row}",
                expected="a grey image or one with a palette: level or index is the class",
            )
        pixels = pixels[..., 0]
    return pixels.astype(np.uint8) if pixels.dtype == bool else pixels


def survey_masks(values: pd.Series) -> tuple[Counter[int], tuple[int, int]]:
    """Return how many pixels have each number, and the most frequent height and width."""
    numbers: Counter[int] = Counter()
    sizes: Counter[tuple[int, int]] = Counter()
    for row, content in values.items():
        mask = read_mask(content, row)
        found, counts = np.unique(mask, return_counts=True)
        numbers.update(dict(zip(found.tolist(), counts.tolist(), strict=True)))
        sizes[mask.shape] += 1
    return numbers, max(sizes, key=lambda size: (sizes[size], size))


def resampled(mask: Array, size: tuple[int, int]) -> Array:
    """Return a mask in another size, by the nearest pixel: classes have no means."""
    rows, columns = (
        ((np.arange(new) + 0.5) * old / new).astype(int)
        for new, old in zip(size, mask.shape, strict=True)
    )
    return mask[rows[:, None], columns]


def as_png(mask: Array) -> bytes:
    """Return class numbers, uint8 (height, width), as a PNG file."""
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(mask.astype(np.uint8)).save(out, "PNG")
    return out.getvalue()
