"""Scores over folds, with bootstrap intervals, and paired comparisons of two models."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mlrecipe.evaluation.intervals import interval, percentiles, sample_scores
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


def compare(
    metric: Metric,
    ours: Sequence[Outcomes],
    theirs: Sequence[Outcomes],
    *,
    confidence: float,
    seed: int,
) -> dict[str, Any]:
    """Compare two models on the same rows, by a paired bootstrap.

    Returns:
        ``{"difference", "low", "high", "confidence", "better"}``; the difference is positive when
        ours is better, whatever the direction of the metric; better when the interval lies above 0.
    """
    sign = 1 if metric.greater_is_better else -1
    samples, means = [], []
    for parts in (ours, theirs):
        samples.append(sample_scores(metric, parts, seed=seed))
        means.append(np.mean([metric.score(p.y, p.outputs, p.weights) for p in parts]))
    low, high = percentiles(sign * (samples[0] - samples[1]), confidence)
    return {
        "difference": float(sign * (means[0] - means[1])),
        "low": low,
        "high": high,
        "confidence": confidence,
        "better": low > 0,
    }
