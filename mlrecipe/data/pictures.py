"""Images as columns: files checked and measured without decoding more than their header."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Literal

import numpy as np

from mlrecipe.interfaces import Array

#: First bytes of the formats that Pillow reads everywhere.
SIGNATURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"BM", b"RIFF", b"II*\0", b"MM\0*")


@dataclass(frozen=True)
class Picture:
    """What is known of an image without its pixels.

    Attributes:
        width, height: in pixels.
        channels: 1 for grey, 3 for colour, 4 with transparency.
        format: PNG, JPEG …
    """

    width: int
    height: int
    channels: int
    format: str


def is_picture(content: bytes) -> bool:
    """Return whether some bytes begin as an image file does."""
    return content.startswith(SIGNATURES)


def look_at(content: bytes) -> Picture:
    """Decode an image file's bytes to the end, and return what it is.

    Raises:
        ValueError: when it is no image, or cut off; the message says which.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(content)) as image:
            image.load()
            return Picture(image.width, image.height, len(image.getbands()), image.format or "")
    except UnidentifiedImageError:
        raise ValueError("it is no image that can be read") from None
    except Image.DecompressionBombError as error:
        raise ValueError(str(error)) from None
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise ValueError(f"it is damaged or cut off ({error})") from None


def as_png(pixels: Array) -> bytes:
    """Return uint8 pixels (height, width) or (height, width, 1|3|4) as the bytes of a PNG file."""
    from PIL import Image

    if pixels.ndim == 3 and pixels.shape[2] == 1:
        pixels = pixels[:, :, 0]
    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(file, format="PNG")
    return file.getvalue()


PORTABLE = ("PNG", "JPEG", "GIF", "BMP")
"""Formats that every runtime decodes to the same pixels."""

SEARCHED_BYTES = 65_536
"""Bytes at the start of a JPEG file in which its EXIF data is looked for."""

ORIENTATION_TAG = 0x0112


def portable(content: bytes) -> Picture:
    """Return what an image is that training, server, SavedModel and browser read alike.

    Raises:
        ValueError: when it is no such image, with what to do about it.
    """
    picture = look_at(content)
    problem = objection(content, picture.format)
    if problem:
        raise ValueError(problem)
    return picture


def objection(content: bytes, format: str) -> str:
    """Return why an image of a format is not read alike everywhere; empty when it is."""
    if format not in PORTABLE:
        return f"it is a {format} file; save it as PNG or JPEG"
    if format == "BMP" and not _plain_bitmap(content):
        return "it is a BMP file with a palette or compressed; save it as PNG"
    return ""


def _plain_bitmap(content: bytes) -> bool:
    """Return whether a BMP file holds uncompressed colours of 24 or 32 bits."""
    bits = int.from_bytes(content[28:30], "little")
    return bits in (24, 32) and int.from_bytes(content[30:34], "little") == 0


def orientation(content: bytes) -> int:
    """Return how a JPEG file wants to be turned, 1 to 8 (EXIF 2.32, tag 0x0112); 1: not at all.

    Every runtime looks for it in the same way, because their libraries differ: the first APP1
    segment with EXIF data in the first `SEARCHED_BYTES`, its first directory, either byte order.
    """
    head = content[:SEARCHED_BYTES]
    at = head.find(b"Exif\0\0")
    while at >= 4 and head[at - 4 : at - 2] != b"\xff\xe1":
        at = head.find(b"Exif\0\0", at + 1)
    if not content.startswith(b"\xff\xd8\xff") or at < 4:
        return 1
    return _of_directory(head[at + 6 :])


def _of_directory(tiff: bytes) -> int:
    order: Literal["little", "big"] = "little" if tiff[:2] == b"II" else "big"

    def number(at: int, size: int = 2) -> int:
        return int.from_bytes(tiff[at : at + size].ljust(size, b"\0"), order)

    start = number(4, 4)
    for entry in range(start + 2, start + 2 + 12 * number(start), 12):
        if entry + 12 <= len(tiff) and number(entry) == ORIENTATION_TAG:
            found = number(entry + 8)
            return found if 1 <= found <= 8 else 1
    return 1
