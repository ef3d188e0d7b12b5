"""Boxes of images as a column: JSON text, read into shares of the image's width and height."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from mlrecipe.errors import MlrecipeError

SIDES = ("left", "top", "right", "bottom")

EXPECTED = (
    'JSON: a list of {"label": "dog", "left": 0.1, "top": 0.2, "right": 0.3, "bottom": 0.5}, of '
    '["dog", left, top, right, bottom], or of {"label": "dog", "box": [x, y, width, height]}'
)

ROUNDING = 1e-3
"""Shares of the image by which a box may reach beyond it: pixels were rounded; it is cut off."""


@dataclass(frozen=True)
class Box:
    """A labelled box; sides are shares of the image's width and height, 0 to 1."""

    label: str
    left: float
    top: float
    right: float
    bottom: float


def are_boxes(values: Iterable[Any]) -> bool:
    """Return whether values read as lists of boxes, and some of them hold one."""
    found = False
    for value in values:
        if not isinstance(value, str | list | Mapping):
            return False
        try:
            read = json.loads(value) if isinstance(value, str) else value
            items = read["boxes"] if isinstance(read, Mapping) else read
            found |= bool([_sides(item) for item in items])
        except (ValueError, TypeError, KeyError):
            return False
    return found


def read_boxes(values: pd.Series, size: tuple[int, int] | None) -> list[list[Box]]:
    """Return the boxes of every row.

    Args:
        values: JSON text, as `EXPECTED` says; an empty list for an image without boxes. A row may
            bring its own size along: ``{"width": 640, "height": 480, "boxes": […]}``.
        size: height and width of all images, for sides in pixels; None: they are shares already.

    Raises:
        MlrecipeError: naming row and value, when a text cannot be understood or a box lies
            outside of its image.
    """
    return [_of_row(value, size, row) for row, value in values.items()]


def _of_row(value: Any, size: tuple[int, int] | None, row: Any) -> list[Box]:
    try:
        read = json.loads(value) if isinstance(value, str) else value
        if isinstance(read, Mapping):
            size, read = (int(read["height"]), int(read["width"])), read["boxes"]
        found = [_sides(item) for item in read]
    except (ValueError, TypeError, KeyError) as error:
        raise MlrecipeError(
            f"the boxes cannot be understood: {str(value)[:80]!r} "
            f"({type(error).__name__}: {error})",
            where=f"row {row}",
            expected=EXPECTED,
        ) from None
    height, width = size or (1, 1)
    scale = (width, height, width, height)
    return [
        _inside(label, [v / whole for v, whole in zip(sides, scale, strict=True)], sides, size, row)
        for label, sides in found
    ]


def _sides(item: Any) -> tuple[str, list[float]]:
    """Return label and sides as they are written."""
    if not isinstance(item, Mapping):
        label, *sides = item
        if len(sides) != 4:
            raise ValueError(f"a label and four sides are expected, not {item}")
        return str(label), [float(side) for side in sides]
    if "box" in item:
        x, y, width, height = (float(number) for number in item["box"])
        return str(item["label"]), [x, y, x + width, y + height]
    return str(item["label"]), [float(item[name]) for name in SIDES]


def _inside(
    label: str, shares: list[float], written: list[float], size: tuple[int, int] | None, row: Any
) -> Box:
    left, top, right, bottom = (min(max(side, 0.0), 1.0) for side in shares)
    beyond = max(max(-side, side - 1) for side in shares)
    if beyond <= ROUNDING and right > left and bottom > top:
        return Box(label, left, top, right, bottom)
    box = dict(zip(SIDES, written, strict=True))
    in_pixels = size is None and max(written) > 1 + ROUNDING
    raise MlrecipeError(
        f"the box {label!r} {box} "
        + ("lies outside of its image" if beyond > ROUNDING else "has no area"),
        where=f"row {row}",
        expected=f"left < right and top < bottom within {size[1]} x {size[0]} pixels"
        if size
        else "left < right and top < bottom, as shares of the image from 0 to 1",
        fix="name the images' size if these are pixels: task.image_size=[height, width]"
        if in_pixels
        else "correct the row, or leave the box out",
    )
