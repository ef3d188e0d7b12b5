"""From which probability on a row gets a tag, and what that means for rows and for each tag."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlrecipe.evaluation.decision import frequency
from mlrecipe.interfaces import Array, Evidence, Outcomes

ENOUGH_ROWS = 10
"""Validation rows with a tag from which on it gets a threshold of its own: that of fewer would be
fitted to them alone, and lower what it was to raise (Fan and Lin, 2007, "A Study on Threshold
Selection for Multi-label Classification", on rare labels; the number is judgement)."""

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
    thresholds = tag_thresholds(validation, shared) if own else np.full(test.y.shape[1], shared)
    truth, answers = test.y > 0.5, test.outputs >= thresholds
    tags = [
        _tag(str(name), truth[:, i], answers[:, i], test.weights, float(thresholds[i]))
        for i, name in enumerate(evidence.codec.labels)
    ]
    return {
        "threshold": shared,
        "thresholds": [float(value) for value in thresholds],
        "reason": _reason(validation, own),
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


def tag_thresholds(rows: Outcomes, shared: float) -> Array:
    """Return a threshold a tag, float64 (tags,); those too rare for one of their own share one."""
    return np.array(
        [
            best_f1_threshold(rows.y[:, i], rows.outputs[:, i], rows.weights)
            if (rows.y[:, i] > 0.5).sum() >= ENOUGH_ROWS
            else shared
            for i in range(rows.y.shape[1])
        ]
    )


def _reason(validation: Outcomes, own: bool) -> str:
    rows = f"the best F1 on {len(validation.y)} validation rows"
    if not own:
        return f"one probability for all tags, for {rows}"
    rare = int(((validation.y > 0.5).sum(axis=0) < ENOUGH_ROWS).sum())
    shared = f"; {rare} tags in fewer than {ENOUGH_ROWS} of them share one" if rare else ""
    return f"each tag is given from a probability of its own on, for {rows}{shared}"


def _kinds(truth: Array, answers: Array) -> dict[str, Array]:
    missed, wrong = (truth & ~answers).any(axis=1), (~truth & answers).any(axis=1)
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
