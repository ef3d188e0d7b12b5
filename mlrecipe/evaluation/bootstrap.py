"""The bootstrap: how far a score moves when the rows that it is measured on are drawn anew."""

from __future__ import annotations

import numpy as np

from mlrecipe.interfaces import Array, Metric

RESAMPLES = 1000
"""Samples for up to 10,000 rows; percentiles at 95 % are stable from here on (Efron & Tibshirani,
1993, section 13.3)."""

FEWEST_RESAMPLES = 200
"""Samples for very many rows, whose intervals are so narrow that their own noise is of no account."""

BLOCK_CELLS = 2_000_000
"""Drawn positions in memory at a time: 16 MB."""


def resamples(rows: int) -> int:
    """Return how many samples are drawn for so many rows."""
    return int(np.clip(10_000_000 // max(rows, 1), FEWEST_RESAMPLES, RESAMPLES))


def method(rows: int) -> str:
    """Say how intervals come about, for the reports."""
    return f"percentile bootstrap of {resamples(rows)} samples of the rows, drawn within each fold"


def sample_scores(
    metric: Metric, y: Array, outputs: Array, weights: Array, *, seed: int, count: int
) -> Array:
    """Return the metric's score on each of ``count`` samples of the rows: float64 (count,).

    The same seed draws the same rows for every model, so that differences are paired.

    Args:
        y, outputs: float32 (rows, outputs).
        weights: how much each row counts (rows,).
    """
    draws = np.random.default_rng(seed)
    block = max(1, BLOCK_CELLS // max(len(y), 1))
    scores = []
    for start in range(0, count, block):
        positions = draws.integers(0, len(y), (min(block, count - start), len(y)))
        scores.append(metric.score_samples(y, outputs, positions, weights))
    return np.concatenate(scores)


def interval(samples: Array, confidence: float) -> tuple[float, float]:
    """Return the percentile interval of samples (samples,); those without a score are left out."""
    tail = (1 - confidence) / 2
    known = samples[np.isfinite(samples)]
    if not len(known):
        return float("nan"), float("nan")
    low, high = np.quantile(known, [tail, 1 - tail])
    return float(low), float(high)
