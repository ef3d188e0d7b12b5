"""Carries out expressions on pandas frames, a column at a time.

Missing values, one rule a kind of result:

- A test (comparison, ``in``, ``not in``, ``contains`` …) that meets a missing value is false.
- ``and``, ``or``, ``not`` and ``if`` take a missing truth for false.
- Anything else that meets a missing value is missing, as is a number that cannot be computed:
  x / 0, log(-1), 1e300 ** 2. ``coalesce`` puts something in its place, ``is_missing`` tells.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mlrecipe.errors import nearest
from mlrecipe.expressions.errors import ExpressionError
from mlrecipe.expressions.functions import KindError, result_kind
from mlrecipe.expressions.tree import Call, Column, Expression, Literal
from mlrecipe.interfaces import Array


@dataclass(frozen=True)
class Values:
    """A value for every row.

    Attributes:
        kind: ``number``, ``text``, ``truth`` or ``date``.
        values: float64, object (str), bool, or float64 days since 1970, (rows,); whatever where
            missing.
        missing: bool (rows,).
    """

    kind: str
    values: Array
    missing: Array

    def series(self, index: pd.Index) -> pd.Series:
        """Return the values with None where they are missing."""
        plain = pd.Series(self.values, index=index).astype(object)
        return plain.where(~self.missing, None)


def evaluate(expression: Expression, frame: pd.DataFrame) -> Values:
    """Return the value of an expression for every row of a frame.

    Raises:
        ExpressionError: for a column that is not there, or of the wrong kind.
    """
    require_columns(expression, [str(name) for name in frame.columns])
    with np.errstate(all="ignore"):
        return _value(expression.root, expression.text, frame)


def require_columns(expression: Expression, names: list[str]) -> None:
    """Raise an `ExpressionError` for the first column that is not among the names."""
    for column in expression.columns():
        if column.name not in names:
            close = nearest(column.name, names)
            shown = ", ".join(names[:20]) + (", …" if len(names) > 20 else "")
            raise ExpressionError(
                f"there is no column {column.name!r}"
                + (f"; did you mean {close!r}?" if close else ""),
                expression.text,
                column.at,
                expected=f"one of {shown}",
                fix="write texts in quotes, and columns with spaces in backticks",
            )


def _value(node: Literal | Column | Call, text: str, frame: pd.DataFrame) -> Values:
    if isinstance(node, Literal):
        return _constant(node.value, len(frame))
    if isinstance(node, Column):
        return _column(frame[node.name], node, text)
    arguments = [_value(item, text, frame) for item in node.arguments]
    try:
        kind = result_kind(node.function, [a.kind for a in arguments])
    except KindError as error:
        wrong = node.arguments[error.position]
        what = f"{wrong.name}: " if isinstance(wrong, Column) else ""
        at = node.at if isinstance(wrong, Literal) else wrong.at
        raise ExpressionError(f"wrong kind of value: {what}{error}", text, at) from None
    return _carry_out(node.function, kind, arguments)


def _constant(value: Any, rows: int) -> Values:
    if isinstance(value, bool):
        return Values("truth", np.full(rows, value), np.zeros(rows, dtype=bool))
    if isinstance(value, str):
        return Values("text", np.full(rows, value, dtype=object), np.zeros(rows, dtype=bool))
    return Values("number", np.full(rows, float(value)), np.zeros(rows, dtype=bool))


def _column(values: pd.Series, node: Column, text: str) -> Values:
    """Return a column by what it holds; infinite numbers count as missing."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        values = values.astype(values.cat.categories.dtype)
    missing = values.isna().to_numpy(dtype=bool)
    found = pd.api.types.infer_dtype(values, skipna=True)
    if found == "boolean":
        return Values("truth", values.fillna(False).to_numpy(dtype=bool), missing)
    if found in ("string", "empty"):
        return Values("text", values.astype(object).where(~missing, "").to_numpy(), missing)
    if found in ("integer", "floating", "mixed-integer-float", "decimal"):
        numbers = pd.to_numeric(values).to_numpy(dtype=np.float64, na_value=np.nan)
        return _number(numbers, missing)
    if found in ("datetime64", "datetime", "date"):
        return Values("date", _days(pd.to_datetime(values, errors="coerce")), missing)
    raise ExpressionError(
        f"the column {node.name!r} holds values of several kinds ({found})",
        text,
        node.at,
        expected="numbers, texts, dates, or true and false alone",
    )


def _number(values: Array, missing: Array) -> Values:
    """Return numbers; those that could not be computed are missing."""
    missing = missing | ~np.isfinite(values)
    return Values("number", np.where(missing, 0.0, values), missing)


def _days(moments: pd.Series) -> Array:
    """Return days since 1970 (rows,), NaN where missing; local times of a zone count as UTC."""
    if getattr(moments.dt, "tz", None) is not None:
        moments = moments.dt.tz_convert(None)
    seconds = (moments - pd.Timestamp(0)) / pd.Timedelta(days=1)
    return seconds.to_numpy(dtype=np.float64)


def _as_date(value: Values) -> Values:
    """Read texts as dates; what is no date is missing."""
    if value.kind == "date":
        return value
    texts = pd.Series(value.values).where(~value.missing)
    days = _days(pd.to_datetime(texts, errors="coerce", format="ISO8601"))
    missing = value.missing | ~np.isfinite(days)
    return Values("date", np.where(missing, 0.0, days), missing)


def _carry_out(name: str, kind: str, arguments: list[Values]) -> Values:
    if name in _LOGIC:
        truths = [a.values & ~a.missing for a in arguments]
        values = _LOGIC[name](truths)
        return Values("truth", values, np.zeros(len(values), dtype=bool))
    if name == "if":
        test, yes, no = arguments
        yes, no = _alike([yes, no])
        holds = test.values & ~test.missing
        missing = np.where(holds, yes.missing, no.missing)
        return Values(yes.kind, np.where(holds, yes.values, no.values), missing)
    if name == "is_missing":
        only = arguments[0]
        return Values("truth", only.missing.copy(), np.zeros(len(only.missing), dtype=bool))
    if name == "coalesce":
        return _coalesce(arguments)
    if name in _TESTS:
        return _test(name, _alike(arguments))
    if name in _DATES:
        arguments = [_as_date(a) for a in arguments]
    missing = np.logical_or.reduce([a.missing for a in arguments])
    values = (_NUMBERS | _TEXTS | _DATES)[name](*(a.values for a in arguments))
    return Values("text", values, missing) if kind == "text" else _number(values, missing)


def _alike(arguments: list[Values]) -> list[Values]:
    """Read texts as dates where a date is among the arguments."""
    if any(a.kind == "date" for a in arguments):
        return [_as_date(a) for a in arguments]
    return arguments


def _coalesce(arguments: list[Values]) -> Values:
    first = arguments[0]
    values, missing = first.values.copy(), first.missing.copy()
    for other in arguments[1:]:
        values = np.where(missing, other.values, values)
        missing &= other.missing
    return Values(first.kind, values, missing)


def _test(name: str, arguments: list[Values]) -> Values:
    first, others = arguments[0], arguments[1:]
    results = [
        _TESTS[name](first.values, other.values) & ~first.missing & ~other.missing
        for other in others
    ]
    combine = np.logical_and if name == "not_in" else np.logical_or
    values = combine.reduce(results).astype(bool)
    return Values("truth", values, np.zeros(len(values), dtype=bool))


def _texts(function: Callable[..., Any], kind: Any = bool) -> Callable[..., Array]:
    """Apply a function of Python's texts to every row."""

    def apply(*columns: Array) -> Array:
        rows = zip(*columns, strict=True)
        return np.array([function(*row) for row in rows], dtype=kind).reshape(len(columns[0]))

    return apply


def _moments(days: Array, unit: str) -> Array:
    return (days * 86_400_000).round().astype("int64").astype("datetime64[ms]").astype(unit)


_LOGIC: dict[str, Callable[[list[Array]], Array]] = {
    "and": np.logical_and.reduce,
    "or": np.logical_or.reduce,
    "not": lambda truths: ~truths[0],
}
_TESTS: dict[str, Callable[..., Array]] = {
    "equal": lambda x, y: x == y,
    "not_equal": lambda x, y: x != y,
    "less": lambda x, y: x < y,
    "less_equal": lambda x, y: x <= y,
    "greater": lambda x, y: x > y,
    "greater_equal": lambda x, y: x >= y,
    "in": lambda x, y: x == y,
    "not_in": lambda x, y: x != y,
    "contains": _texts(lambda text, part: part in text),
    "starts_with": _texts(str.startswith),
    "ends_with": _texts(str.endswith),
}
_NUMBERS: dict[str, Callable[..., Array]] = {
    "add": np.add,
    "subtract": np.subtract,
    "multiply": np.multiply,
    "divide": np.divide,
    "floor_divide": np.floor_divide,
    "remainder": lambda x, y: np.where(y == 0, np.nan, np.mod(x, y)),
    "power": np.float_power,
    "negative": np.negative,
    "abs": np.abs,
    "log": np.log,
    "log1p": np.log1p,
    "exp": np.exp,
    "sqrt": np.sqrt,
    "round": np.round,
    "floor": np.floor,
    "min": lambda *columns: np.minimum.reduce(columns),
    "max": lambda *columns: np.maximum.reduce(columns),
}
_TEXTS: dict[str, Callable[..., Array]] = {
    "lower": _texts(str.lower, object),
    "upper": _texts(str.upper, object),
    "length": _texts(len, np.float64),
}
_DATES: dict[str, Callable[..., Array]] = {
    "days_between": lambda first, second: second - first,
    "year": lambda d: _moments(d, "datetime64[Y]").astype("int64") + 1970.0,
    "month": lambda d: _moments(d, "datetime64[M]").astype("int64") % 12 + 1.0,
    "weekday": lambda d: (np.floor(d) + 3) % 7,
}
