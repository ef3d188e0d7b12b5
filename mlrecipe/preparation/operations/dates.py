"""Dates: strings become days since 1970 in UTC, and days the features that models learn from."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import pandas as pd

from mlrecipe.data.dates import PARTS, Order, days_of, pattern
from mlrecipe.interfaces import Array
from mlrecipe.preparation.operation import Operation

Part = Literal["elapsed", "year", "month", "day_of_week", "hour", "day_of_year", "weekend"]

CYCLIC = ("month", "day_of_week", "hour", "day_of_year")
"""Parts of which the last is next to the first: a sine and a cosine each."""

MANY = 1_000
"""From so many values on, it pays to look for equal ones first: dates repeat."""


class ParseDates(Operation, op="parse_dates"):
    """Maps dates as `mlrecipe.data.dates` reads them to days since 1970 in UTC; garbage is NaN.

    Strings (rows, n) to float64 (rows, n).

    Attributes:
        orders: what comes first where the year is last, for each column.
    """

    orders: tuple[Order, ...]

    def apply(self, values: Array) -> Array:
        found = np.empty(values.shape)
        for column, order in enumerate(self.orders):
            found[:, column] = parsed(values[:, column], order)
        return found

    def graph(self) -> Callable[[Any], Any]:
        import tensorflow as tf

        whole = f"^(?:{pattern()})$"
        captures = {part: f"^(?:{pattern(part)})$" for part in PARTS}
        month_first = tf.constant([order == "month_day" for order in self.orders])

        def run(values: Any) -> Any:
            dated = tf.strings.regex_full_match(values, whole)
            sound = tf.where(dated, values, tf.constant("1970-01-01"))
            texts = {k: tf.strings.regex_replace(sound, p, r"\1") for k, p in captures.items()}
            days = _graph_days(texts, month_first)
            return tf.where(dated, days, tf.constant(math.nan, tf.float64))

        return run


def parsed(values: Array, order: Order) -> Array:
    """Return days since 1970, float64 (rows,), of strings (rows,)."""
    if len(values) < MANY:
        return np.array([days_of(text, order) for text in values], dtype=np.float64)
    codes, distinct = pd.factorize(values)
    return np.array([days_of(text, order) for text in distinct])[codes]


def _graph_days(texts: dict[str, Any], month_first: Any) -> Any:
    """Return the days of parts that the grammar found, as `days_of` computes them."""
    import tensorflow as tf

    def number(name: str) -> Any:
        text = texts[name]
        return tf.strings.to_number(tf.where(tf.equal(text, ""), "0", text), tf.int64)

    late, first, second = number("late_year"), number("first"), number("second")
    century = tf.where(late >= 69, tf.constant(1900, tf.int64), 2000)
    late = tf.where(tf.equal(tf.strings.length(texts["late_year"]), 2), late + century, late)
    early = tf.not_equal(texts["year"], "")
    year = tf.where(early, number("year"), late)
    month = tf.where(early, number("month"), tf.where(month_first, first, second))
    day = tf.where(early, number("day"), tf.where(month_first, second, first))
    hour, minute, seconds = number("hour"), number("minute"), number("seconds")
    half = tf.not_equal(texts["half"], "")
    wrong_half = half & ((hour < 1) | (hour > 12))
    afternoon = tf.where(tf.equal(tf.strings.lower(texts["half"]), "p"), 12, 0)
    hour = tf.where(half, hour % 12 + tf.cast(afternoon, tf.int64), hour)
    zone_minutes = number("zone_minutes")
    zone = number("zone_hours") * 60 + zone_minutes

    leap = tf.equal(year % 4, 0) & (tf.not_equal(year % 100, 0) | tf.equal(year % 400, 0))
    lengths = tf.constant([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], tf.int64)
    in_year = (month >= 1) & (month <= 12)
    length = tf.gather(lengths, tf.where(in_year, month, 0))
    length += tf.cast(leap & tf.equal(month, 2), tf.int64)
    sound = (year >= 1) & in_year & (day >= 1) & (day <= length) & ~wrong_half
    sound &= (hour < 24) & (minute < 60) & (seconds < 60) & (zone < 1440) & (zone_minutes < 60)

    shifted = year - tf.cast(month <= 2, tf.int64)
    era, of_era = shifted // 400, shifted % 400
    of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    days = era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468

    ahead = tf.where(tf.equal(texts["sign"], "-"), -zone, zone)
    whole = hour * 3600 + minute * 60 + seconds - ahead * 60
    digits = tf.strings.length(texts["fraction"])
    tens = tf.gather(tf.constant([10.0**k for k in range(16)], tf.float64), digits)
    fraction = tf.cast(number("fraction"), tf.float64) / tens
    # A traced graph turns the division by a constant into a product, which is another number.
    of_day = tf.math.divide_no_nan(
        tf.cast(whole, tf.float64) + fraction, tf.constant(86400.0, tf.float64)
    )
    total = tf.cast(days, tf.float64) + of_day
    return tf.where(sound, total, tf.constant(math.nan, tf.float64))


class DateParts(Operation, op="date_parts", tolerance=1e-6):
    """Maps days since 1970 to features; of each column, all its parts and then the indicators.

    ``elapsed`` is limited and rescaled, ``year`` is limited and in centuries from 2000, cyclic
    parts are sine and cosine of their share of the circle, ``weekend`` is 1 on Saturdays and
    Sundays. Where the date is missing, ``elapsed`` and ``year`` are those of `fill`, cyclic parts
    are 0, the centre of the circle, and so is ``weekend``. All in UTC. (rows, n) to float64
    (rows, features).

    Attributes:
        parts: which ones, in order, for each column.
        fill: days that stand for a missing date (n,).
        low, high: range that elapsed days are limited to (n,).
        shift, scale: elapsed days x become (x - shift) / scale (n,).
        indicator: positions of the columns that get an indicator: 1 where the date was missing.
    """

    parts: tuple[tuple[Part, ...], ...]
    fill: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    shift: tuple[float, ...]
    scale: tuple[float, ...]
    indicator: tuple[int, ...] = ()

    def apply(self, values: Array) -> Array:
        missing = np.isnan(values)
        days = np.where(missing, np.asarray(self.fill), values)
        features = [
            feature
            for column in range(values.shape[1])
            for feature in self._column(np, column, days[:, column], missing[:, column])
        ]
        features += [missing[:, i] for i in self.indicator]
        return np.stack([np.asarray(f, dtype=np.float64) for f in features], axis=1)

    def graph(self) -> Callable[[Any], Any]:
        import tensorflow as tf

        fill = tf.constant(self.fill, tf.float64)

        def run(values: Any) -> Any:
            missing = tf.math.is_nan(values)
            days = tf.where(missing, fill, values)
            features = [
                feature
                for column in range(len(self.fill))
                for feature in self._column(tf, column, days[:, column], missing[:, column])
            ]
            features += [missing[:, i] for i in self.indicator]
            return tf.stack([tf.cast(f, tf.float64) for f in features], axis=1)

        return run

    def _column(self, lib: Any, column: int, days: Any, missing: Any) -> list[Any]:
        """Return the features (rows,) of a column; ``lib`` is NumPy or TensorFlow."""
        here = 1.0 - _float(lib, missing)
        angles = _calendar(lib, days)
        found = []
        limited = lib.minimum(lib.maximum(days, self.low[column]), self.high[column])
        for part in self.parts[column]:
            if part == "elapsed":
                found.append((limited - self.shift[column]) / self.scale[column])
            elif part in CYCLIC:
                turn = 2.0 * math.pi * angles[part]
                found += [lib.sin(turn) * here, lib.cos(turn) * here]
            elif part == "year":
                found.append((_calendar(lib, limited)["year"] - 2000.0) / 100.0)
            else:
                found.append(_float(lib, angles["day_of_week"] * 7 > 4.5) * here)
        return found

    def names(self, names: list[str]) -> list[str]:
        found = []
        for name, parts in zip(names, self.parts, strict=True):
            for part in parts:
                words = part.replace("_", " ")
                ends = (" (sine)", " (cosine)") if part in CYCLIC else ("",)
                found += [f"{name}: {words}{end}" for end in ends]
        return [*found, *(f"{names[i]} is missing" for i in self.indicator)]


def _calendar(lib: Any, days: Any) -> dict[str, Any]:
    """Return year, and the shares of their circles, of days since 1970 (Hinnant's civil_from_days).

    All in whole float64 numbers, which every runtime has, so that floors fall alike.
    """
    over = _over(lib)
    day = lib.floor(days)
    shifted = day + 719468.0
    era = over(shifted, 146097.0)
    of_era = shifted - era * 146097.0
    leaps = over(of_era, 1460.0) - over(of_era, 36524.0) + over(of_era, 146096.0)
    year_of_era = over(of_era - leaps, 365.0)
    of_year = of_era - (365.0 * year_of_era + over(year_of_era, 4.0) - over(year_of_era, 100.0))
    march_month = over(5.0 * of_year + 2.0, 153.0)
    late = _float(lib, march_month >= 10.0)
    month = march_month + 3.0 - 12.0 * late
    year = year_of_era + era * 400.0 + late
    start = _new_year(over, year)
    length = _new_year(over, year + 1.0) - start
    week = day + 3.0  # 1970-01-01 was a Thursday; Monday is 0
    return {
        "year": year,
        "month": (month - 1.0) / 12.0,
        "day_of_week": (week - 7.0 * over(week, 7.0)) / 7.0,
        "hour": days - day,
        "day_of_year": (day - start) / length,
    }


def _over(lib: Any) -> Callable[[Any, float], Any]:
    """Return the division that rounds down, of whole numbers in float64.

    In TensorFlow it has to be an operation of its own: a traced graph turns the division by a
    constant into a product, which may fall short of a whole number.
    """
    if lib is np:
        return lambda numbers, by: np.floor(numbers / by)
    found: Callable[[Any, float], Any] = lib.math.floordiv
    return found


def _new_year(over: Any, year: Any) -> Any:
    """Return the days since 1970 of the first of January."""
    before = year - 1.0
    leaps = over(before, 4.0) - over(before, 100.0) + over(before, 400.0)
    return before * 365.0 + leaps - 719162.0


def _float(lib: Any, truths: Any) -> Any:
    return truths.astype(np.float64) if lib is np else lib.cast(truths, lib.float64)
