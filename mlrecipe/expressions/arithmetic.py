"""Functions of numbers out of steps that every runtime rounds alike.

The libraries' own log, exp and pow differ in the last bit. These are within about 1e-15 of the
truth, relative to it; ``power`` of a broken or large exponent within 1e-13.
"""

from __future__ import annotations

from typing import Any

from mlrecipe.expressions.runtime import SMALLEST, Rows, Runtime

LN2_HIGH, LN2_LOW = 0.6931471803691238, 1.9082149292705877e-10
"""log(2) in two parts; the first has so few digits that whole multiples of it are exact."""

LOG_TERMS = tuple(1.0 / (2 * k + 1) for k in range(12, -1, -1))
"""log((1 + s) / (1 - s)) = 2 s (1 + s² / 3 + s⁴ / 5 + …); the rest is below 1e-19 for s < 0.18."""

_FACTORIALS = (1, 1, 2, 6, 24, 120, 720, 5040, 40320, 362880, 3628800, 39916800, 479001600)
EXP_TERMS = tuple(1.0 / n for n in reversed((*_FACTORIALS, 6227020800, 87178291200)))
"""exp(r) = 1 + r + r² / 2 + …; the rest is below 1e-18 for r < 0.35."""

WHOLE_POWERS = 64
"""Whole exponents below are carried out by multiplication: 3 ** 2 is 9."""


def number(rt: Runtime, x: Rows) -> Rows:
    """Return numbers with those that count as 0 as 0."""
    return rt.where(rt.abs(x) < SMALLEST, 0.0, x)


def log(rt: Runtime, x: Rows) -> Rows:
    """Return the natural logarithm; NaN where there is none."""
    positive = x > 0.0
    part, exponent = rt.split(rt.where(positive, x, 1.0))
    low = part < 0.7071067811865476
    part, exponent = rt.where(low, part * 2.0, part), rt.where(low, exponent - 1.0, exponent)
    beyond = part - 1.0
    s = beyond / (part + 1.0)
    series = _polynomial(LOG_TERMS, s * s) * (s * 2.0)
    # Differences, because TensorFlow's optimizer would add up three terms in an order of its own.
    found = exponent * LN2_HIGH - (exponent * -LN2_LOW - series)
    return rt.where(positive, found, float("nan"))


def log1p(rt: Runtime, x: Rows) -> Rows:
    """Return log(1 + x), exact near 0 too (Kahan's formula, in the HP-15C's handbook, 1982)."""
    whole = x + 1.0
    same = whole == 1.0
    apart = rt.where(same, 1.0, whole - 1.0)
    return rt.where(same, x, log(rt, whole) * (x / apart))


def exp(rt: Runtime, x: Rows) -> Rows:
    """Return e to the power of x; infinity where it is too large, 0 where too small."""
    inside = rt.minimum(rt.maximum(x, -746.0), 710.0)
    exponent = rt.round(inside / 0.6931471805599453)
    rest = (inside - exponent * LN2_HIGH) - exponent * LN2_LOW
    half = rt.floor(exponent / 2.0)
    found = rt.scale(rt.scale(_polynomial(EXP_TERMS, rest), half), exponent - half)
    return number(rt, rt.where(x > 710.0, float("inf"), found))


def power(rt: Runtime, x: Rows, y: Rows) -> Rows:
    """Return x to the power of y; NaN where it is no real number."""
    whole = rt.floor(y) == y
    odd = rt.fmod(y, 2.0) != 0.0
    by_log = exp(rt, y * log(rt, rt.where(x == 0.0, 1.0, rt.abs(x))))
    by_log = rt.where(
        x < 0.0, rt.where(whole, rt.where(odd, -by_log, by_log), float("nan")), by_log
    )
    zero = rt.where(y < 0.0, float("inf"), rt.where(y == 0.0, 1.0, 0.0))
    few = whole & (rt.abs(y) < WHOLE_POWERS)
    return rt.where(few, _whole_power(rt, x, y), rt.where(x == 0.0, zero, by_log))


def _whole_power(rt: Runtime, x: Rows, y: Rows) -> Rows:
    """Return the power by repeated squaring, for whole y between -64 and 64."""
    left, square = rt.abs(y), x
    found = x * 0.0 + 1.0
    for _ in range(WHOLE_POWERS.bit_length() - 1):
        half = rt.floor(left / 2.0)
        found = rt.where(left - half * 2.0 == 1.0, number(rt, found * square), found)
        left, square = half, number(rt, square * square)
    return rt.where(y < 0.0, 1.0 / found, found)


def floor_divide(rt: Runtime, x: Rows, y: Rows) -> Rows:
    """Return Python's x // y; not finite where y is 0."""
    rest = number(rt, rt.fmod(x, y))
    found = (x - rest) / y
    found = rt.where(_wrong_sign(rest, y), found - 1.0, found)
    whole = rt.floor(found)
    return rt.where(found - whole > 0.5, whole + 1.0, whole)


def remainder(rt: Runtime, x: Rows, y: Rows) -> Rows:
    """Return Python's x % y, which has the sign of y; not finite where y is 0."""
    rest = number(rt, rt.fmod(x, y))
    return rt.where(_wrong_sign(rest, y), rest + y, rest)


def _wrong_sign(rest: Rows, y: Rows) -> Rows:
    return (rest != 0.0) & ((y < 0.0) != (rest < 0.0))


def _polynomial(terms: tuple[float, ...], x: Rows) -> Any:
    """Return the value at x; the highest term comes first."""
    found: Any = terms[0]
    for term in terms[1:]:
        found = found * x + term
    return found
