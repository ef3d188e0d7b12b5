"""Images as columns: files checked and measured without decoding more than their header."""

from __future__ import annotations

import io
from dataclasses import dataclass

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
