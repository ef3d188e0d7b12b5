"""What fitting learns of images, from the headers of their files alone."""

from __future__ import annotations

import io
import warnings
from collections import Counter
from dataclasses import dataclass, field
from typing import Self

from mlrecipe.data.pictures import PORTABLE, objection, orientation
from mlrecipe.errors import MlrecipeError
from mlrecipe.preparation.statistics import Chunk, Statistic
from mlrecipe.preparation.values import from_frame

GREY_MODES = ("1", "L", "LA")
"""Pillow's names for images without colours; those of 16 bits start with I."""


@dataclass
class Pictures(Statistic):
    """Sizes and colours of the images in some columns; counts, so merging is exact.

    Attributes:
        columns: their names.
        sizes: how often each (height, width) occurs in a column, upright.
        colours: number of images with colours (n,).
        missing: number of missing images (n,).
    """

    columns: tuple[str, ...]
    sizes: list[Counter[tuple[int, int]]] = field(init=False)
    colours: list[int] = field(init=False)
    missing: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.sizes = [Counter() for _ in self.columns]
        self.colours = [0] * len(self.columns)
        self.missing = [0] * len(self.columns)

    def fresh(self) -> Self:
        return type(self)(self.columns)

    def update(self, chunk: Chunk) -> None:
        for i, name in enumerate(self.columns):
            for content in from_frame(chunk.frame, [name], "bytes")[:, 0]:
                self._count(i, content)

    def _count(self, column: int, content: bytes) -> None:
        if not content:
            self.missing[column] += 1
            return
        size, mode, format = header(content)
        problem = objection(content, format)
        if problem:
            raise MlrecipeError(
                f"the column {self.columns[column]} holds an image that not every runtime "
                f"decodes alike: {problem}",
                where="preprocessing.image",
                expected=f"files among {', '.join(PORTABLE)}",
                fix="convert the images, or leave the column out: problem.inputs",
            )
        self.sizes[column][size] += 1
        self.colours[column] += not (mode in GREY_MODES or mode.startswith("I"))

    def merge(self, other: Self) -> None:
        for mine, theirs in zip(self.sizes, other.sizes, strict=True):
            mine.update(theirs)
        self.colours = [a + b for a, b in zip(self.colours, other.colours, strict=True)]
        self.missing = [a + b for a, b in zip(self.missing, other.missing, strict=True)]


def header(content: bytes) -> tuple[tuple[int, int], str, str]:
    """Return the upright size (height, width), Pillow's mode and the format of an image file.

    Raises:
        OSError: when it is no image.
    """
    from PIL import Image

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        with Image.open(io.BytesIO(content)) as image:
            width, height = image.size
            mode, format = image.mode, image.format or ""
    upright = (width, height) if orientation(content) >= 5 else (height, width)
    return upright, mode, format
