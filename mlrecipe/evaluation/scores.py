"""Scores over folds, with bootstrap intervals, and paired comparisons of two models."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mlrecipe.evaluation.intervals import interval, percentiles, resamples, sample_scores
from mlrecipe.interfaces import Array, Metric


def score_folds(
    metrics: Sequence[Metric],
    y: Array,
    outputs: Array,
    validation_rows: Sequence[Array],
    *,
    confidence: float,
    seed: int,
    weights: Array | None = None,
) -> dict[str, dict[str, Any]]:
    """Return a score with its interval for every metric.

    Args:
        y, outputs: float32 (development rows, outputs).
        validation_rows: positions of each fold's validation rows.
        confidence: level of the interval.
        seed: for the bootstrap.
        weights: how much each development row counts (rows,); None: all alike.

    Returns:
        Metric name -> ``{"mean", "low", "high", "folds"}``.
    """
    weights = np.ones(len(y)) if weights is None else weights
    found = {}
    for metric in metrics:
        folds = _of_folds(metric, y, outputs, weights, validation_rows)
        samples = _samples(metric, y, outputs, weights, validation_rows, seed)
        rows = np.concatenate(validation_rows)
        low, high = interval(metric, y[rows], outputs[rows], weights[rows], samples, confidence)
        found[metric.name] = {
            "mean": float(np.mean(folds)),
            "low": low,
            "high": high,
            "folds": folds,
        }
    return found


def compare(
    metric: Metric,
    y: Array,
    ours: Array,
    theirs: Array,
    validation_rows: Sequence[Array],
    *,
    confidence: float,
    seed: int,
    weights: Array | None = None,
) -> dict[str, Any]:
    """Compare two models on the same rows, by a paired bootstrap.

    Returns:
        ``{"difference", "low", "high", "confidence", "better"}``; the difference is positive when
        ours is better, whatever the direction of the metric; better when the interval lies above 0.
    """
    weights = np.ones(len(y)) if weights is None else weights
    sign = 1 if metric.greater_is_better else -1
    samples, means = [], []
    for outputs in (ours, theirs):
        samples.append(_samples(metric, y, outputs, weights, validation_rows, seed))
        means.append(np.mean(_of_folds(metric, y, outputs, weights, validation_rows)))
    low, high = percentiles(sign * (samples[0] - samples[1]), confidence)
    return {
        "difference": float(sign * (means[0] - means[1])),
        "low": low,
        "high": high,
        "confidence": confidence,
        "better": low > 0,
    }


def _of_folds(
    metric: Metric, y: Array, outputs: Array, weights: Array, validation_rows: Sequence[Array]
) -> list[float]:
    return [metric.score(y[rows], outputs[rows], weights[rows]) for rows in validation_rows]


def _samples(
    metric: Metric,
    y: Array,
    outputs: Array,
    weights: Array,
    validation_rows: Sequence[Array],
    seed: int,
) -> Array:
    """Return the mean score over the folds in every bootstrap sample: float64 (samples,).

    Rows are drawn within their fold: outputs of different folds come from different models.
    """
    count = resamples(max(map(len, validation_rows)))
    folds = [
        sample_scores(metric, y[r], outputs[r], weights[r], seed=seed + number, count=count)
        for number, r in enumerate(validation_rows)
    ]
    return np.mean(folds, axis=0)
