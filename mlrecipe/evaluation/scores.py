"""Scores over folds, with bootstrap intervals, and paired comparisons of two models."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mlrecipe.interfaces import Array, Metric

RESAMPLES = 1000
"""Bootstrap samples; 95 % percentiles are stable from 1000 on (Efron & Tibshirani, 1993)."""


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
        folds = [metric.score(y[r], outputs[r], weights[r]) for r in validation_rows]
        samples = _bootstrap(metric, y, [outputs], weights, validation_rows, seed)[:, 0]
        low, high = interval(samples, confidence)
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
    samples = _bootstrap(metric, y, [ours, theirs], weights, validation_rows, seed)
    low, high = interval(sign * (samples[:, 0] - samples[:, 1]), confidence)
    means = [
        np.mean([metric.score(y[r], outputs[r], weights[r]) for r in validation_rows])
        for outputs in (ours, theirs)
    ]
    return {
        "difference": float(sign * (means[0] - means[1])),
        "low": low,
        "high": high,
        "confidence": confidence,
        "better": low > 0,
    }


def interval(samples: Array, confidence: float) -> tuple[float, float]:
    """Return the percentile interval of bootstrap samples (samples,); NaN ones are left out."""
    tail = (1 - confidence) / 2
    known = samples[np.isfinite(samples)]
    if not len(known):
        return float("nan"), float("nan")
    low, high = np.quantile(known, [tail, 1 - tail])
    return float(low), float(high)


def bootstrap_positions(rows: int, seed: int) -> Array:
    """Return int64 positions (RESAMPLES, rows), drawn with replacement."""
    return np.random.default_rng(seed).integers(0, rows, (RESAMPLES, rows))


def _bootstrap(
    metric: Metric,
    y: Array,
    models: list[Array],
    weights: Array,
    validation_rows: Sequence[Array],
    seed: int,
) -> Array:
    """Return the mean score over the folds of every model in every sample: (samples, models).

    Rows are drawn within their fold: outputs of different folds come from different models.
    """
    totals = np.zeros((RESAMPLES, len(models)))
    for fold, rows in enumerate(validation_rows):
        positions = bootstrap_positions(len(rows), seed + fold)
        for m, outputs in enumerate(models):
            totals[:, m] += metric.score_samples(y[rows], outputs[rows], positions, weights[rows])
    return totals / len(validation_rows)
