"""How many rows came about in every period, and how the target went."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from mlrecipe.data.table import Table
from mlrecipe.exploration.split import Split

MOST_PERIODS = 60
PERIODS = (("min", "minute"), ("h", "hour"), ("D", "day"), ("W", "week"), ("M", "month"),
           ("Q", "quarter"), ("Y", "year"))  # fmt: skip


def time_course(table: Table, name: str, split: Split | None) -> dict[str, Any] | None:
    """Return rows per period, and the classes' counts or the target's mean in each.

    The period is the shortest that gives at most 60 of them. None when the column holds fewer than
    two moments. Numbers too large for a year are read as seconds since 1970, or as milliseconds.
    """
    moments = as_moments(table.column(name))
    known = moments.notna().to_numpy()
    if not known.any() or moments.min() == moments.max():
        return None
    code, word = _period(moments.dropna())
    periods = moments[known].dt.to_period(code)
    first = periods.min()
    bins = periods.astype("int64").to_numpy() - first.ordinal
    size = int(bins.max()) + 1
    starts = [first + i for i in range(size)]
    found: dict[str, Any] = {
        "column": name,
        "period": word,
        "periods": [str(period.start_time.date() if code not in ("min", "h") else period)
                    for period in starts],
        "rows": np.bincount(bins, minlength=size).tolist(),
        "unknown": int((~known).sum()),
    }  # fmt: skip
    if split is None:
        return found
    if split.values is None:
        codes = split.codes[known]
        ok = codes >= 0
        flat = np.bincount(codes[ok] * size + bins[ok], minlength=size * len(split.labels))
        return found | {"by_class": flat.reshape(len(split.labels), size).tolist()}
    target = split.values[known]
    ok = np.isfinite(target)
    counts = np.bincount(bins[ok], minlength=size)
    sums = np.bincount(bins[ok], weights=target[ok], minlength=size)
    means = [float(s / n) if n else None for s, n in zip(sums, counts, strict=True)]
    return found | {"target_mean": means}


def as_moments(values: pd.Series) -> pd.Series:
    """Return a column as moments without a zone; what cannot be read becomes missing."""
    if pd.api.types.is_datetime64_any_dtype(values):
        return values.dt.tz_localize(None) if values.dt.tz is not None else values
    if pd.api.types.is_numeric_dtype(values):
        numbers = values.astype("float64")
        largest = float(numbers.abs().max())
        if largest < 3000:  # years
            return pd.to_datetime(numbers.round().astype("Int64").astype("string"), format="%Y",
                                  errors="coerce")  # fmt: skip
        return pd.to_datetime(numbers, unit="ms" if largest > 1e11 else "s", errors="coerce")
    moments = pd.to_datetime(values.astype("string"), errors="coerce", format="mixed", utc=True)
    return moments.dt.tz_localize(None)


def _period(moments: pd.Series) -> tuple[str, str]:
    for code, word in PERIODS:
        count = moments.max().to_period(code).ordinal - moments.min().to_period(code).ordinal + 1
        if count <= MOST_PERIODS:
            return code, word
    return PERIODS[-1]
