"""What a column looked like, small enough to keep: a distribution in steps, or shares of values.

Distances are computed from summaries alone, so that the rows of a reference need not be stored.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from mlrecipe.component import Section
from mlrecipe.interfaces import Array

STEPS = 512
"""Steps of a stored distribution: no share is off by more than 1/512."""

MOST_CATEGORIES = 1000
"""Categories that are stored by name; the others are counted together."""

TAILS = 2.0 ** -np.arange(1, 22)
"""Finer steps towards both ends, so that a long tail keeps its shape."""


class Numbers(Section):
    """The distribution of a column of numbers.

    Attributes:
        total: rows, as Kish's effective number where rows have weights.
        missing: share of the rows without a finite number.
        present: rows with a number, effective as well.
        values: where the cumulative distribution rises, increasing.
        cumulative: share of the present values up to and including each of these.
        deviation: standard deviation of the present values.
    """

    total: float
    missing: float
    present: float
    values: tuple[float, ...]
    cumulative: tuple[float, ...]
    deviation: float


class Categories(Section):
    """The shares of a column of categories.

    Attributes:
        total: rows, as Kish's effective number where rows have weights.
        missing: share of the rows without a value.
        present: rows with a value, effective as well.
        shares: category -> share of the present values; the most frequent ones.
        rest: share of the categories that are not named.
        once: share of the present values that occur once: what Good and Turing expect of values
            never seen so far (Good, 1953, Biometrika 40).
    """

    total: float
    missing: float
    present: float
    shares: dict[str, float]
    rest: float
    once: float


Summary = Numbers | Categories


def effective_rows(weights: Array) -> float:
    """Return how many equally weighted rows say as much: (Σw)²/Σw² (Kish, 1965, section 8.2)."""
    total = float(weights.sum(dtype=np.float64))
    return total**2 / float((weights.astype(np.float64) ** 2).sum()) if total > 0 else 0.0


def design_effect(weights: Array) -> float:
    """Return by how much unequal weights widen a variance: n·Σw²/(Σw)² (Kish, 1965)."""
    return len(weights) / effective_rows(weights)


def summarize_numbers(values: Array, weights: Array | None = None) -> Numbers:
    """Return the distribution of numbers (rows,); what is not finite counts as missing."""
    weights = np.ones(len(values)) if weights is None else np.asarray(weights, dtype=np.float64)
    known = np.isfinite(values)
    shares = {"total": effective_rows(weights), "missing": _share(~known, weights)}
    if not known.any():
        return Numbers(**shares, present=0.0, values=(), cumulative=(), deviation=0.0)
    numbers, parts = values[known].astype(np.float64), weights[known]
    order = np.argsort(numbers)
    numbers, parts = numbers[order], parts[order]
    cumulative = np.cumsum(parts) / parts.sum()
    last = np.flatnonzero(np.append(numbers[1:] != numbers[:-1], True))
    points, heights = numbers[last], cumulative[last]
    if len(points) > STEPS:
        levels = np.arange(1, STEPS + 1) / STEPS
        ends = TAILS / STEPS
        wanted = np.concatenate([levels, ends, 1 - ends])
        kept = np.unique(np.searchsorted(heights, np.minimum(wanted, heights[-1])))
        points, heights = points[kept], heights[kept]
    mean = float((numbers * parts).sum() / parts.sum())
    variance = float((parts * (numbers - mean) ** 2).sum() / parts.sum())
    return Numbers(
        **shares,
        present=effective_rows(parts),
        values=tuple(points.tolist()),
        cumulative=tuple(heights.tolist()),
        deviation=variance**0.5,
    )


def summarize_categories(values: pd.Series, weights: Array | None = None) -> Categories:
    """Return the shares of the values (rows,), compared as text."""
    weights = np.ones(len(values)) if weights is None else np.asarray(weights, dtype=np.float64)
    known = values.notna().to_numpy()
    shares = {"total": effective_rows(weights), "missing": _share(~known, weights)}
    if not known.any():
        return Categories(**shares, present=0.0, shares={}, rest=0.0, once=0.0)
    codes, names = pd.factorize(values[known])
    sums = np.bincount(codes, weights=weights[known])
    counts = np.bincount(codes)
    parts = pd.Series(sums / sums.sum(), index=[label(name) for name in names])
    parts = parts.groupby(level=0).sum()
    ordered = parts.iloc[np.lexsort((parts.index.to_numpy(dtype=str), -parts.to_numpy()))]
    named = ordered.head(MOST_CATEGORIES)
    return Categories(
        **shares,
        present=effective_rows(weights[known]),
        shares={str(k): float(v) for k, v in named.items()},
        rest=max(0.0, 1.0 - float(named.sum())) if len(ordered) > len(named) else 0.0,
        once=float((counts == 1).sum() / counts.sum()),
    )


def label(value: object) -> str:
    """Return a value as a recipe writes it: true, 3 (for 3.0 too), or the text itself."""
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)


def _share(rows: Array, weights: Array) -> float:
    total = float(weights.sum())
    return float(weights[rows].sum()) / total if total > 0 else 0.0
