"""How outputs become answers, and what that means in cases a day (book, 6.3.1)."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlrecipe.evaluation.intervals import wilson
from mlrecipe.interfaces import Array
from mlrecipe.problem import Costs, Problem


def best_threshold(y: Array, probability: Array, costs: Costs) -> float:
    """Return the probability from which on to answer positive, at the lowest total cost.

    Args:
        y: 0 or 1 (rows,), validation rows.
        probability: of the positive class (rows,).
        costs: of a false alarm and of a missed case.

    Of several equally cheap thresholds the middle of the widest gap is taken: it is the least
    sensitive to small changes of the model.
    """
    order = np.sort(np.unique(probability))
    edges = np.concatenate([[0.0], (order[1:] + order[:-1]) / 2, [1.0]])
    positive, negative = np.sort(probability[y > 0.5]), np.sort(probability[y <= 0.5])
    missed = np.searchsorted(positive, edges, side="left")
    alarms = len(negative) - np.searchsorted(negative, edges, side="left")
    cost = missed * costs.false_negative + alarms * costs.false_positive
    cheapest = np.flatnonzero(np.isclose(cost, cost.min()))
    gaps = np.diff(np.concatenate([[0.0], order, [1.0]]))
    return float(edges[cheapest[np.argmax(gaps[cheapest])]])


def consequences_of_classes(
    truth: Array, answers: Array, labels: tuple[Any, ...], problem: Problem, confidence: float
) -> list[dict[str, Any]]:
    """Return how often each kind of answer occurs: shares of all cases, and cases a day.

    Args:
        truth, answers: labels (rows,).
        labels: for two of them (negative, positive).
    """
    if len(labels) == 2:
        negative, positive = labels
        kinds = {
            f"{positive} found": (truth == positive) & (answers == positive),
            f"{positive} missed": (truth == positive) & (answers == negative),
            f"false alarm: {negative} taken for {positive}": (truth == negative)
            & (answers == positive),
            f"{negative} recognized": (truth == negative) & (answers == negative),
        }
    else:
        kinds = {"answered correctly": truth == answers, "answered wrongly": truth != answers}
    return [_frequency(name, mask, problem, confidence) for name, mask in kinds.items()]


def _frequency(name: str, mask: Array, problem: Problem, confidence: float) -> dict[str, Any]:
    count, rows = int(mask.sum()), len(mask)
    low, high = wilson(count, rows, confidence)
    found: dict[str, Any] = {
        "name": name,
        "count": count,
        "share": count / rows,
        "low": low,
        "high": high,
    }
    if problem.volume_per_day is not None:
        shares = ("share", "low", "high")
        found |= {f"{key}_per_day": found[key] * problem.volume_per_day for key in shares}
    return found


def consequences_of_numbers(
    y: Array, outputs: Array, targets: tuple[str, ...]
) -> list[dict[str, Any]]:
    """Return how far off the answers are, for every target in its own unit."""
    found = []
    for i, name in enumerate(targets):
        errors = np.abs(y[:, i] - outputs[:, i])
        found.append(
            {
                "name": name,
                "half_within": float(np.quantile(errors, 0.5)),
                "nine_in_ten_within": float(np.quantile(errors, 0.9)),
                "largest": float(errors.max()),
            }
        )
    return found


def confusion(truth: Array, answers: Array, labels: tuple[Any, ...]) -> list[list[int]]:
    """Return counts: a row a true label, a column an answer, in the order of the labels."""
    position = {label: i for i, label in enumerate(labels)}
    table = np.zeros((len(labels), len(labels)), dtype=int)
    for t, a in zip(truth, answers, strict=True):
        table[position[t], position[a]] += 1
    return [[int(n) for n in row] for row in table]
