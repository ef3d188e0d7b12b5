"""Measures of boxes found in images.

Targets are float32 (images, boxes, 5): class, left, top, right, bottom; the class -1 fills up.
Outputs are float32 (images, boxes, 6): class, score, left, top, right, bottom; likewise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

import mlrecipe
from mlrecipe.components.metric.sampled import Sampled

if TYPE_CHECKING:
    from mlrecipe.evaluation.matching import Matches
    from mlrecipe.interfaces import Array


class DetectionAveragePrecision(
    Sampled, name="detection_average_precision", tasks=frozenset({"detection"})
):
    """Mean over classes and overlaps of the average precision of boxes (mAP).

    Boxes are matched to the truth greedily by score, each true box once (Everingham et al., 2010);
    the area below the precision envelope is exact. ``overlaps=[0.5]`` gives Pascal VOC's figure,
    0.5 to 0.95 in steps of 0.05 that of COCO (Lin et al., 2014), up to its grid of 101 recalls.
    """

    overlaps: tuple[float, ...] = Field(
        (0.5,), min_length=1, description="Intersection over union from which on a box is found."
    )

    def score_samples(self, y: Array, outputs: Array, draws: Array) -> Array:
        import numpy as np

        from mlrecipe.evaluation.matching import matches

        classes = np.unique(y[..., 0][y[..., 0] >= 0])
        found = [
            _average_precisions(matches(y, outputs, label, overlap), draws)
            for label in classes
            for overlap in self.overlaps
        ]
        return np.nanmean(found, axis=0) if found else np.full(len(draws), np.nan)


class DetectionRecall(Sampled, name="detection_recall", tasks=frozenset({"detection"})):
    """Share of the true boxes that are found while few false ones are told: recall at a rate.

    The score from which on boxes count is the lowest with at most so many false boxes an image
    (the free-response curve of Bunch et al., 1978, read at one place).
    """

    label: int | None = Field(
        None,
        ge=0,
        description="The label that counts, numbered from 0 on in alphabetical order; null: the "
        "mean over all labels.",
    )
    false_boxes: float = Field(0.1, ge=0, description="Most false boxes of a label an image.")
    overlap: float = Field(
        0.5, gt=0, le=1, description="Intersection over union from which on a box is found."
    )

    def score_samples(self, y: Array, outputs: Array, draws: Array) -> Array:
        import numpy as np

        from mlrecipe.evaluation.matching import matches

        classes = np.unique(y[..., 0][y[..., 0] >= 0])
        found = [
            _recalls(matches(y, outputs, label, self.overlap), draws, self.false_boxes)
            for label in classes
            if self.label is None or label == self.label
        ]
        return np.nanmean(found, axis=0) if found else np.full(len(draws), np.nan)


def _recalls(found: Matches, draws: Array, false_boxes: float) -> Array:
    """Return the recall at so many false boxes an image in every sample (samples,)."""
    import numpy as np

    counted = draws[:, found.images]
    right = np.cumsum(counted * found.hits, axis=1)
    wrong = np.cumsum(counted * ~found.hits, axis=1)
    allowed = wrong <= false_boxes * draws.sum(axis=1, keepdims=True) + 1e-9
    wanted = draws @ found.there
    most = np.where(allowed, right, 0).max(axis=1, initial=0)
    with np.errstate(invalid="ignore"):
        return most / np.where(wanted > 0, wanted, np.nan)


def _average_precisions(found: Matches, draws: Array) -> Array:
    """Return the area below the precision envelope in every sample (samples,)."""
    import numpy as np

    hits = found.hits
    wanted = draws @ found.there
    counted = draws[:, found.images]
    right = np.cumsum(counted * hits, axis=1)
    answered = np.cumsum(counted, axis=1)
    precision = right / np.where(answered > 0, answered, 1)
    envelope = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
    with np.errstate(invalid="ignore"):
        return (envelope * counted * hits).sum(axis=1) / np.where(wanted > 0, wanted, np.nan)


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [DetectionAveragePrecision, DetectionRecall]
