"""Images: the bytes of files (rows, 1) become pixels, uint8 (rows, height, width, channels)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from mlrecipe.interfaces import Array
from mlrecipe.preparation.operation import Operation


class Picture(Operation, op="picture"):
    """Decodes PNG, JPEG, GIF (its first frame) and BMP files to pixels of one size.

    In this order: unpacked to 8 bits a level; turned as a JPEG's EXIF data says; laid on the
    background where it is transparent; made grey where asked for; cut, resampled or framed to the
    size. A missing file is all background. An image of the right size is not resampled. The
    arithmetic is that of `pixels` and `resampling`, the same in every runtime: equal pixels for
    PNG, and for JPEG wherever the runtime decodes with libjpeg-turbo, as Pillow and TensorFlow do.
    Browsers' own JPEG decoders may differ by a level, and by more for CMYK or colour profiles,
    which nobody else follows.

    Attributes:
        height, width: the size, in pixels.
        channels: 1 for grey, 3 for red, green and blue.
        fit: what becomes of other proportions: ``stretch`` them, ``crop`` the middle out, or
            ``pad`` with the background.
        background: level, 0 to 255, of what is transparent, missing or around the image.
    """

    height: int
    width: int
    channels: Literal[1, 3]
    fit: Literal["stretch", "crop", "pad"] = "stretch"
    background: int = 255

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape of one row's pixels."""
        return self.height, self.width, self.channels

    def apply(self, values: Array) -> Array:
        found = np.full((len(values), *self.shape), self.background, dtype=np.uint8)
        for row, content in enumerate(values[:, 0]):
            if content:
                found[row] = self.pixels(content)
        return found

    def pixels(self, content: bytes) -> Array:
        """Return the pixels of one file, uint8 (height, width, channels)."""
        from mlrecipe.preparation.pixels import decoded
        from mlrecipe.preparation.resampling import fitted

        upright = decoded(content, self.channels, self.background)
        return fitted(upright, (self.height, self.width), self.fit, self.background)

    def graph(self) -> Callable[[Any], Any]:
        import tensorflow as tf

        from mlrecipe.preparation.pictures_graph import pixels_of_file

        row = tf.TensorSpec(self.shape, tf.uint8)

        def run(values: Any) -> Any:
            return tf.map_fn(
                lambda content: pixels_of_file(content, self), values[:, 0], fn_output_signature=row
            )

        return run

    def names(self, names: list[str]) -> list[str]:
        return []
