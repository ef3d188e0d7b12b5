"""What the operations on numbers are made of, from statistics; `kinds.numeric` has the settings."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlrecipe.interfaces import Array
from mlrecipe.preparation.statistics import Numbers

NEGLIGIBLE = 1e-9
"""A spread below this part of a column's range would blow up its outliers beyond float32."""

SMALLEST = 1e-30
"""A column whose values differ by less is constant: some runtimes take such numbers for 0."""

QUANTILES = 256
"""Points at which the ranks of ``rescale=quantile`` are kept."""


def floats(*parts: Any) -> tuple[float, ...]:
    """Return arrays one after the other as plain numbers."""
    return tuple(float(value) for part in parts for value in part)


def regressions(rows: Array, fill: Array) -> tuple[Array, Array]:
    """Return weights (n, n) and offsets (n,) that predict every column from the others.

    Ridge regression with a penalty of one row, on standardized columns, over the rows in which the
    column is known (Buck, 1960, J. R. Stat. Soc. B 22).

    Args:
        rows: float64 (rows, n), NaN where a number is missing.
        fill: what a gap among the other columns counts as (n,).
    """
    n = rows.shape[1]
    filled = np.where(np.isnan(rows), fill, rows)
    mean, deviation = filled.mean(axis=0) if len(rows) else fill, np.ones(n)
    if len(rows):
        spread = filled.std(axis=0)
        deviation = np.where(spread > SMALLEST, spread, 1.0)
    standard = (filled - mean) / deviation
    weights, offset = np.zeros((n, n)), np.array(fill, dtype=np.float64)
    for j in range(n):
        known, others = ~np.isnan(rows[:, j]), np.arange(n) != j
        if not known.any() or not others.any():
            continue
        x, y = standard[known][:, others], rows[known, j]
        gram = x.T @ x + np.eye(n - 1)
        found = np.linalg.solve(gram, x.T @ (y - y.mean())) / deviation[others]
        weights[others, j] = found
        offset[j] = y.mean() - mean[others] @ found
    return weights, offset


def rank_points(learnt: Numbers) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Return increasing values of each column, and the standardized rank at each of them."""
    shares = np.linspace(0, 1, QUANTILES + 1)
    points, ranks = [], []
    for column in learnt.quantiles(shares).T:
        distinct, inverse = np.unique(column, return_inverse=True)
        middle = np.bincount(inverse, shares) / np.bincount(inverse)
        points.append(floats(distinct))
        ranks.append(floats((middle - 0.5) * np.sqrt(12)))
    return tuple(points), tuple(ranks)


def bin_edges(rows: Array, bins: int) -> tuple[tuple[float, ...], ...]:
    """Return the edges of bins that hold equally many rows; a constant column gets one bin."""
    found = []
    for column in rows.T:
        present = column[~np.isnan(column)]
        shares = np.linspace(0, 1, bins + 1)
        edges = np.unique(np.quantile(present, shares)).tolist() if len(present) else []
        apart = [e for i, e in enumerate(edges) if i == 0 or e - edges[i - 1] > NEGLIGIBLE]
        found.append(tuple(apart) if len(apart) > 1 else (0.0, 1.0))
    return tuple(found)


def shift_and_scale(learnt: Numbers, rescale: str) -> tuple[Array, Array]:
    """Return what is subtracted from each column, and what it is then divided by (n,)."""
    seen = learnt.count > 0
    low, high = np.where(seen, learnt.low, 0.0), np.where(seen, learnt.high, 0.0)
    if rescale == "robust":
        lower, shift, upper = learnt.quantiles([0.25, 0.5, 0.75])
        scale = upper - lower
    elif rescale == "min_max":
        shift, scale = low, high - low
    else:
        shift, scale = learnt.mean, learnt.deviation
    span = high - low
    negligible = ~(scale > NEGLIGIBLE * span)
    return shift, np.where(span > SMALLEST, np.where(negligible, span, scale), 1.0)
