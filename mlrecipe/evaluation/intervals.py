"""Confidence intervals of scores: in closed form for shares of rows, else by the bootstrap."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from mlrecipe.comparison.summaries import effective_rows
from mlrecipe.interfaces import Array, Metric, Outcomes

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
        f"percentile bootstrap of {resamples(rows)} samples of the rows (of the groups, where rows "
        "are grouped), paired over models and folds; for metrics that are a share of rows, "
        "Wilson's interval"
    )


def sample_scores(
    metric: Metric, parts: Sequence[Outcomes], *, seed: int, count: int | None = None
) -> Array:
    """Return the mean score over the parts in every bootstrap sample: float64 (samples,).

    What is drawn are units (Field and Welsh, 2007: the cluster bootstrap): rows of one group, and
    the answers of several splits to one row, come and go together. The same seed draws the same
    units for every model, so that differences are paired.

    Args:
        parts: the validation rows of each fold; or all rows, as one part.
        count: number of samples; None: what `resamples` says.
    """
    places, units = _places(parts)
    random = np.random.default_rng(seed)
    count = count or resamples(sum(len(part.weights) for part in parts))
    block = max(1, BLOCK_CELLS // max(units, 1))
    scores = []
    for start in range(0, count, block):
        drawn = _draws(random, min(block, count - start), units)
        folds = [
            metric.score_samples(part.y, part.outputs, drawn[:, place] * part.weights)
            for part, place in zip(parts, places, strict=True)
        ]
        scores.append(np.mean(folds, axis=0))
    return np.concatenate(scores)


def _places(parts: Sequence[Outcomes]) -> tuple[list[Array], int]:
    """Return for each part the number of the unit (rows,) of every row, and how many there are."""
    sizes = [len(part.weights) for part in parts]
    ends = np.cumsum(sizes)[:-1]
    if any(part.units is None for part in parts):
        return np.split(np.arange(sum(sizes)), ends), sum(sizes)
    known = np.concatenate([np.asarray(part.units) for part in parts])
    distinct, places = np.unique(known, return_inverse=True)
    return np.split(places, ends), len(distinct)


def _draws(random: np.random.Generator, samples: int, units: int) -> Array:
    """Return how often each sample drew each unit, with replacement: int64 (samples, units)."""
    positions = random.integers(0, units, (samples, units)) + units * np.arange(samples)[:, None]
    return np.bincount(positions.ravel(), minlength=samples * units).reshape(samples, units)


def percentiles(samples: Array, confidence: float) -> tuple[float, float]:
    """Return the percentile interval of samples (samples,); those without a score are left out."""
    tail = (1 - confidence) / 2
    known = samples[np.isfinite(samples)]
    if not len(known):
        return float("nan"), float("nan")
    low, high = np.quantile(known, [tail, 1 - tail])
    return float(low), float(high)


def interval(
    metric: Metric, parts: Sequence[Outcomes], samples: Array, confidence: float
) -> tuple[float, float]:
    """Return the interval of a score.

    A metric that is a share of rows gets Wilson's, which holds for few rows and for a share of 0
    or 1, where the bootstrap shrinks to a point; every other one the percentiles of its samples.
    Where rows are no independent evidence, Wilson's is for as many rows as they are worth.

    Args:
        parts: the validation rows of each fold; or all rows, as one part.
        samples: the metric's score on bootstrap samples (samples,).
    """
    if not metric.share:  # only shares look at the rows themselves
        return percentiles(samples, confidence)
    y, outputs, weights = (
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("y", "outputs", "weights")
    )
    hits = metric.row_scores(y, outputs)
    if hits is None:
        return percentiles(samples, confidence)
    counted = np.isfinite(hits)
    if not counted.any():
        return float("nan"), float("nan")
    hit, weights = hits[counted] > 0.5, weights[counted]
    evidence = _evidence(np.concatenate(_places(parts)[0])[counted], hit, weights, samples)
    return weighted_share(hit, weights, confidence, evidence)[1:]


def _evidence(units: Array, hit: Array, weights: Array, samples: Array) -> float:
    """Return how many independent rows a share of rows rests on.

    The rows themselves, where each is a unit; else the share's binomial variance over that of the
    bootstrap of units (the design effect: Kish, 1965; Wilson's interval with it: Franco et al.,
    2019), between the number of units and that of rows.
    """
    rows, distinct = effective_rows(weights), len(np.unique(units))
    if distinct == len(units):
        return rows
    share = float(np.average(hit, weights=weights))
    variance = float(np.nanvar(samples))
    if not variance:
        return min(rows, float(distinct))
    return float(np.clip(share * (1 - share) / variance, min(rows, distinct), rows))


def weighted_share(
    mask: Array, weights: Array, confidence: float, evidence: float | None = None
) -> tuple[float, float, float]:
    """Return the share of the cases that a mask selects, with its interval; NaN for no rows.

    Args:
        evidence: how many independent rows it rests on; None: as many as the weights leave.
    """
    total = float(weights.sum(dtype=np.float64))
    if not total:
        return float("nan"), 0.0, 1.0
    share = float(weights[mask].sum(dtype=np.float64)) / total
    size = effective_rows(weights) if evidence is None else evidence
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
