"""Reads dates: the one grammar and the one calendar, which every executor follows to the digit.

A date is ISO 8601 (``2023-01-31``) or has its year last (``31.01.2023``, ``1/31/23``); of two
digits, 69 to 99 are of the last century (POSIX). A time of day may follow after T or blanks, with
seconds, up to 15 digits of a fraction, am or pm, and Z or an offset from UTC such as ``+01:00``.
The calendar is Gregorian, before 1582 as well, from year 1 to 9999, by the arithmetic of Hinnant
(chrono-Compatible Low-Level Date Algorithms, 2013).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Literal

Order = Literal["day_month", "month_day"]
"""Which comes first where the year is last."""

GRAMMAR: tuple[str | tuple[str, str], ...] = (
    "[ \\t]*(?:",
    ("year", "[0-9]{4}"),
    "-",
    ("month", "[0-9]{1,2}"),
    "-",
    ("day", "[0-9]{1,2}"),
    "|",
    ("first", "[0-9]{1,2}"),
    "[./-]",
    ("second", "[0-9]{1,2}"),
    "[./-]",
    ("late_year", "[0-9]{4}|[0-9]{2}"),
    ")(?:(?:[Tt]|[ \\t]+)",
    ("hour", "[0-9]{1,2}"),
    ":",
    ("minute", "[0-9]{2}"),
    "(?::",
    ("seconds", "[0-9]{2}"),
    "(?:[.,]",
    ("fraction", "[0-9]{1,15}"),
    ")?)?(?:[ ]?",
    ("half", "[AaPp]"),
    "[Mm])?[ \\t]*(?:[Zz]|",
    ("sign", "[+-]"),
    ("zone_hours", "[0-9]{2}"),
    "(?::?",
    ("zone_minutes", "[0-9]{2}"),
    ")?)?)?[ \\t]*",
)
"""Fragments of a regular expression that Python, RE2 and JavaScript read alike; pairs are named."""

PARTS = tuple(part[0] for part in GRAMMAR if isinstance(part, tuple))


def pattern(captured: str | None = None) -> str:
    """Return the expression with every part captured, or with a single one."""
    texts = []
    for part in GRAMMAR:
        if isinstance(part, str):
            texts.append(part)
        else:
            texts.append(f"({'' if captured in (None, part[0]) else '?:'}{part[1]})")
    return "".join(texts)


_PATTERN = re.compile(pattern())


def days_of(text: str, order: Order) -> float:
    """Return days since 1970 in UTC; NaN for what is no date that there is."""
    match = _PATTERN.fullmatch(text)
    if match is None:
        return math.nan
    part = dict(zip(PARTS, match.groups(default=""), strict=True))
    if part["year"]:
        year, month, day = int(part["year"]), int(part["month"]), int(part["day"])
    else:
        year, first, second = _century(part["late_year"]), int(part["first"]), int(part["second"])
        month, day = (first, second) if order == "month_day" else (second, first)
    hour, minute, second_ = (int(part[k] or 0) for k in ("hour", "minute", "seconds"))
    if part["half"]:
        if not 1 <= hour <= 12:
            return math.nan
        hour = hour % 12 + (12 if part["half"] in "Pp" else 0)
    zone = int(part["zone_hours"] or 0) * 60 + int(part["zone_minutes"] or 0)
    if not (year >= 1 and 1 <= month <= 12 and 1 <= day <= _month_length(year, month)):
        return math.nan
    if not (hour < 24 and minute < 60 and second_ < 60 and zone < 24 * 60):
        return math.nan
    if int(part["zone_minutes"] or 0) >= 60:
        return math.nan
    fraction = int(part["fraction"] or 0) / 10 ** len(part["fraction"])
    seconds = hour * 3600 + minute * 60 + second_ - (-zone if part["sign"] == "-" else zone) * 60
    return civil_days(year, month, day) + (seconds + fraction) / 86400


def civil_days(year: int, month: int, day: int) -> int:
    """Return the days since 1970 of a date (Hinnant's days_from_civil, from year 1 on)."""
    shifted = year - (month <= 2)
    era, of_era = divmod(shifted, 400)
    of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468


def _month_length(year: int, month: int) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def _century(digits: str) -> int:
    year = int(digits)
    if len(digits) == 4:
        return year
    return year + (1900 if year >= 69 else 2000)


def reads_as_dates(texts: Iterable[str]) -> bool:
    """Return whether all texts are dates, in one order of day and month."""
    known = list(texts)
    orders: tuple[Order, ...] = ("day_month", "month_day")
    return any(all(not math.isnan(days_of(text, order)) for text in known) for order in orders)
