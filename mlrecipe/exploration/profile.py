"""One look at every column: what checks and the data report both need to know of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mlrecipe.data.lists import hashable
from mlrecipe.data.table import Table
from mlrecipe.exploration.memo import in_threads, once
from mlrecipe.exploration.spellings import Spellings, spellings_of
from mlrecipe.interfaces import Array

TAIL = 0.01
"""The gap is looked for in this share of the rows at either end."""


@dataclass(frozen=True)
class Tail:
    """Values beyond the widest gap near one end of a numeric column.

    Attributes:
        gap: width of the gap over the range of the values on the other side of it.
        count: how many values lie beyond.
        value: the outermost of them.
        repeats: how often that one occurs.
        nearest: the last value before the gap.
        distinct: how many different values there are on the other side.
    """

    gap: float
    count: int
    value: float
    repeats: int
    nearest: float
    distinct: int


@dataclass(frozen=True)
class Numbers:
    """What the finite values of a numeric column are like.

    Attributes:
        infinite: number of infinities.
        whole: whether all values are whole numbers.
        mean, deviation: moments.
        quantiles: minimum, quartiles, maximum.
        low, high: values far from the rest at either end.
    """

    infinite: int
    whole: bool
    mean: float
    deviation: float
    quantiles: tuple[float, float, float, float, float]
    low: Tail
    high: Tail


@dataclass(frozen=True)
class Profile:
    """What one column is like.

    Attributes:
        rows, missing, distinct: counts; missing values are no distinct one.
        top: the most frequent values with their counts, at most 1000, ties in order.
        numbers: of numeric columns with a finite value.
        spellings: of string columns.
    """

    rows: int
    missing: int
    distinct: int
    top: tuple[tuple[Any, int], ...]
    numbers: Numbers | None = None
    spellings: Spellings | None = None


@dataclass(frozen=True)
class TableProfile:
    """What all columns are like, and uint16 (rows,): how many values each row lacks."""

    columns: Mapping[str, Profile]
    missing_per_row: Array


def profile_table(table: Table) -> TableProfile:
    """Return the profile; every column is read once, and a few are in memory at a time."""
    return once(table, "profile", lambda: _profile_table(table))


def _profile_table(table: Table) -> TableProfile:
    missing_per_row: Array = np.zeros(table.rows, dtype=np.uint16)
    columns = {}

    def look(name: str) -> tuple[str, Profile, Array | None]:
        values = table.column(name)
        gaps = values.isna().to_numpy()
        return name, profile(values), gaps if gaps.any() else None

    for name, found, gaps in in_threads(look, table.names):
        columns[name] = found
        if gaps is not None:
            missing_per_row += gaps
    return TableProfile(columns, missing_per_row)


def profile(values: pd.Series) -> Profile:
    """Return what one column is like."""
    if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
        return _numeric(values)
    present = values.dropna()
    files = bool(len(present)) and isinstance(present.iloc[0], bytes)
    if files:
        present = present.map(_name_of)
    present = hashable(present)
    counts = present.value_counts()
    texts = not files and (pd.api.types.is_string_dtype(present) or present.dtype == object)
    return Profile(
        rows=len(values),
        missing=len(values) - len(present),
        distinct=len(counts),
        top=_top(counts.index.to_numpy(), counts.to_numpy()),
        spellings=spellings_of(counts) if texts and len(counts) else None,
    )


def _name_of(content: bytes) -> str:
    """Return a short name of a file's bytes, the same for the same bytes."""
    return f"{len(content)} bytes {hashlib.sha256(content).hexdigest()[:12]}"


def _top(distinct: Array, counts: Array) -> tuple[tuple[Any, int], ...]:
    """Return the 1000 most frequent values, the first in order where counts are equal."""
    most = np.argsort(-counts, kind="stable")[:1000]
    pairs = list(zip(distinct[most].tolist(), counts[most].tolist(), strict=True))
    return tuple(sorted(pairs, key=lambda item: (-item[1], str(item[0]))))


def _numeric(values: pd.Series) -> Profile:
    gaps = int(values.isna().sum())
    if not gaps and values.dtype.kind in "iu":
        ordered = np.sort(values.to_numpy())
    else:
        ordered = np.sort(values.dropna().to_numpy(dtype=np.float64))
    first = np.ones(len(ordered), dtype=bool)
    first[1:] = ordered[1:] != ordered[:-1]
    starts = np.flatnonzero(first)
    counts = np.diff(starts, append=len(ordered))
    finite = ordered[np.isfinite(ordered)]
    return Profile(
        rows=len(values),
        missing=gaps,
        distinct=len(starts),
        top=_top(ordered[starts], counts),
        numbers=_numbers(finite, len(ordered) - len(finite)) if len(finite) else None,
    )


def _numbers(ordered: Array, infinite: int) -> Numbers:
    whole = bool(ordered.dtype.kind in "iu" or not np.any(ordered % 1))
    ordered = ordered.astype(np.float64)
    minimum, lower, median, upper, maximum = (
        float(q) for q in np.quantile(ordered, [0, 0.25, 0.5, 0.75, 1])
    )
    return Numbers(
        infinite,
        whole,
        float(ordered.mean()),
        float(ordered.std()),
        (minimum, lower, median, upper, maximum),
        low=_mirrored(_tail(-ordered[::-1])),
        high=_tail(ordered),
    )


def _tail(ordered: Array) -> Tail:
    """Return the values beyond the widest gap among the highest percent, or below the highest."""
    n = len(ordered)
    repeats = n - int(np.searchsorted(ordered, ordered[-1]))
    first = max(1, min(n - 1 - int(n * TAIL), n - repeats)) if n > 1 else n
    before, after = ordered[first - 1 : n - 1], ordered[first:]
    reach = before - ordered[0]
    with np.errstate(divide="ignore", invalid="ignore"):
        gaps = np.where(reach > 0, (after - before) / reach, 0.0)
    if not len(gaps):
        return Tail(0.0, 0, float(ordered[-1]), n, float(ordered[-1]), 1)
    at = first + int(gaps.argmax())
    return Tail(
        gap=float(gaps.max()),
        count=n - at,
        value=float(ordered[-1]),
        repeats=repeats,
        nearest=float(ordered[at - 1]),
        distinct=int(np.count_nonzero(np.diff(ordered[:at]))) + 1,
    )


def _mirrored(tail: Tail) -> Tail:
    return Tail(tail.gap, tail.count, -tail.value, tail.repeats, -tail.nearest, tail.distinct)
