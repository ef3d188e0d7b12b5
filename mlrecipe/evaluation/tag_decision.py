"""From which probability on a row gets a tag, and what that means for rows and for each tag."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlrecipe.evaluation.decision import frequency
from mlrecipe.interfaces import Array, Evidence, Outcomes

ENOUGH_ROWS = 20
"""Validation rows with a tag from which on it gets a threshold of its own: that of fewer would be
fitted to them alone (judgement)."""

LEAST_F1 = 0.4
"""Best F1 from which on a tag gets one: of a tag that is hardly recognized, F1 is largest when
nearly every row is given it (Lipton, Elkan and Naryanaswamy, 2014). Such tags fall back, as in
SCutFBR (Yang, 2001; Fan and Lin, 2007, choose the border between 0.1 and 0.8)."""

MOST_CONFUSED = 10
"""Pairs of tags that a report lists."""


def decide_tags(evidence: Evidence, *, own: bool) -> dict[str, Any]:
    """Return the decision of a multilabel task; see `Task.decide`.

    Args:
        evidence: what was answered.
        own: whether every tag that is frequent enough gets a threshold of its own.

    Returns:
        Besides what every task tells: ``thresholds``, one a tag; ``tags``: for each ``name``,
        ``rows``, ``given``, ``precision``, ``recall``, ``f1`` and ``threshold``; ``confused``: the
        pairs of a missed tag and a wrong one in its place, with their number of ``rows``.
    """
    validation, test = evidence.validation, evidence.test
    shared = best_f1_threshold(
        validation.y.ravel(),
        validation.outputs.ravel(),
        np.repeat(validation.weights, validation.y.shape[1]),
    )
    none: list[float | None] = [None] * test.y.shape[1]
    tags_own = tag_thresholds(validation) if own else none
    thresholds = np.array([shared if value is None else value for value in tags_own])
    truth, answers = test.y > 0.5, test.outputs >= thresholds
    tags = [
        _tag(str(name), truth[:, i], answers[:, i], test.weights, float(thresholds[i]))
        for i, name in enumerate(evidence.codec.labels)
    ]
    return {
        "threshold": shared,
        "thresholds": [float(value) for value in thresholds],
        "reason": _reason(len(validation.y), tags_own),
        "form": "frequencies",
        "consequences": [
            frequency(name, mask, test.weights, evidence.problem, evidence.confidence)
            for name, mask in _kinds(truth, answers).items()
        ],
        "statements": [_statement(truth, answers, test.weights)],
        "tags": tags,
        "confused": _confused(truth, answers, evidence.codec.labels),
    }


def best_f1_threshold(y: Array, probability: Array, weights: Array) -> float:
    """Return the probability from which on to say yes, for the largest F1; half-way to the next.

    Of all thresholds that tell the rows apart the best is taken. 0.5 where nothing is positive.

    Args:
        y: 0 or 1 (rows,).
        probability: (rows,).
        weights: how many cases a row stands for (rows,).
    """
    order = np.argsort(-probability, kind="stable")
    p, w = probability[order].astype(np.float64), weights[order].astype(np.float64)
    hits = np.cumsum(w * (y[order] > 0.5))
    if not len(p) or not hits[-1]:
        return 0.5
    ends = np.append(np.diff(p) < 0, True)  # rows of one probability are answered alike
    f1 = np.where(ends, 2 * hits / (np.cumsum(w) + hits[-1]), -1.0)
    best = int(f1.argmax())
    below = p[best + 1] if best + 1 < len(p) else 0.0
    return float((p[best] + below) / 2)


def tag_thresholds(rows: Outcomes) -> list[float | None]:
    """Return the threshold of each tag; None for those too rare, or too seldom right, for one."""
    found: list[float | None] = []
    for y, outputs in zip((rows.y > 0.5).T, rows.outputs.T, strict=True):
        threshold = best_f1_threshold(y, outputs, rows.weights)
        enough = y.sum() >= ENOUGH_ROWS
        good = _f1(y, outputs >= threshold, rows.weights) >= LEAST_F1
        found.append(threshold if enough and good else None)
    return found


def _f1(truth: Array, answers: Array, weights: Array) -> float:
    total = float(weights[truth].sum() + weights[answers].sum())
    return 2 * float(weights[truth & answers].sum()) / total if total else 0.0


def _reason(rows: int, found: list[float | None]) -> str:
    best = f"the best F1 on {rows} validation rows"
    without = found.count(None)
    if without == len(found):
        return f"one probability for all tags, for {best}"
    rest = f"; {without} that are too rare, or hardly recognized, share one" if without else ""
    return f"each tag is given from a probability of its own on, for {best}{rest}"


def _kinds(truth: Array, answers: Array) -> dict[str, Array]:
    missed: Array = np.any(truth & ~answers, axis=1)
    wrong: Array = np.any(~truth & answers, axis=1)
    return {
        "every tag right": ~missed & ~wrong,
        "only missed tags": missed & ~wrong,
        "only wrong tags": ~missed & wrong,
        "both missed and wrong tags": missed & wrong,
    }


def _statement(truth: Array, answers: Array, weights: Array) -> str:
    hits, there, given = (
        float(weights @ cells.sum(axis=1)) for cells in (truth & answers, truth, answers)
    )
    right = f"{hits / given:.1%} are right" if given else "there are none"
    found = f"{hits / there:.1%} are given" if there else "there are none"
    return f"Of the tags that are given, {right}; of the tags that are there, {found}."


def _tag(
    name: str, truth: Array, answers: Array, weights: Array, threshold: float
) -> dict[str, Any]:
    hits, there, given = (
        float(weights[rows].sum(dtype=np.float64)) for rows in (truth & answers, truth, answers)
    )
    return {
        "name": name,
        "rows": int(truth.sum()),
        "given": int(answers.sum()),
        "precision": hits / given if given else None,
        "recall": hits / there if there else None,
        "f1": 2 * hits / (there + given) if there + given else None,
        "threshold": threshold,
    }


def _confused(truth: Array, answers: Array, labels: tuple[Any, ...]) -> list[dict[str, Any]]:
    """Return which tag was missed most often where which other one was wrongly given."""
    missed, wrong = (truth & ~answers).astype(np.int64), (~truth & answers).astype(np.int64)
    together = missed.T @ wrong
    order = np.argsort(-together, axis=None, kind="stable")[:MOST_CONFUSED]
    return [
        {"missed": str(labels[i]), "given": str(labels[j]), "rows": int(together[i, j])}
        for i, j in zip(*np.unravel_index(order, together.shape), strict=True)
        if together[i, j] > 1
    ]
