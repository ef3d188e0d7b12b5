"""What masks bring about: how much of each class is covered, and how large areas come out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from mlrecipe.interfaces import Array, Evidence
from mlrecipe.preparation.target_codec import TargetCodec


def decide_masks(
    evidence: Evidence, decode: Callable[[Array, TargetCodec, float], Array]
) -> dict[str, Any]:
    """Return the decision of a segmentation; see `mlrecipe.Task.decide`.

    With two classes, the probability from which on a pixel is of the second is the one at which
    both overlap best with the truth of the validation rows.
    """
    codec = evidence.codec
    threshold, reason = 0.5, "the most probable class of each pixel is the answer"
    if len(codec.labels) == 2:
        threshold = best_threshold(evidence.validation.y, evidence.validation.outputs)
        reason = (
            f"a pixel is {codec.labels[1]!r} from the probability on at which its area overlaps "
            f"best with the truth, on {len(evidence.validation.y)} validation rows"
        )
    truth = decode(evidence.test.y, codec, 0.5)
    answers = decode(evidence.test.outputs, codec, threshold)
    areas = [_area(i, str(label), truth, answers) for i, label in enumerate(codec.labels)]
    right = float((truth == answers).mean())
    return {
        "threshold": threshold,
        "reason": reason,
        "form": "frequencies",
        "consequences": [],
        "statements": [
            f"Of all pixels of {len(truth)} test {evidence.problem.unit}s, {right:.1%} are "
            "answered rightly.",
            *(_in_words(area, evidence.problem.unit) for area in areas),
        ],
        "areas": areas,
    }


def best_threshold(y: Array, outputs: Array) -> float:
    """Return the probability (of 0.05, 0.1 … 0.95) at which truth and answer overlap best."""
    choices = np.arange(1, 20) / 20
    truth = y > 0.5
    overlaps = [
        (truth & (outputs >= choice)).sum() / max(1, (truth | (outputs >= choice)).sum())
        for choice in choices
    ]
    return float(choices[int(np.argmax(overlaps))])


def _area(number: int, label: str, truth: Array, answers: Array) -> dict[str, Any]:
    there, told = truth == number, answers == number
    both, either = int((there & told).sum()), int((there | told).sum())
    shares = told.mean(axis=(1, 2)) - there.mean(axis=(1, 2))
    return {
        "label": label,
        "share": float(there.mean()),
        "share_answered": float(told.mean()),
        "iou": both / either if either else None,
        "off_by_half": float(np.median(np.abs(shares))),
        "off_by_nine_in_ten": float(np.quantile(np.abs(shares), 0.9)),
    }


def _in_words(area: dict[str, Any], unit: str) -> str:
    overlap = (
        "is nowhere" if area["iou"] is None else f"overlaps by {area['iou']:.1%} of both areas"
    )
    return (
        f"{area['label']}: truth and answer {overlap}; it covers {area['share']:.1%} of the "
        f"pixels and is answered for {area['share_answered']:.1%}. Its share of a {unit} is off by "
        f"at most {area['off_by_half']:.1%} in half of them, {area['off_by_nine_in_ten']:.1%} in "
        "nine in ten."
    )
