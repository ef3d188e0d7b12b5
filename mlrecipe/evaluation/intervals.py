"""Confidence intervals of scores: in closed form for shares of rows, else by the bootstrap."""

from __future__ import annotations

import math

import numpy as np

from mlrecipe.comparison.summaries import effective_rows
from mlrecipe.interfaces import Array, Metric

RESAMPLES = 1000
"""Samples for up to 10,000 rows; percentiles at 95 % are stable from here on (Efron & Tibshirani,
1993, section 13.3)."""

FEWEST_RESAMPLES = 200
"""Samples for very many rows; their intervals are so narrow that noise in them is of no account."""

BLOCK_CELLS = 2_000_000
"""Draws in memory at a time: 16 MB."""


def resamples(rows: int) -> int:
    """Return how many samples are drawn for so many rows."""
    return int(np.clip(10_000_000 // max(rows, 1), FEWEST_RESAMPLES, RESAMPLES))


def method(rows: int) -> str:
    """Say how intervals come about, for the reports."""
    return (
        f"percentile bootstrap of {resamples(rows)} samples of the rows, drawn within each fold; "
        "for metrics that are a share of rows, Wilson's interval"
    )


def sample_scores(
    metric: Metric, y: Array, outputs: Array, weights: Array, *, seed: int, count: int
) -> Array:
    """Return the metric's score on each of ``count`` samples of the rows: float64 (count,).

    The same seed draws the same rows for every model, so that differences are paired.

    Args:
        y, outputs: float32 (rows, outputs).
        weights: how much each row counts (rows,).
    """
    random = np.random.default_rng(seed)
    block = max(1, BLOCK_CELLS // max(len(y), 1))
    scores = []
    for start in range(0, count, block):
        drawn = _draws(random, min(block, count - start), len(y))
        scores.append(metric.score_samples(y, outputs, drawn * weights))
    return np.concatenate(scores)


def _draws(random: np.random.Generator, samples: int, rows: int) -> Array:
    """Return how often each sample drew each row, with replacement: int64 (samples, rows)."""
    positions = random.integers(0, rows, (samples, rows)) + rows * np.arange(samples)[:, None]
    return np.bincount(positions.ravel(), minlength=samples * rows).reshape(samples, rows)


def percentiles(samples: Array, confidence: float) -> tuple[float, float]:
    """Return the percentile interval of samples (samples,); those without a score are left out."""
    tail = (1 - confidence) / 2
    known = samples[np.isfinite(samples)]
    if not len(known):
        return float("nan"), float("nan")
    low, high = np.quantile(known, [tail, 1 - tail])
    return float(low), float(high)


def interval(
    metric: Metric, y: Array, outputs: Array, weights: Array, samples: Array, confidence: float
) -> tuple[float, float]:
    """Return the interval of a score.

    A metric that is a share of rows gets Wilson's, which holds for few rows and for a share of 0
    or 1, where the bootstrap shrinks to a point; every other one the percentiles of its samples.

    Args:
        y, outputs: float32 (rows, outputs).
        weights: how much each row counts (rows,).
        samples: the metric's score on bootstrap samples (samples,).
    """
    hits = metric.row_scores(y, outputs)
    if hits is None or not metric.share:
        return percentiles(samples, confidence)
    counted = np.isfinite(hits)
    if not counted.any():
        return float("nan"), float("nan")
    return weighted_share(hits[counted] > 0.5, weights[counted], confidence)[1:]


def weighted_share(mask: Array, weights: Array, confidence: float) -> tuple[float, float, float]:
    """Return the share of the cases that a mask selects, with its interval; NaN for no rows."""
    total = float(weights.sum(dtype=np.float64))
    if not total:
        return float("nan"), 0.0, 1.0
    share = float(weights[mask].sum(dtype=np.float64)) / total
    size = effective_rows(weights)
    low, high = wilson(share * size, size, confidence)
    return share, low, high


def wilson(hits: float, rows: float, confidence: float) -> tuple[float, float]:
    """Return the interval of a share (Wilson, 1927); it holds for few rows and rare cases too.

    For weighted rows, give the effective sample size as ``rows``, and ``hits`` in proportion.
    """
    from scipy.stats import norm

    if not rows:
        return 0.0, 1.0
    z = float(norm.ppf(0.5 + confidence / 2))
    share, weight = hits / rows, z * z / rows
    middle = (share + weight / 2) / (1 + weight)
    half = z * math.sqrt(max(share * (1 - share), 0) / rows + weight / (4 * rows)) / (1 + weight)
    return max(0.0, middle - half), min(1.0, middle + half)
