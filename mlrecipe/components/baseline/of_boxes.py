"""Simple answers where boxes are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

import mlrecipe

if TYPE_CHECKING:
    from mlrecipe.interfaces import Array, Inputs, Samples

DETECTION = frozenset({"detection"})


class UsualBoxes(mlrecipe.Baseline, name="usual_boxes", suits=DETECTION):
    """Tells the boxes that are most frequent at each place of the training images, in every image.

    What always answering with the majority is for classes.
    """

    def predict(self, training: Samples, rows: Inputs) -> Array:
        import numpy as np

        from mlrecipe.data.grids import NUMBERS

        y = training.y
        heat = np.average(y[..., :-NUMBERS], axis=0, weights=training.weights)
        here = (y[..., :-NUMBERS] == 1).any(axis=-1, keepdims=True)
        count = here.sum(axis=0)
        numbers = (y[..., -NUMBERS:] * here).sum(axis=0)
        usual = numbers.sum(axis=(0, 1)) / max(int(here.sum()), 1)
        numbers = np.where(count > 0, numbers / np.maximum(count, 1), usual)
        answer = np.concatenate([heat, numbers], axis=-1).astype(np.float32)
        return np.broadcast_to(answer, (len(rows.frame), *answer.shape)).copy()


class Blobs(mlrecipe.Baseline, name="blobs", trivial=False, suits=DETECTION):
    """Takes what stands out from the background in brightness for a thing: the naive rule.

    Brightness is split in two by Otsu's threshold (1979); connected pixels of the side that touches
    the border less are a blob. Its label follows from its size and mean colour, by logistic
    regression on the training images.
    """

    smallest: float = Field(
        0.002, gt=0, lt=1, description="Smallest blob, as a share of the image's pixels."
    )

    def predict(self, training: Samples, rows: Inputs) -> Array:
        from mlrecipe.components.baseline import blobs

        return blobs.answered(training, rows, self.smallest)


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [UsualBoxes, Blobs]
