"""Which answered box is which true one: by overlap, the likeliest first (Everingham et al., 2010).

True boxes are float32 (images, boxes, 5): class, left, top, right, bottom; the class -1 fills up.
Answers are float32 (images, boxes, 6): class, score, left, top, right, bottom; likewise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlrecipe.interfaces import Array


@dataclass(frozen=True)
class Matches:
    """The answers of one class, highest score first, and the truth that each was matched to.

    Whatever is left when answers below some score are dropped is matched as it would be without
    them.

    Attributes:
        images: int (answers,), which image each belongs to.
        scores: float (answers,).
        hits: bool (answers,), whether it is a true box that no better answer took.
        elsewhere: bool (answers,), whether it is no hit, and overlaps with a true box of another
            class.
        there: int (images,), how many true boxes there are.
    """

    images: Array
    scores: Array
    hits: Array
    elsewhere: Array
    there: Array


def matches(y: Array, outputs: Array, label: float, overlap: float) -> Matches:
    """Match the answers of a class, each true box once, from an intersection over union on."""
    rows: list[tuple[int, float, bool, bool]] = []
    for image, (truth, boxes) in enumerate(zip(y, outputs, strict=True)):
        wanted = truth[truth[:, 0] == label, 1:]
        others = truth[(truth[:, 0] >= 0) & (truth[:, 0] != label), 1:]
        answered = boxes[boxes[:, 0] == label, 1:]
        free = np.ones(len(wanted), dtype=bool)
        for score, *box in answered[np.argsort(-answered[:, 0], kind="stable")]:
            shares = np.where(free, overlap_of(np.array(box), wanted), 0.0)
            best = int(shares.argmax()) if len(shares) else -1
            hit = best >= 0 and bool(shares[best] >= overlap)
            if hit:
                free[best] = False
            other = not hit and bool((overlap_of(np.array(box), others) >= overlap).any())
            rows.append((image, float(score), hit, other))
    rows.sort(key=lambda row: -row[1])
    images, scores, hits, elsewhere = (
        (list(c) for c in zip(*rows, strict=True)) if rows else [[]] * 4
    )
    return Matches(
        np.array(images, dtype=int),
        np.array(scores, dtype=float),
        np.array(hits, dtype=bool),
        np.array(elsewhere, dtype=bool),
        (y[..., 0] == label).sum(axis=1),
    )


def overlap_of(box: Array, others: Array) -> Array:
    """Return intersection over union (others,) of a box (4,) with others (others, 4)."""
    low, high = np.maximum(box[:2], others[:, :2]), np.minimum(box[2:], others[:, 2:])
    both = np.clip(high - low, 0, None).prod(axis=1)
    area = (box[2:] - box[:2]).prod() + (others[:, 2:] - others[:, :2]).prod(axis=1) - both
    return both / np.where(area > 0, area, 1)
