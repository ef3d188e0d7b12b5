"""How far two distributions lie apart: effect sizes, and what chance alone would do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from mlrecipe.comparison.summaries import Categories, Numbers
from mlrecipe.interfaces import Array

RARE = 0.01
"""Categories below this share on both sides are put together (as deepchecks and TFDV do)."""


@dataclass(frozen=True)
class Distance:
    """How far two distributions lie apart.

    Attributes:
        statistic: its name.
        value: the effect size; it does not grow with the number of rows.
        p: probability of a value like this when nothing differs. Whoever decides by it alone finds
            a difference in every column once there are enough rows: hold ``value`` against a floor.
    """

    statistic: str
    value: float
    p: float


def kolmogorov_smirnov(a: Numbers, b: Numbers) -> Distance:
    """Return the largest difference of two cumulative distributions, in 0 … 1.

    Source: Smirnov (1948), Annals of Mathematical Statistics 19; p by its asymptotic distribution.
    """
    if not a.values or not b.values:
        return Distance("Kolmogorov-Smirnov", 0.0, 1.0)
    points = np.union1d(a.values, b.values)
    value = float(np.abs(_cumulative(a, points) - _cumulative(b, points)).max())
    scale = np.sqrt(a.present * b.present / (a.present + b.present))
    return Distance("Kolmogorov-Smirnov", value, float(stats.kstwobign.sf(scale * value)))


def wasserstein(a: Numbers, b: Numbers) -> float:
    """Return the earth mover's distance in standard deviations of ``a``.

    For a shift it is Cohen's d. When all values of ``a`` are alike, the deviation of ``b`` counts;
    two different constants are infinitely far apart.
    """
    if not a.values or not b.values:
        return 0.0
    points = np.union1d(a.values, b.values)
    gaps = np.abs(_cumulative(a, points) - _cumulative(b, points))[:-1]
    distance = float((gaps * np.diff(points)).sum())
    scale = a.deviation or b.deviation
    if distance == 0:
        return 0.0
    return distance / scale if scale > 0 else float("inf")


def cramers_v(a: Categories, b: Categories) -> Distance:
    """Return Cramér's V between category and side, as if both sides had equally many rows.

    So taken it is sqrt(½ Σ (p-q)²/(p+q)), in 0 … 1, and does not depend on the numbers of rows
    (Cramér, 1946, chapter 21). Categories below 1 % on both sides count as one. p by Pearson's χ².
    """
    p, q = _aligned(a, b)
    if len(p) < 2 or not a.present or not b.present:
        return Distance("Cramér's V", 0.0, 1.0)
    value = float(np.sqrt(0.5 * ((p - q) ** 2 / (p + q)).sum()))
    n, m = a.present, b.present
    chi2 = n * m * float(((p - q) ** 2 / (n * p + m * q)).sum())
    return Distance("Cramér's V", value, float(stats.chi2.sf(chi2, len(p) - 1)))


def jensen_shannon(a: Categories, b: Categories) -> float:
    """Return the Jensen-Shannon distance with logarithms to base 2, in 0 … 1 (Lin, 1991)."""
    from scipy.spatial import distance

    p, q = _aligned(a, b)
    value = float(distance.jensenshannon(p, q, base=2)) if len(p) > 1 else 0.0
    return 0.0 if np.isnan(value) else value


def missing_difference(a: Numbers | Categories, b: Numbers | Categories) -> Distance:
    """Return by how much the shares of missing values differ; p by the two-proportion z-test."""
    value = abs(a.missing - b.missing)
    pooled = (a.missing * a.total + b.missing * b.total) / (a.total + b.total)
    error = np.sqrt(pooled * (1 - pooled) * (1 / a.total + 1 / b.total))
    p = float(2 * stats.norm.sf(value / error)) if error > 0 else 1.0
    return Distance("difference of shares", value, p)


def unseen_categories(a: Categories, b: Categories) -> dict[str, float]:
    """Return the categories of ``b`` that ``a`` does not have, with their shares in ``b``.

    Empty when ``a`` has more categories than its summary names.
    """
    if a.rest > 0:
        return {}
    return {name: share for name, share in b.shares.items() if name not in a.shares}


def _cumulative(summary: Numbers, points: Array) -> Array:
    heights = np.concatenate([[0.0], summary.cumulative])
    return heights[np.searchsorted(summary.values, points, side="right")]


def _aligned(a: Categories, b: Categories) -> tuple[Array, Array]:
    """Return shares (categories,) of both sides in one order, rare ones put together at the end."""
    names = sorted(set(a.shares) | set(b.shares))
    p = np.array([a.shares.get(name, 0.0) for name in names])
    q = np.array([b.shares.get(name, 0.0) for name in names])
    rare = (p < RARE) & (q < RARE)
    rest = np.array([a.rest + p[rare].sum(), b.rest + q[rare].sum()])
    p, q = p[~rare], q[~rare]
    if rest.sum() > 0:
        p, q = np.append(p, rest[0]), np.append(q, rest[1])
    return p, q
