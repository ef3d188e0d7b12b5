"""How strongly two columns of any kind go together: 0 (not at all) … 1."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from mlrecipe.data.lists import hashable
from mlrecipe.interfaces import Array

MOST_CATEGORIES = 50
"""Categories told apart; rarer ones are put together."""


def rank_correlations(numbers: pd.DataFrame) -> Array:
    """Return Spearman's rank correlations (columns, columns), float64 in -1 … 1 (Spearman, 1904).

    Ranks are taken of the present values of each column; a pair counts the rows where both are.
    """
    present = numbers.notna().to_numpy(dtype=np.float64)
    ranks = numbers.rank().to_numpy()
    centred = np.nan_to_num(ranks - np.nanmean(np.where(present > 0, ranks, np.nan), axis=0))
    squares = centred**2
    spread = np.sqrt((squares.T @ present) * (present.T @ squares))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.nan_to_num((centred.T @ centred) / spread)


def codes_of(values: pd.Series) -> Array:
    """Return int64 (rows,): numbers of categories; rare ones share one, gaps are -1."""
    codes, distinct = pd.factorize(hashable(values))
    if len(distinct) <= MOST_CATEGORIES:
        return codes
    order = np.argsort(-np.bincount(codes[codes >= 0]), kind="stable")
    rank: Array = np.empty(len(distinct) + 1, dtype=np.int64)
    rank[order] = np.minimum(np.arange(len(distinct)), MOST_CATEGORIES)
    rank[-1] = -1
    return rank[codes]


def cramers_v(one: Array, other: Array) -> float:
    """Return Cramér's V of two code arrays (rows,), bias-corrected (Bergsma, 2013)."""
    both = (one >= 0) & (other >= 0)
    n = int(both.sum())
    if n < 2:
        return 0.0
    width = int(other.max()) + 1
    table = np.bincount(one[both] * width + other[both], minlength=(int(one.max()) + 1) * width)
    counts = table.reshape(-1, width).astype(np.float64)
    counts = counts[counts.sum(axis=1) > 0][:, counts.sum(axis=0) > 0]
    expected = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0) / n
    phi2 = float(((counts - expected) ** 2 / expected).sum()) / n
    r, k = counts.shape
    phi2 = max(0.0, phi2 - (k - 1) * (r - 1) / (n - 1))
    r_, k_ = r - (r - 1) ** 2 / (n - 1), k - (k - 1) ** 2 / (n - 1)
    smaller = min(r_, k_) - 1
    return float(np.sqrt(min(1.0, phi2 / smaller))) if smaller > 1e-9 else 0.0


def correlation_ratio(codes: Array, numbers: Array) -> float:
    """Return eta of numbers (rows,) in categories, adjusted for their number (Kelley, 1935)."""
    both = (codes >= 0) & np.isfinite(numbers)
    codes, numbers = codes[both], numbers[both]
    n, groups = len(codes), len(np.unique(codes))
    total = float(((numbers - numbers.mean()) ** 2).sum()) if n else 0.0
    if groups < 2 or n <= groups or not total:
        return 0.0
    counts = np.bincount(codes)
    means = np.bincount(codes, weights=numbers) / np.maximum(counts, 1)
    within = float(((numbers - means[codes]) ** 2).sum())
    return float(np.sqrt(max(0.0, 1 - within / total * (n - 1) / (n - groups))))


def connected(names: Sequence[str], linked: Array) -> list[list[str]]:
    """Return the groups of names that a symmetric bool (names, names) links, directly or not."""
    from scipy.sparse.csgraph import connected_components

    _, group = connected_components(linked, directed=False)
    members = [[n for n, g in zip(names, group, strict=True) if g == i] for i in set(group)]
    return sorted((m for m in members if len(m) > 1), key=lambda m: names.index(m[0]))


def pairs(size: int) -> Iterator[tuple[int, int]]:
    """Yield every pair of positions once."""
    for i in range(size):
        for j in range(i):
            yield j, i
