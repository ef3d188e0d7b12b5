"""What boxes bring about: found, missed and false ones at a chosen score, an image and a day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mlrecipe.evaluation.decision import frequency
from mlrecipe.evaluation.matching import Matches, matches
from mlrecipe.interfaces import Array, Evidence
from mlrecipe.problem import Costs, Problem

OVERLAP = 0.5
"""Intersection over union from which on a box counts as found (Everingham et al., 2010)."""

Judged = tuple[Array, Array]
"""True boxes (rows, boxes, 5) and answers (rows, boxes, 6), as metrics take them."""


def decide_boxes(evidence: Evidence, validation: Judged, test: Judged) -> dict[str, Any]:
    """Return the decision of a detection; see `mlrecipe.Task.decide`.

    The score from which on boxes count is the cheapest on validation rows, for the label that
    counts as positive, or for all where the problem names none.
    """
    labels, problem = [str(label) for label in evidence.codec.labels], evidence.problem
    counted = [str(problem.positive)] if problem.positive is not None else labels
    threshold = cheapest_score(
        [matches(*validation, labels.index(label), OVERLAP) for label in counted], problem.costs
    )
    found = {label: matches(*test, labels.index(label), OVERLAP) for label in labels}
    boxes = [_counts(label, found[label], threshold) for label in labels]
    return {
        "threshold": threshold,
        "reason": f"cheapest score on {len(validation[0])} validation rows for {_and(counted)}, "
        f"with a false box at {problem.costs.false_positive:g} and a missed one at "
        f"{problem.costs.false_negative:g}; a box is found from an overlap of {OVERLAP:g} on",
        "form": "frequencies",
        "consequences": _rows(counted, found, threshold, evidence),
        "statements": [_in_words(count, len(test[0]), problem) for count in boxes],
        "boxes": boxes,
    }


def cheapest_score(found: Sequence[Matches], costs: Costs) -> float:
    """Return the score from which on to tell boxes, at the lowest total cost.

    Of equally cheap ones, the middle of the widest gap between two scores.
    """
    scores = np.concatenate([part.scores for part in found])
    hits = np.concatenate([part.hits for part in found])
    order = np.argsort(-scores, kind="stable")
    gain = costs.false_negative - costs.true_positive
    change = np.where(hits[order], -gain, costs.false_positive)
    cost = np.concatenate([[0.0], np.cumsum(change)])
    edges = np.concatenate([[1.0], scores[order], [0.0]])
    cheapest = np.flatnonzero(np.isclose(cost, cost.min(), rtol=1e-9, atol=1e-9))
    gaps = edges[cheapest] - edges[cheapest + 1]
    best = cheapest[int(gaps.argmax())]
    return float((edges[best] + edges[best + 1]) / 2)


def _counts(label: str, found: Matches, threshold: float) -> dict[str, Any]:
    told = found.scores >= threshold
    hits = int((told & found.hits).sum())
    return {
        "label": label,
        "there": int(found.there.sum()),
        "found": hits,
        "missed": int(found.there.sum()) - hits,
        "taken_for_it": int((told & found.elsewhere).sum()),
        "false": int((told & ~found.hits & ~found.elsewhere).sum()),
    }


def _rows(
    counted: Sequence[str], found: dict[str, Matches], threshold: float, evidence: Evidence
) -> list[dict[str, Any]]:
    """Return how many images are answered without fault, and how many with which one."""
    rows = len(evidence.test.y)
    missed, false = np.zeros(rows, dtype=int), np.zeros(rows, dtype=int)
    for label in counted:
        part = found[label]
        told = part.scores >= threshold
        missed += part.there - np.bincount(part.images[told & part.hits], minlength=rows)
        false += np.bincount(part.images[told & ~part.hits], minlength=rows)
    what = _and(counted)
    kinds = {
        f"every {what} found, and nothing else": (missed == 0) & (false == 0),
        f"a {what} missed": missed > 0,
        f"a false alarm: something else taken for {what}": false > 0,
    }
    return [
        frequency(name, mask, evidence.test.weights, evidence.problem, evidence.confidence)
        for name, mask in kinds.items()
    ]


def _in_words(count: dict[str, Any], rows: int, problem: Problem) -> str:
    label, volume = count["label"], problem.volume_per_day

    def daily(number: int) -> str:
        return f"{number}" + (f" ({number / rows * volume:,.0f} a day)" if volume else "")

    return (
        f"Of {count['there']} boxes labelled {label} in {rows} test {problem.unit}s, "
        f"{count['found']} are found and {daily(count['missed'])} missed; "
        f"{daily(count['taken_for_it'])} of another label are taken for {label}, and "
        f"{daily(count['false'])} boxes of it are told where there is nothing."
    )


def _and(labels: Sequence[str]) -> str:
    return labels[0] if len(labels) == 1 else "box"
