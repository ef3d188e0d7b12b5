"""Expressions on NumPy arrays: many rows at once, or the one row of a request."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np

from mlrecipe.expressions import evaluating
from mlrecipe.expressions.evaluating import Values
from mlrecipe.expressions.letters import by_code
from mlrecipe.expressions.runtime import DATE, Letters
from mlrecipe.expressions.tree import Expression
from mlrecipe.interfaces import Array

_DATE = re.compile(DATE)


def evaluate(
    expression: Expression, columns: Mapping[str, Values], rows: int, letters: Letters
) -> Values:
    """Return the value of an expression, whose kinds have been checked, for every row."""
    with np.errstate(all="ignore"):
        return evaluating.evaluate(expression, columns, rows, NumPy(), letters)


def column(values: Array, kind: str) -> Values:
    """Return a column as a preparation reads it: float64 with NaN, or texts with ""."""
    if kind == "number":
        with np.errstate(all="ignore"):
            return evaluating.number(NumPy(), values, np.isnan(values))
    if kind == "truth":
        missing = np.isnan(values)
        return Values("truth", (values != 0) & ~missing, missing)
    if kind == "date":
        return evaluating.date(NumPy(), values)
    return Values("text", values, np.asarray(values == "", dtype=bool))


def plain(found: Values) -> Array:
    """Return values as a preparation passes them on: float64 with NaN, or texts with ""."""
    if found.kind == "text":
        return np.where(found.missing, "", found.values)
    return np.where(found.missing, np.nan, found.values)


class NumPy:
    """The elementary functions."""

    where = staticmethod(np.where)
    floor = staticmethod(np.floor)
    sqrt = staticmethod(np.sqrt)
    round = staticmethod(np.rint)
    abs = staticmethod(np.abs)
    minimum = staticmethod(np.minimum)
    maximum = staticmethod(np.maximum)
    finite = staticmethod(np.isfinite)
    fmod = staticmethod(np.fmod)

    def constant(self, value: Any, rows: int) -> Array:
        return np.full(rows, value, dtype=object if isinstance(value, str) else None)

    def split(self, x: Array) -> tuple[Array, Array]:
        part, exponent = np.frexp(x)
        return part, exponent.astype(np.float64)

    def scale(self, x: Array, exponent: Array) -> Array:
        return np.ldexp(x, np.asarray(exponent).astype(np.int32))

    def change_letters(self, texts: Array, table: tuple[tuple[int, int, int, int], ...]) -> Array:
        codes = _codes(table)
        return _each(lambda text: text.translate(codes), object, texts)

    def length(self, texts: Array) -> Array:
        return _each(len, np.float64, texts)

    def contains(self, texts: Array, parts: Array, constant: str | None) -> Array:
        return _each(operator.contains, bool, texts, parts)

    def starts_with(self, texts: Array, parts: Array) -> Array:
        return _each(str.startswith, bool, texts, parts)

    def ends_with(self, texts: Array, parts: Array) -> Array:
        return _each(str.endswith, bool, texts, parts)

    def before(self, first: Array, second: Array) -> Array:
        return _each(operator.lt, bool, first, second)

    def moment(self, texts: Array) -> tuple[Array, list[Array]]:
        found = np.array([_fields(text) for text in texts], dtype=np.float64).reshape(-1, 9)
        return found[:, 0] == 1.0, list(found.T[1:])


def _each(function: Callable[..., Any], kind: Any, *columns: Array) -> Array:
    """Apply a function of Python's texts to every row."""
    found = [function(*row) for row in zip(*columns, strict=True)]
    return np.array(found, dtype=kind).reshape(len(columns[0]))


@cache
def _codes(table: tuple[tuple[int, int, int, int], ...]) -> dict[int, int]:
    return by_code(table)


def _fields(text: str) -> tuple[float, ...]:
    """Return whether a text is a moment, and its eight numbers."""
    match = _DATE.fullmatch(text)
    if match is None:
        return (0.0,) * 9
    *numbers, fraction, sign, hours, minutes = match.groups(default="0")
    zone = float(hours) * 60 + float(minutes)
    micros = float(f"{fraction}000000"[:6])
    return (1.0, *map(float, numbers), micros, -zone if sign == "-" else zone)
