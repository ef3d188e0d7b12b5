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

        classes = np.unique(y[..., 0][y[..., 0] >= 0])
        found = [
            _average_precisions(_matches(y, outputs, label, overlap), draws)
            for label in classes
            for overlap in self.overlaps
        ]
        return np.nanmean(found, axis=0) if found else np.full(len(draws), np.nan)


def _matches(y: Array, outputs: Array, label: float, overlap: float) -> tuple[Array, Array, Array]:
    """Return, of one class, each box's image and hit, highest score first; true boxes an image."""
    import numpy as np

    images, scores, hits = [], [], []
    for image, (truth, boxes) in enumerate(zip(y, outputs, strict=True)):
        wanted = truth[truth[:, 0] == label, 1:]
        answered = boxes[boxes[:, 0] == label, 1:]
        answered = answered[np.argsort(-answered[:, 0], kind="stable")]
        free = np.ones(len(wanted), dtype=bool)
        for score, *box in answered:
            shares = np.where(free, overlap_of(np.array(box), wanted), 0.0)
            best = int(shares.argmax()) if len(shares) else -1
            hit = best >= 0 and shares[best] >= overlap
            if hit:
                free[best] = False
            images.append(image)
            scores.append(score)
            hits.append(hit)
    order = np.argsort(-np.array(scores), kind="stable")
    there = (y[..., 0] == label).sum(axis=1)
    return np.array(images, dtype=int)[order], np.array(hits, dtype=float)[order], there


def overlap_of(box: Array, others: Array) -> Array:
    """Return intersection over union (others,) of a box (4,) with others (others, 4)."""
    import numpy as np

    low, high = np.maximum(box[:2], others[:, :2]), np.minimum(box[2:], others[:, 2:])
    both = np.clip(high - low, 0, None).prod(axis=1)
    area = (box[2:] - box[:2]).prod() + (others[:, 2:] - others[:, :2]).prod(axis=1) - both
    return both / np.where(area > 0, area, 1)


def _average_precisions(matches: tuple[Array, Array, Array], draws: Array) -> Array:
    """Return the area below the precision envelope in every sample (samples,)."""
    import numpy as np

    images, hits, there = matches
    wanted = draws @ there
    counted = draws[:, images]
    found = np.cumsum(counted * hits, axis=1)
    answered = np.cumsum(counted, axis=1)
    precision = found / np.where(answered > 0, answered, 1)
    envelope = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
    with np.errstate(invalid="ignore"):
        return (envelope * counted * hits).sum(axis=1) / np.where(wanted > 0, wanted, np.nan)


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [DetectionAveragePrecision]
