"""Columns of encoded images: what they look like in numbers, and thumbnails of some."""

from __future__ import annotations

import base64
import io
from collections import Counter
from typing import Any

import numpy as np

from mlrecipe.data.table import Table

LOOKED_AT = 200
"""Images that are opened to learn size and format."""

THUMBNAIL = 96
"""Longest side of a thumbnail, in pixels."""


def image_facts(table: Table, name: str) -> dict[str, Any]:
    """Return missing values, sizes in bytes, and formats and pixels of some of the images."""
    sizes, missing = [], 0
    opened: Counter[str] = Counter()
    unreadable = 0
    for chunk in table.chunks([name]):
        for content in chunk[name]:
            if not isinstance(content, bytes | bytearray):
                missing += 1
                continue
            sizes.append(len(content))
            if len(sizes) <= LOOKED_AT:
                words = _format(bytes(content))
                unreadable += words is None
                opened.update([words] if words else [])
    found: dict[str, Any] = {
        "missing": missing,
        "missing_share": missing / table.rows if table.rows else 0.0,
        "distinct": None,
        "opened": min(len(sizes), LOOKED_AT),
        "unreadable": unreadable,
        "formats": [{"value": value, "count": n} for value, n in opened.most_common(5)],
    }
    if sizes:
        low, middle, high = map(float, np.quantile(sizes, [0, 0.5, 1]))
        found["bytes"] = {"minimum": low, "median": middle, "maximum": high}
    return found


def _format(content: bytes) -> str | None:
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(content)) as image:
            return f"{image.format}, {image.width} × {image.height}, {image.mode}"
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        return None


def thumbnail(content: bytes) -> dict[str, Any] | None:
    """Return a small PNG as a data URI with its size in pixels; None when it cannot be read."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(content)) as image:
            size = {"width": image.width, "height": image.height}
            small = image.convert("L" if image.mode in ("1", "L", "I;16") else "RGB")
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        return None
    small.thumbnail((THUMBNAIL, THUMBNAIL))
    file = io.BytesIO()
    small.save(file, "PNG", optimize=True)
    return {"image": f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}", **size}
