"""How outputs become answers, and what that means in cases and money a day (book, 6.3.1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from mlrecipe.evaluation.conformal import interval_of
from mlrecipe.evaluation.intervals import weighted_share
from mlrecipe.evaluation.sentences import day_in_words, interval_in_words
from mlrecipe.interfaces import Array, Evidence
from mlrecipe.preparation.target_codec import TargetCodec
from mlrecipe.problem import Costs, Problem


def decide_classes(
    evidence: Evidence, decode: Callable[[Array, TargetCodec, float], Array]
) -> dict[str, Any]:
    """Return the decision of a task with one label a row; see `Task.decide`.

    Args:
        evidence: what was answered.
        decode: the task's own.
    """
    codec, test = evidence.codec, evidence.test
    y = test.y
    threshold, reason = 0.5, "the most probable class is the answer"
    if len(codec.labels) == 2:
        threshold, reason = cheapest_threshold(evidence)
    labels = np.array(codec.labels, dtype=object)
    truth = labels[(y[:, 0] > 0.5).astype(int) if y.shape[1] == 1 else y.argmax(axis=1)]
    answers = decode(test.outputs, codec, threshold)
    return {
        "threshold": threshold,
        "reason": reason,
        "form": "frequencies",
        "consequences": consequences_of_classes(
            truth, answers, codec.labels, evidence.problem, evidence.confidence, test.weights
        ),
        "statements": day_in_words(truth, answers, codec.labels, evidence.problem, test.weights),
        "labels": list(codec.labels),
        "confusion": confusion(truth, answers, codec.labels),
        "rates": rates_of_classes(truth, answers, codec.labels, test.weights)
        if len(codec.labels) == 2
        else None,
    }


def decide_numbers(evidence: Evidence) -> dict[str, Any]:
    """Return the decision of a regression; see `Task.decide`."""
    test = evidence.test
    interval = interval_of(evidence.validation, evidence.confidence)
    return {
        "threshold": 0.5,
        "reason": "the outputs are the answers, in the target's unit",
        "form": "errors",
        "consequences": consequences_of_numbers(
            test.y, test.outputs, evidence.codec.columns, test.weights
        ),
        "statements": []
        if interval is None
        else [interval_in_words(interval, evidence.codec.columns, test)],
        "interval": None if interval is None else interval.model_dump(mode="json"),
    }


def cheapest_threshold(evidence: Evidence) -> tuple[float, str]:
    """Return the probability from which on to answer positive, and why."""
    costs, rows = evidence.problem.costs, evidence.validation
    threshold = best_threshold(rows.y[:, 0], rows.outputs[:, 0], costs, rows.weights)
    further = ""
    if costs.true_positive or costs.true_negative:
        further = f", a found one at {costs.true_positive:g} and a recognized one at "
        further += f"{costs.true_negative:g}"
    return threshold, (
        f"cheapest on {len(rows.y)} validation rows, with a false alarm at "
        f"{costs.false_positive:g} and a missed case at {costs.false_negative:g}{further}"
    )


def best_threshold(
    y: Array, probability: Array, costs: Costs, weights: Array | None = None
) -> float:
    """Return the probability from which on to answer positive, at the lowest total cost.

    Args:
        y: 0 or 1 (rows,), validation rows.
        probability: of the positive class (rows,).
        costs: of each of the four kinds of answer; a gain is a cost below 0.
        weights: how many cases each row stands for (rows,); None: all alike.

    Of several equally cheap thresholds the middle of the widest gap is taken: it is the least
    sensitive to small changes of the model.
    """
    weights = np.ones(len(y)) if weights is None else np.asarray(weights, dtype=np.float64)
    order, place = np.unique(probability, return_inverse=True)
    edges = np.concatenate([[0.0], (order[1:] + order[:-1]) / 2, [1.0]])
    positive, negative = (
        np.bincount(place, np.where(rows, weights, 0.0), len(order)) for rows in (y > 0.5, y <= 0.5)
    )
    # The first edge lies below every probability but at those of 0; the last at those of 1.
    below = np.searchsorted(order, edges, side="left")
    missed = np.concatenate([[0.0], np.cumsum(positive)])[below]
    passed = np.concatenate([[0.0], np.cumsum(negative)])[below]
    cost = (
        missed * costs.false_negative
        + (positive.sum() - missed) * costs.true_positive
        + (negative.sum() - passed) * costs.false_positive
        + passed * costs.true_negative
    )
    cheapest = np.flatnonzero(np.isclose(cost, cost.min(), rtol=1e-9, atol=1e-9))
    gaps = np.diff(np.concatenate([[0.0], order, [1.0]]))
    return float(edges[cheapest[np.argmax(gaps[cheapest])]])


def consequences_of_classes(
    truth: Array,
    answers: Array,
    labels: tuple[Any, ...],
    problem: Problem,
    confidence: float,
    weights: Array | None = None,
) -> list[dict[str, Any]]:
    """Return how often each kind of answer occurs: shares of all cases, and cases a day.

    Args:
        truth, answers: labels (rows,).
        labels: for two of them (negative, positive).
        problem: for the volume a day.
        confidence: level of the intervals, by Wilson with Kish's effective number of rows.
        weights: how many cases each row stands for (rows,); None: all alike.
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
    weights = np.ones(len(truth)) if weights is None else weights
    return [frequency(name, mask, weights, problem, confidence) for name, mask in kinds.items()]


def frequency(
    name: str, mask: Array, weights: Array, problem: Problem, confidence: float
) -> dict[str, Any]:
    """Return how often something is so: a share of the rows, its interval, and cases a day.

    Args:
        name: what it is.
        mask: where it is so, bool (rows,).
        weights: how many cases each row stands for (rows,).
        problem: for the volume a day.
        confidence: level of the interval.
    """
    share, low, high = weighted_share(mask, weights, confidence)
    found: dict[str, Any] = {
        "name": name,
        "count": int(mask.sum()),
        "share": share,
        "low": low,
        "high": high,
    }
    if problem.volume_per_day is not None:
        shares = ("share", "low", "high")
        found |= {f"{key}_per_day": found[key] * problem.volume_per_day for key in shares}
    return found


def rates_of_classes(
    truth: Array, answers: Array, labels: tuple[Any, ...], weights: Array | None = None
) -> dict[str, float | None]:
    """Return accuracy, false negative and false positive rate, and precision (binary).

    None where there is nothing to divide by. ``majority_accuracy`` is what always answering with
    the more frequent label would reach.
    """
    weights = np.ones(len(truth)) if weights is None else weights.astype(np.float64)
    positive = labels[1]
    total = weights.sum()
    is_positive, says_positive = truth == positive, answers == positive
    right = is_positive == says_positive

    def share(part: Array, whole: Array) -> float | None:
        rows = weights[whole].sum()
        return float(weights[part & whole].sum() / rows) if rows else None

    positives = float(weights[is_positive].sum() / total)
    return {
        "accuracy": float(weights[right].sum() / total),
        "majority_accuracy": max(positives, 1 - positives),
        "false_negative_rate": share(~says_positive, is_positive),
        "false_positive_rate": share(says_positive, ~is_positive),
        "precision": share(is_positive, says_positive),
    }


def costs_per_day(
    y: Array,
    answers: dict[str, Array],
    problem: Problem,
    *,
    classification: bool,
    confidence: float,
    weights: Array | None = None,
) -> list[dict[str, Any]]:
    """Return what each way of answering costs, a case and a day, the cheapest first.

    Args:
        y: encoded targets (rows, outputs), 0 and 1 for a binary task.
        answers: name -> answers (rows, outputs); for a binary task 0 and 1, decided already.
        problem: costs and volume.
        classification: whether the task is binary; else a regression.
        confidence: level of the intervals: a weighted mean's, by its linearized standard error
            (Särndal, Swensson and Wretman, 1992, 5.7) and the normal distribution.
        weights: how many cases each row stands for (rows,); None: all alike.
    """
    from scipy.stats import norm

    z = float(norm.ppf(0.5 + confidence / 2))
    weights = np.ones(len(y)) if weights is None else np.asarray(weights, dtype=np.float64)
    found = []
    for name, given in answers.items():
        costs = case_costs(y, given, problem.costs, classification=classification)
        mean = float(np.average(costs, weights=weights))
        half = z * float(np.sqrt((weights**2 * (costs - mean) ** 2).sum())) / weights.sum()
        row = {"cost": mean, "low": mean - half, "high": mean + half}
        if problem.volume_per_day is not None:
            row |= {f"{key}_per_day": value * problem.volume_per_day for key, value in row.items()}
        found.append((row["cost"], {"name": name, **row}))
    return [row for _, row in sorted(found, key=lambda item: item[0])]


def case_costs(y: Array, answers: Array, costs: Costs, *, classification: bool) -> Array:
    """Return what each answer costs (rows,)."""
    if not classification:
        return np.asarray(np.abs(y.astype(np.float64) - answers).sum(axis=1) * costs.per_unit)
    positive, says = y[:, 0] > 0.5, answers[:, 0] > 0.5
    return np.where(
        positive,
        np.where(says, costs.true_positive, costs.false_negative),
        np.where(says, costs.false_positive, costs.true_negative),
    )


def consequences_of_numbers(
    y: Array, outputs: Array, targets: tuple[str, ...], weights: Array | None = None
) -> list[dict[str, Any]]:
    """Return how far off the answers are, for every target in its own unit."""
    found = []
    for i, name in enumerate(targets):
        errors = np.abs(y[:, i] - outputs[:, i])
        found.append(
            {
                "name": name,
                "half_within": _quantile(errors, 0.5, weights),
                "nine_in_ten_within": _quantile(errors, 0.9, weights),
                "largest": float(errors.max()),
            }
        )
    return found


def _quantile(values: Array, share: float, weights: Array | None) -> float:
    """Return the value below which a share of the cases lies."""
    if weights is None or bool((weights == weights[0]).all()):
        return float(np.quantile(values, share))
    order = np.argsort(values)
    below = np.cumsum(weights[order], dtype=np.float64)
    place = int(np.searchsorted(below, share * below[-1]))
    return float(values[order][min(place, len(values) - 1)])


def confusion(truth: Array, answers: Array, labels: tuple[Any, ...]) -> list[list[int]]:
    """Return counts: a row a true label, a column an answer, in the order of the labels."""
    position = {label: i for i, label in enumerate(labels)}
    table = np.zeros((len(labels), len(labels)), dtype=int)
    for t, a in zip(truth, answers, strict=True):
        table[position[t], position[a]] += 1
    return [[int(n) for n in row] for row in table]
