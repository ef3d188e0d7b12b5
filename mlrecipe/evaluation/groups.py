"""How a model does on each group of cases, and which groups differ from the rest.

A rate of a group (false negatives, false positives, wrong answers, positive answers) differs when
the interval of its difference to all other rows (Newcombe, 1998, method 10: from two Wilson
intervals) leaves 0 out; a metric, when its difference is more than a normal interval by bootstrap
standard errors. Intervals are widened for the number of comparisons made (Bonferroni). A
difference is material when the smaller of the two is less than four fifths of the larger (the
four-fifths rule, 29 CFR 1607.4 D), and a rate's also by no less than `SMALLEST` in itself. Both
must hold. Groups of fewer than `FEWEST` rows are shown and not judged.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from mlrecipe.comparison.summaries import effective_rows
from mlrecipe.evaluation.intervals import (
    interval,
    sample_scores,
    weighted_share,
    wilson,
)
from mlrecipe.interfaces import Array, Metric, Outcomes

FEWEST = 30
"""Rows from which on a group is judged; the usual floor for the approximations used here."""

SMALLEST = 0.01
"""Smallest difference of a rate that is material, whatever the ratio (judgement)."""

FOUR_FIFTHS = 0.8
"""Least ratio of two rates that does not count as adverse impact (29 CFR 1607.4 D)."""

MOST_GROUPS = 12
"""Groups of a column that are told apart, the most frequent; the others are put together."""

FEW_NUMBERS = 10
"""Numeric columns with more distinct values are cut at their quartiles."""


@dataclass(frozen=True)
class Answered:
    """Rows with what was answered.

    Attributes:
        y, outputs: encoded targets and raw outputs, float32 (rows, outputs).
        wrong: whether the answer is wrong, bool (rows,); None for a regression.
        positive, says_positive: truth and answer of a binary task, bool (rows,); else None.
        weights: how many cases a row stands for (rows,).
    """

    y: Array
    outputs: Array
    weights: Array
    wrong: Array | None = None
    positive: Array | None = None
    says_positive: Array | None = None


def members(values: pd.Series) -> dict[str, Array]:
    """Return the groups of a column: name -> bool (rows,); together they cover every row."""
    missing = values.isna().to_numpy()
    numeric = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
    if numeric and values.nunique() > FEW_NUMBERS:
        names = _quarters(values)
    else:
        names = values.astype(object).map(_label, na_action="ignore")
    names = names.where(~missing, "missing")
    counts = names.value_counts()
    kept = set(counts.index[:MOST_GROUPS])
    names = names.map(lambda name: name if name in kept else "all others")
    order = list(dict.fromkeys([*counts.index[:MOST_GROUPS], "all others"]))
    if numeric:
        order = [*dict.fromkeys(names[values.sort_values().index])]
    found = {str(name): (names == name).to_numpy() for name in order}
    return {name: rows for name, rows in found.items() if rows.any()}


def _quarters(values: pd.Series) -> pd.Series:
    """Return for each number the quarter of the values that it lies in, as its two ends."""
    ends = np.unique(values.dropna().quantile([0, 0.25, 0.5, 0.75, 1]))
    part = np.clip(np.searchsorted(ends, values, side="left"), 1, len(ends) - 1)
    named = [f"{low:.4g} to {high:.4g}" for low, high in pairwise(ends)]
    return pd.Series([named[i - 1] for i in part], index=values.index, dtype=object)


def _label(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def group_metrics(
    frame: pd.DataFrame,
    columns: tuple[str, ...],
    answered: Answered,
    metric: Metric,
    *,
    confidence: float,
    seed: int,
) -> list[dict[str, Any]]:
    """Return a table for each column: how the model does on every group.

    Args:
        frame: raw rows.
        columns: columns of groups; the model need not read them.
        answered: the same rows with answers.
        metric: the primary metric.
        confidence: level of the intervals; those of differences are widened by Bonferroni.
        seed: for the bootstrap.

    Returns:
        For each column ``{"column", "groups", "differences"}``. A group has ``name``, ``rows``,
        ``judged``, ``metric`` and rates, each ``{"value", "low", "high", "rows"}``.
    """
    grouped = {name: members(frame[name].reset_index(drop=True)) for name in columns}
    rates = _rates(answered)
    judged = sum(
        int(rows.sum()) >= FEWEST for groups in grouped.values() for rows in groups.values()
    )
    level = 1 - (1 - confidence) / max(1, judged * (1 + len(rates)))
    tables = []
    for column, groups in grouped.items():
        rows, differences = [], []
        for name, mask in groups.items():
            row = _describe(name, mask, answered, metric, rates, confidence, seed)
            rows.append(row)
            if row["judged"] and not mask.all():
                differences += _differences(row, mask, answered, metric, rates, level, seed)
        tables.append({"column": column, "groups": rows, "differences": differences})
    return tables


Rate = tuple[Array, Array]
"""The rows that a rate counts, among the rows that it is a share of; bool (rows,) each."""


def _rates(answered: Answered) -> dict[str, Rate]:
    positive, says = answered.positive, answered.says_positive
    if positive is not None and says is not None:
        return {
            "false negative rate": (~says, positive),
            "false positive rate": (says, ~positive),
            "positive answers": (says, np.ones(len(says), dtype=bool)),
        }
    if answered.wrong is not None:
        return {"wrong answers": (answered.wrong, np.ones(len(answered.wrong), dtype=bool))}
    return {}


def _describe(
    name: str,
    mask: Array,
    answered: Answered,
    metric: Metric,
    rates: dict[str, Rate],
    confidence: float,
    seed: int,
) -> dict[str, Any]:
    chosen = Outcomes(answered.y[mask], answered.outputs[mask], answered.weights[mask])
    samples = sample_scores(metric, [chosen], seed=seed)
    low, high = interval(metric, [chosen], samples, confidence)
    score = metric.score(chosen.y, chosen.outputs, chosen.weights)
    row: dict[str, Any] = {
        "name": name,
        "rows": int(mask.sum()),
        "judged": bool(mask.sum() >= FEWEST),
        "metric": {"value": score, "low": low, "high": high},
        "rates": {},
    }
    for rate, (part, whole) in rates.items():
        inside = whole & mask
        value, low, high = weighted_share(part[inside], answered.weights[inside], confidence)
        row["rates"][rate] = {
            "value": value,
            "low": low,
            "high": high,
            "rows": int(inside.sum()),
        }
    return row


def _differences(
    row: dict[str, Any],
    mask: Array,
    answered: Answered,
    metric: Metric,
    rates: dict[str, Rate],
    level: float,
    seed: int,
) -> list[dict[str, Any]]:
    """Return in what a group differs from the rest, significantly and materially."""
    found = []
    for rate, (part, whole) in rates.items():
        inside, outside = whole & mask, whole & ~mask
        if min(inside.sum(), outside.sum()) < FEWEST:
            continue
        ours = _share_and_size(part[inside], answered.weights[inside])
        theirs = _share_and_size(part[outside], answered.weights[outside])
        low, high = newcombe(*ours, *theirs, level)
        apart = abs(ours[0] - theirs[0]) >= SMALLEST and _ratio(ours[0], theirs[0]) < FOUR_FIFTHS
        if (low > 0 or high < 0) and apart:
            found.append(_difference(row["name"], rate, ours[0], theirs[0], low, high))
    if (~mask).sum() >= FEWEST:
        found += _metric_difference(row["name"], mask, answered, metric, level, seed)
    return found


def _metric_difference(
    name: str, mask: Array, answered: Answered, metric: Metric, level: float, seed: int
) -> list[dict[str, Any]]:
    from scipy.stats import norm

    scores, variance = [], 0.0
    for rows in (mask, ~mask):
        part = Outcomes(answered.y[rows], answered.outputs[rows], answered.weights[rows])
        scores.append(metric.score(part.y, part.outputs, part.weights))
        samples = sample_scores(metric, [part], seed=seed)
        finite = samples[np.isfinite(samples)]  # none, where the metric has no value in the group
        variance += float(np.var(finite)) if len(finite) else 0.0
    ours, theirs = scores
    half = float(norm.ppf(0.5 + level / 2)) * variance**0.5
    low, high = ours - theirs - half, ours - theirs + half
    if not np.isfinite([low, high]).all() or low <= 0 <= high:
        return []
    if _ratio(ours, theirs) >= FOUR_FIFTHS:
        return []
    return [_difference(name, metric.name, ours, theirs, low, high)]


def _difference(
    group: str, measure: str, ours: float, theirs: float, low: float, high: float
) -> dict[str, Any]:
    return {
        "group": group,
        "measure": measure,
        "value": ours,
        "rest": theirs,
        "low": low,
        "high": high,
    }


def _share_and_size(part: Array, weights: Array) -> tuple[float, float]:
    total = float(weights.sum(dtype=np.float64))
    return float(weights[part].sum(dtype=np.float64)) / total, effective_rows(weights)


def _ratio(one: float, other: float) -> float:
    """Return the smaller over the larger; 0 when they have different signs, 1 when both are 0."""
    smaller, larger = sorted((one, other), key=abs)
    return max(0.0, smaller / larger) if larger else 1.0


def newcombe(
    share: float, size: float, other: float, other_size: float, confidence: float
) -> tuple[float, float]:
    """Return the interval of the difference of two shares (Newcombe, 1998, method 10)."""
    low, high = wilson(share * size, size, confidence)
    other_low, other_high = wilson(other * other_size, other_size, confidence)
    difference = share - other
    return (
        difference - ((share - low) ** 2 + (other_high - other) ** 2) ** 0.5,
        difference + ((high - share) ** 2 + (other - other_low) ** 2) ** 0.5,
    )
