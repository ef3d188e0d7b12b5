"""Expressions on NumPy arrays: many rows at once, or the one row of a request."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from mlrecipe.expressions import evaluating
from mlrecipe.expressions.evaluating import Values
from mlrecipe.expressions.letters import by_code
from mlrecipe.expressions.runtime import DATE, SMALLEST_RESULT, Letters
from mlrecipe.expressions.tree import Expression
from mlrecipe.interfaces import Array

_DATE = re.compile(DATE)


def evaluate(
    expression: Expression, columns: Mapping[str, Values], rows: int, letters: Letters
) -> Values:
    """Return the value of an expression, whose kinds have been checked, for every row."""
    with silence():
        return evaluating.evaluate(expression, columns, rows, _NUMPY, letters)


def silence() -> np.errstate:
    """Keep NumPy from warning of what counts as missing: x / 0, log(-1)."""
    return np.errstate(all="ignore")


def add_derived(
    items: Iterable[tuple[str, Expression, Letters]], columns: dict[str, Values], rows: int
) -> None:
    """Add the values of expressions, in order, to the columns that they read."""
    with silence():  # once, because it costs as much as a division of one row
        for name, expression, letters in items:
            columns[name] = evaluating.evaluate(expression, columns, rows, _NUMPY, letters)


def number_columns(names: Sequence[str], values: Array) -> dict[str, Values]:
    """Return numeric columns float64 (rows, n), NaN where one is missing, by name."""
    whole = evaluating.number(_NUMPY, values, np.zeros((), dtype=bool))
    return {
        name: Values("number", whole.values[:, i], whole.missing[:, i])
        for i, name in enumerate(names)
    }


def column(values: Array, kind: str) -> Values:
    """Return a column as a preparation reads it: float64 with NaN, or texts with ""."""
    if kind == "number":
        return number_columns([""], values[:, None])[""]
    if kind == "truth":
        missing = np.isnan(values)
        return Values("truth", (values != 0) & ~missing, missing)
    if kind == "date":
        return evaluating.date(_NUMPY, values)
    return Values("text", values, np.asarray(values == "", dtype=bool))


def plain(found: Values) -> Array:
    """Return values as a preparation passes them on: float64 with NaN, or texts with ""."""
    if found.kind == "text":
        return np.where(found.missing, "", found.values)
    if found.kind == "truth":
        return np.where(found.missing, np.nan, found.values)
    small = np.abs(found.values) < SMALLEST_RESULT
    return np.where(found.missing, np.nan, np.where(small, 0.0, found.values))


class NumPy:
    """The elementary functions."""

    where = staticmethod(np.where)
    floor = staticmethod(np.floor)
    sqrt = staticmethod(np.sqrt)
    round = staticmethod(np.rint)
    abs = staticmethod(np.abs)
    minimum = staticmethod(np.minimum)
    maximum = staticmethod(np.maximum)
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


_NUMPY = NumPy()


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
