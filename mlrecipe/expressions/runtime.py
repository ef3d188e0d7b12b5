"""What a place that carries out expressions has to offer: NumPy, or a TensorFlow graph.

The trees are walked, and the arithmetic written down, once for all of them
(`mlrecipe.expressions.evaluating`, `mlrecipe.expressions.arithmetic`), on values that know
``+ - * /``, comparisons, ``& | ~``. The JavaScript executor has the same formulas in prepare.mjs.
Every step of them is exact or correctly rounded by IEEE 754, so that all places agree bit by bit:
otherwise ``log(x) > 2`` could be true in training and false in the browser.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

Rows = Any
"""A value a row, (rows,): float64, bool, or texts with "" where one is missing."""

Letters = Mapping[str, tuple[tuple[int, int, int, int], ...]]
"""``lower`` and ``upper`` as (first, last, step, distance) of code points: see `letters`."""

LARGEST = 1.7976931348623157e308
"""The largest number that is not infinite."""

SMALLEST = 2.2250738585072014e-308
"""Smaller numbers count as 0: TensorFlow computes without them (they are subnormal)."""

SMALLEST_RESULT = 1.1754943508222875e-38
"""Smaller results are passed on as 0: a model reads 32-bit floats, and the same holds for them."""

DATE = (
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
    r"(?:[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?"
    r"(?:Z|([+-])([0-9]{2}):?([0-9]{2}))?)?"
)
"""Moments as texts (ISO 8601, RFC 3339): year, month, day, hour, minute, second, fraction, sign
and hours and minutes of the zone."""


class Runtime(Protocol):
    """Elementary functions on values (rows,)."""

    def constant(self, value: float | bool | str, rows: Any) -> Rows:
        """Return a value for every row."""

    def where(self, test: Rows, yes: Any, no: Any) -> Rows:
        """Return ``yes`` where the test holds, else ``no``."""

    def floor(self, x: Rows) -> Rows: ...

    def sqrt(self, x: Rows) -> Rows: ...

    def round(self, x: Rows) -> Rows:
        """Round to whole numbers, halves to the even one."""

    def abs(self, x: Rows) -> Rows: ...

    def minimum(self, x: Rows, y: Rows) -> Rows: ...

    def maximum(self, x: Rows, y: Rows) -> Rows: ...

    def fmod(self, x: Rows, y: Rows) -> Rows:
        """Return the remainder with the sign of x, exactly."""

    def split(self, x: Rows) -> tuple[Rows, Rows]:
        """Return (m, e) with x = m · 2**e and 0.5 <= m < 1, for x > 0."""

    def scale(self, x: Rows, exponent: Rows) -> Rows:
        """Return x · 2**exponent, for whole exponents from -1022 to 1023."""

    def change_letters(self, texts: Rows, table: tuple[tuple[int, int, int, int], ...]) -> Rows:
        """Return the texts with every character of the table moved by its distance."""

    def length(self, texts: Rows) -> Rows:
        """Return the numbers of code points, as float64."""

    def contains(self, texts: Rows, parts: Rows, constant: str | None) -> Rows:
        """Return whether texts contain parts; ``constant`` is the part where all have one."""

    def starts_with(self, texts: Rows, parts: Rows) -> Rows: ...

    def ends_with(self, texts: Rows, parts: Rows) -> Rows: ...

    def before(self, first: Rows, second: Rows) -> Rows:
        """Return whether texts come before others, by code points."""

    def moment(self, texts: Rows) -> tuple[Rows, list[Rows]]:
        """Return which texts match `DATE`, and float64 year, month, day, hour, minute, second,
        microseconds, minutes of the zone; whatever where they do not."""
