"""Measures of masks: how well the answered area covers the true one.

Targets are 0 or 1, outputs probabilities, float32 (rows, height, width, classes); with one class,
a pixel belongs to it from 0.5 on, else to the most probable.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import mlrecipe
from mlrecipe.components.metric.sampled import Sampled

if TYPE_CHECKING:
    from mlrecipe.interfaces import Array

SEGMENTATION = frozenset({"segmentation"})


class _OfAreas(Sampled):
    """What is computed from the areas of truth, answer and their overlap, class by class."""

    def areas(self, y: Array, outputs: Array, draws: Array) -> Array:
        """Return overlap, truth and answer in pixels: (3, samples, classes)."""
        import numpy as np

        truth = y > 0.5
        answer = outputs >= 0.5
        if y.shape[-1] > 1:
            answer = np.eye(y.shape[-1], dtype=bool)[outputs.argmax(axis=-1)]
        pixels = (1, 2)
        parts = ((truth & answer).sum(pixels), truth.sum(pixels), answer.sum(pixels))
        return np.stack([draws @ part for part in parts])


def _mean_where_there(part: Array, whole: Array) -> Array:
    """Return the mean ratio (samples,) over the classes that are there or were answered."""
    import numpy as np

    there = whole > 0
    ratios = np.where(there, part / np.where(there, whole, 1), 0).sum(axis=1)
    with np.errstate(invalid="ignore"):
        return ratios / np.where(there.any(axis=1), there.sum(axis=1), np.nan)


class MeanIoU(_OfAreas, name="mean_iou", tasks=SEGMENTATION):
    """Mean over the classes of overlap by union, over all pixels (Jaccard, 1912)."""

    def score_samples(self, y: Array, outputs: Array, draws: Array) -> Array:
        overlap, truth, answer = self.areas(y, outputs, draws)
        return _mean_where_there(overlap, truth + answer - overlap)


class Dice(_OfAreas, name="dice", tasks=SEGMENTATION):
    """Mean over the classes of twice the overlap by both areas (Dice, 1945)."""

    def score_samples(self, y: Array, outputs: Array, draws: Array) -> Array:
        overlap, truth, answer = self.areas(y, outputs, draws)
        return _mean_where_there(2 * overlap, truth + answer)


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [MeanIoU, Dice]
