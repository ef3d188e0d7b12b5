"""Profiles of a table: a summary for every aspect of every column; two of them are compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from mlrecipe.comparison.distances import (
    Distance,
    cramers_v,
    jensen_shannon,
    kolmogorov_smirnov,
    missing_difference,
    unseen_categories,
    wasserstein,
)
from mlrecipe.comparison.images import image_table
from mlrecipe.comparison.periods import moments
from mlrecipe.comparison.summaries import (
    Categories,
    Numbers,
    Summary,
    summarize_categories,
    summarize_numbers,
)
from mlrecipe.data.table_schema import Column, TableSchema
from mlrecipe.interfaces import Array, Task

MOST_TEXTS = 20_000
MOST_IMAGES = 1_000
"""Values of a column that are looked at, where looking is slow: drawn at random."""

Profile = Mapping[tuple[str, str], Summary]
"""(column, aspect) -> what it looked like; the aspect is ``value`` for numbers and categories."""


@dataclass(frozen=True)
class Limits:
    """From which effect size on a difference counts.

    Attributes:
        distance: of Kolmogorov-Smirnov's statistic and of Cramér's V.
        shift: of the Wasserstein distance in standard deviations.
        missing: of the difference between shares of missing values.
        unseen: of the share of values in categories never seen in the reference.
        chance: probability that any of the comparisons passes when nothing differs.
    """

    distance: float = 0.2
    shift: float = 0.5
    missing: float = 0.05
    unseen: float = 0.05
    chance: float = 0.01


DEFAULTS = Limits()
"""Kolmogorov-Smirnov and Cramér's V as in deepchecks' drift checks, Cohen's medium d."""


@dataclass(frozen=True)
class Difference:
    """One aspect of one column that differs by more than the limits, and more than by chance.

    Attributes:
        column, aspect: what differs.
        distance: the effect size, with its name and p.
        words: what differs, for people.
        details: further effect sizes, plain data.
    """

    column: str
    aspect: str
    distance: Distance
    words: str
    details: Mapping[str, Any] = field(default_factory=dict)

    def evidence(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "column": self.column,
            "aspect": self.aspect,
            "statistic": self.distance.statistic,
            "value": self.distance.value,
            "p": self.distance.p,
            **self.details,
        }


def profile_column(name: str, values: pd.Series, column: Column, weights: Array) -> Profile:
    """Return the summary of every aspect of one column: values (rows,), weights (rows,)."""
    return {(name, aspect): s for aspect, s in _aspects(values, column.kind, weights)}


def compare(reference: Profile, other: Profile, limits: Limits = DEFAULTS) -> list[Difference]:
    """Return what differs between two profiles, the largest effect first.

    An aspect differs when its effect size reaches the limit and p stays below ``limits.chance``,
    divided by the number of comparisons (Bonferroni). The effect size keeps the result from
    depending on the number of rows; p keeps small samples from raising alarms.
    """
    shared = [key for key in reference if key in other]
    columns = {name for name, _ in shared}
    most_p = limits.chance / max(1, len(shared) + len(columns))
    found: list[Difference] = []
    seen: set[str] = set()
    for name, aspect in shared:
        a, b = reference[name, aspect], other[name, aspect]
        if name not in seen:
            seen.add(name)
            found.extend(_missing(name, a, b, limits, most_p))
        if isinstance(a, Numbers) and isinstance(b, Numbers):
            found.extend(_numbers(name, aspect, a, b, limits, most_p))
        elif isinstance(a, Categories) and isinstance(b, Categories):
            found.extend(_categories(name, aspect, a, b, limits, most_p))
    return sorted(found, key=lambda d: -d.distance.value)


def parts_differ(
    values_of: Callable[[str], pd.Series],
    columns: Mapping[str, Column],
    weights: Array,
    one: Array,
    other: Array,
    limits: Limits = DEFAULTS,
) -> list[Difference]:
    """Return what differs between two parts of the same rows.

    Args:
        values_of: column -> its values (rows,).
        columns: what to compare.
        weights: how many cases a row stands for (rows,).
        one, other: int64 positions of the rows of each part.
    """
    before: dict[tuple[str, str], Summary] = {}
    after: dict[tuple[str, str], Summary] = {}
    for name, column in columns.items():
        values = values_of(name)
        before |= profile_column(name, values.iloc[one], column, weights[one])
        after |= profile_column(name, values.iloc[other], column, weights[other])
    return compare(before, after, limits)


def with_targets(schema: TableSchema, task: Task, but: str | None) -> dict[str, Column]:
    """Return the inputs that can be compared, and the targets where they are plain values.

    Args:
        but: a column to leave out; None: none.
    """
    columns = {name: column for name, column in comparable(schema).items() if name != but}
    if not task.simple:
        return columns
    for name in schema.targets:
        kind = {} if task.classification else {"kind": "numeric"}
        columns[name] = schema.columns[name].model_copy(update=kind)
    return columns


def _aspects(values: pd.Series, kind: str, weights: Array) -> Iterator[tuple[str, Summary]]:
    if kind in ("numeric", "location"):
        numbers = pd.to_numeric(values, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
        yield "value", summarize_numbers(numbers, weights)
    elif kind in ("boolean", "categorical", "constant", "target", "tags"):
        yield "value", summarize_categories(values, weights)
    elif kind == "datetime":
        yield from _of_dates(values, weights)
    elif kind in ("text", "image"):
        kept = _drawn(len(values), MOST_TEXTS if kind == "text" else MOST_IMAGES)
        table = (text_table if kind == "text" else image_table)(values.iloc[kept])
        for name in table.columns:
            yield name, summarize_numbers(table[name].to_numpy(), weights[kept])


def text_table(values: pd.Series) -> pd.DataFrame:
    """Return the length of texts (rows,), in words and characters, and the length of a word."""
    texts = values.astype("string")
    words = texts.str.split().str.len().to_numpy(dtype=np.float64, na_value=np.nan)
    characters = texts.str.len().to_numpy(dtype=np.float64, na_value=np.nan)
    return pd.DataFrame(
        {
            "words": words,
            "characters a word": characters / np.maximum(words, 1),
        }
    )


def _of_dates(values: pd.Series, weights: Array) -> Iterator[tuple[str, Summary]]:
    """Yield weekday and hour: the date itself moves on, and always differs."""
    seconds = moments(values).seconds
    if seconds is None:
        return
    dates = pd.Series(pd.to_datetime(seconds, unit="s", errors="coerce"))
    yield "weekday", summarize_categories(dates.dt.day_name(), weights)
    if (dates.dt.hour > 0).any():
        yield (
            "hour",
            summarize_numbers(dates.dt.hour.to_numpy(np.float64, na_value=np.nan), weights),
        )


def _drawn(rows: int, most: int) -> Array:
    if rows <= most:
        return np.arange(rows)
    return np.sort(np.random.default_rng(0).choice(rows, most, replace=False))


def _missing(
    name: str, a: Summary, b: Summary, limits: Limits, most_p: float
) -> Iterator[Difference]:
    distance = missing_difference(a, b)
    if distance.value >= limits.missing and distance.p <= most_p:
        words = f"missing in {a.missing:.1%} of the rows, now in {b.missing:.1%}"
        yield Difference(name, "missing", distance, words)


def _numbers(
    name: str, aspect: str, a: Numbers, b: Numbers, limits: Limits, most_p: float
) -> Iterator[Difference]:
    distance, shift = kolmogorov_smirnov(a, b), wasserstein(a, b)
    if distance.p > most_p or not (distance.value >= limits.distance or shift >= limits.shift):
        return
    words = f"median {_median(a):.4g}, now {_median(b):.4g}"
    yield Difference(name, aspect, distance, words, {"wasserstein_in_deviations": shift})


def _categories(
    name: str, aspect: str, a: Categories, b: Categories, limits: Limits, most_p: float
) -> Iterator[Difference]:
    distance = cramers_v(a, b)
    unseen = unseen_categories(a, b)
    vanished = [n for n, share in a.shares.items() if share >= limits.unseen and n not in b.shares]
    # A value that occurs once announces others of its kind (Good and Turing): they are expected.
    surprising = sum(unseen.values()) - a.once >= limits.unseen
    if distance.p > most_p or not (distance.value >= limits.distance or surprising):
        return
    names = set(a.shares) | set(b.shares)
    moved = max(names, key=lambda n: abs(a.shares.get(n, 0.0) - b.shares.get(n, 0.0)))
    was, now = a.shares.get(moved, 0.0), b.shares.get(moved, 0.0)
    words = f"{moved!r} {was:.1%} of the values, now {now:.1%}"
    if surprising:
        words += f"; never seen before: {', '.join(map(repr, list(unseen)[:3]))}"
    details = {
        "jensen_shannon_base_2": jensen_shannon(a, b),
        "new": dict(list(unseen.items())[:20]),
        "vanished": vanished[:20] if b.rest == 0 else [],
    }
    yield Difference(name, aspect, distance, words, details)


def _median(summary: Numbers) -> float:
    return summary.values[int(np.searchsorted(summary.cumulative, 0.5))]


def comparable(schema: TableSchema) -> dict[str, Column]:
    """Return the inputs of which a comparison can tell anything, identifiers left out."""
    return {n: schema.columns[n] for n in schema.inputs if schema.columns[n].kind != "identifier"}
