"""The time of rows, and the cutting of a table into periods of equally many rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mlrecipe.errors import MlrecipeError
from mlrecipe.interfaces import Array

DAY = 86_400.0
YEAR = 365.2425


@dataclass(frozen=True)
class Moments:
    """When rows came about.

    Attributes:
        values: float64 (rows,), NaN where it is not known: days where ``days`` is true, else the
            numbers of the column, whose unit nobody knows.
        days: whether the unit is known.
        reading: how the column was read, in words.
    """

    values: Array
    days: bool
    reading: str

    @property
    def seconds(self) -> Array | None:
        """Seconds since 1970, float64 (rows,); None when the unit is not known."""
        return self.values * DAY if self.days else None

    def name(self, value: float) -> str:
        """Return a moment as people write it."""
        if not self.days:
            return f"{value:g}"
        return pd.Timestamp(value * DAY, unit="s").strftime("%Y-%m-%d")


def moments(values: pd.Series) -> Moments:
    """Read a time column: dates, texts that read as dates, years, Unix seconds, other numbers.

    Raises:
        MlrecipeError: for texts that are no dates, with the first rows and how many there are.
    """
    if pd.api.types.is_datetime64_any_dtype(values):
        return Moments(_days(values), True, "dates")
    if pd.api.types.is_numeric_dtype(values):
        return _of_numbers(values.to_numpy(dtype=np.float64, na_value=np.nan))
    parsed = pd.to_datetime(values, errors="coerce", format="mixed", utc=True)
    wrong = parsed.isna() & values.notna()
    if wrong.any():
        shown = ", ".join(f"row {i}: {v!r}" for i, v in values[wrong].head(3).items())
        raise MlrecipeError(
            f"{int(wrong.sum())} values of {values.name} do not read as dates ({shown})",
            where="problem.time",
            expected="dates such as 2021-03-04 or 2021-03-04T10:15, years, or numbers",
            fix="write them in one form, or name another column",
        )
    return Moments(_days(parsed), True, "texts that read as dates")


def cut(times: Array, count: int) -> Array:
    """Return the period of every row, int64 (rows,): 0 … count-1 in order; -1 without a time.

    Periods hold equally many rows, but rows of one moment stay together, so there may be fewer.
    """
    known = np.isfinite(times)
    if not known.any():
        return np.full(len(times), -1, dtype=np.int64)
    borders = np.quantile(times[known], np.arange(1, count) / count)
    found = np.full(len(times), -1, dtype=np.int64)
    found[known] = np.searchsorted(borders, times[known], side="left")
    _, found[known] = np.unique(found[known], return_inverse=True)
    return found


def _of_numbers(numbers: Array) -> Moments:
    finite = numbers[np.isfinite(numbers)]
    if len(finite) and finite.min() >= 1900 and finite.max() < 2100:
        return Moments((numbers - 1970) * YEAR, True, "years")
    if len(finite) and finite.min() >= 1e8 and finite.max() < 1e10:
        return Moments(numbers / DAY, True, "seconds since 1970")
    return Moments(numbers, False, "numbers in a unit of their own")


def _days(dates: pd.Series) -> Array:
    if getattr(dates.dt, "tz", None) is not None:
        dates = dates.dt.tz_convert("UTC").dt.tz_localize(None)
    known = dates.notna().to_numpy()
    seconds = dates.to_numpy(dtype="datetime64[s]").astype(np.int64).astype(np.float64)
    return np.where(known, seconds / DAY, np.nan)
