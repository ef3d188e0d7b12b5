"""Scores over folds, with bootstrap intervals, and paired comparisons of two models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import NormalDist
from typing import Any

import numpy as np

from mlrecipe.evaluation.intervals import interval, percentiles, sample_scores
from mlrecipe.evaluation.splitting import Split
from mlrecipe.interfaces import Metric, Outcomes


def score_folds(
    metrics: Sequence[Metric], parts: Sequence[Outcomes], *, confidence: float, seed: int
) -> dict[str, dict[str, Any]]:
    """Return a score with its interval for every metric.

    Args:
        metrics: what to score by.
        parts: the validation rows of each fold, as metrics take them.
        confidence: level of the interval.
        seed: for the bootstrap.

    Returns:
        Metric name -> ``{"mean", "low", "high", "folds"}``.
    """
    found = {}
    for metric in metrics:
        folds = [metric.score(part.y, part.outputs, part.weights) for part in parts]
        samples = sample_scores(metric, parts, seed=seed)
        low, high = interval(metric, parts, samples, confidence)
        found[metric.name] = {
            "mean": float(np.mean(folds)),
            "low": low,
            "high": high,
            "folds": folds,
        }
    return found


def level_of_each(confidence: float, comparisons: int) -> float:
    """Return the level of each comparison, for all together to be wrong no oftener than one would.

    Bonferroni's: what may go wrong is divided among them.
    """
    return 1 - (1 - confidence) / comparisons


def dependence_of(splits: Sequence[Split]) -> float:
    """Return how much larger the variance of a mean over folds is than the bootstrap sees.

    2 where two folds learn from each other's validation rows, as in K-fold validation; else 1. When
    there is nothing to learn, what fold f owes to the rows of fold g, fold g owes to those of f: in
    a linear model the two are the same number, counted twice, and the variance of the sum doubles
    (Bengio and Grandvalet, 2004, on why it cannot be estimated from the folds; Nadeau and Bengio,
    2003, correct by 2.25 for five folds). With a strong signal it is less; to be used where "there
    is nothing to learn" is what has to be ruled out. `benchmarks/power_gate.py` measures it.
    """
    for number, (train, valid) in enumerate(splits):
        for other_train, other_valid in splits[:number]:
            if np.isin(valid, other_train).any() and np.isin(other_valid, train).any():
                return 2.0
    return 1.0


def compare(
    metric: Metric,
    ours: Sequence[Outcomes],
    theirs: Sequence[Outcomes],
    *,
    confidence: float,
    seed: int,
    dependence: float = 1.0,
) -> dict[str, Any]:
    """Compare two models on the same rows, by a paired bootstrap.

    Args:
        dependence: by how much the variance of the difference exceeds what the bootstrap sees,
            which takes the folds' models for given; see `dependence_of`.

    Returns:
        ``{"difference", "low", "high", "confidence", "better"}``; the difference is positive when
        ours is better, whatever the direction of the metric; better when the interval lies above 0.
    """
    sign = 1 if metric.greater_is_better else -1
    samples, means = [], []
    for parts in (ours, theirs):
        samples.append(sample_scores(metric, parts, seed=seed))
        means.append(np.mean([metric.score(p.y, p.outputs, p.weights) for p in parts]))
    difference = float(sign * (means[0] - means[1]))
    low, high = percentiles(sign * (samples[0] - samples[1]), confidence)
    wider = dependence**0.5
    low, high = (difference + wider * (end - difference) for end in (low, high))
    return {
        "difference": difference,
        "low": low,
        "high": high,
        "confidence": confidence,
        "better": low > 0,
    }


def within_a_standard_error(behind: Mapping[str, Any]) -> bool:
    """Return whether the best of several models is no better than one of them, but for noise.

    The one-standard-error rule (Breiman et al., 1984, 3.4.3), by the error of the difference.

    Args:
        behind: the best model compared with the other, by `compare`.
    """
    level = NormalDist().inv_cdf(0.5 + behind["confidence"] / 2)
    error = (behind["high"] - behind["low"]) / (2 * level)
    return bool(behind["difference"] <= error)
