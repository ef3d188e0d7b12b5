"""Dates as float64 days since 1970, by arithmetic alone: no runtime's own calendar is asked.

The Gregorian calendar is used for all times. The formulas are those of Hinnant, "chrono-compatible
low-level date algorithms" (2013): years begin in March, so that the leap day is the last one.
"""

from __future__ import annotations

from mlrecipe.expressions.runtime import Rows, Runtime

EPOCH = 719_468.0
"""Days from 0000-03-01 to 1970-01-01."""

MICROSECONDS = 86_400_000_000.0
"""In a day."""


def days_of(rt: Runtime, texts: Rows) -> tuple[Rows, Rows]:
    """Return days (rows,), and which texts are no date; a zone's time is brought to UTC."""
    fits, (year, month, day, hour, minute, second, micros, zone) = rt.moment(texts)
    shifted = rt.where(month <= 2.0, year - 1.0, year)
    month_of_year = rt.where(month > 2.0, month - 3.0, month + 9.0)
    era = rt.floor(shifted / 400.0)
    of_era = shifted - era * 400.0
    of_year = rt.floor((month_of_year * 153.0 + 2.0) / 5.0) + (day - 1.0)
    leaps = rt.floor(of_era / 4.0) - rt.floor(of_era / 100.0)
    days = (era * 146_097.0 - EPOCH) + (of_era * 365.0 + leaps + of_year)
    seconds = hour * 3600.0 + (minute - zone) * 60.0 + second
    # 31 February would be a day in March: what does not come back is no date.
    back = civil(rt, days)
    valid = fits & (back[0] == year) & (back[1] == month) & (back[2] == day) & (year >= 1.0)
    valid = valid & (hour < 24.0) & (minute < 60.0) & (second < 60.0) & (rt.abs(zone) < 1440.0)
    return days + (seconds * 1e6 + micros) / MICROSECONDS, ~valid


def civil(rt: Runtime, days: Rows) -> tuple[Rows, Rows, Rows]:
    """Return year, month (from 1) and day of the month (from 1)."""
    since = rt.floor(days) + EPOCH
    era = rt.floor(since / 146_097.0)
    of_era = since - era * 146_097.0
    leaps = rt.floor(of_era / 1460.0) - rt.floor(of_era / 36_524.0)
    year = rt.floor((of_era - leaps - rt.floor(of_era / 146_096.0)) / 365.0)
    of_year = of_era - (year * 365.0 + rt.floor(year / 4.0) - rt.floor(year / 100.0))
    shifted = rt.floor((of_year * 5.0 + 2.0) / 153.0)
    day = of_year - rt.floor((shifted * 153.0 + 2.0) / 5.0) + 1.0
    month = rt.where(shifted < 10.0, shifted + 3.0, shifted - 9.0)
    year = year + era * 400.0
    return rt.where(month <= 2.0, year + 1.0, year), month, day


def weekday(rt: Runtime, days: Rows) -> Rows:
    """Return the day of the week: Monday is 0."""
    since = rt.floor(days) + 3.0  # 1970-01-01 was a Thursday
    return since - rt.floor(since / 7.0) * 7.0
