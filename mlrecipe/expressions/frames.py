"""Expressions on pandas frames, whose columns may hold anything: for rules, and for new columns."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mlrecipe.expressions import arrays
from mlrecipe.expressions.calendar import MICROSECONDS
from mlrecipe.expressions.errors import ExpressionError
from mlrecipe.expressions.evaluating import Values
from mlrecipe.expressions.kinds import kind_of, require_columns
from mlrecipe.expressions.letters import letters
from mlrecipe.expressions.tree import Column, Expression
from mlrecipe.interfaces import Array


def evaluate(expression: Expression, frame: pd.DataFrame) -> Values:
    """Return the value of an expression for every row of a frame.

    Raises:
        ExpressionError: for a column that is not there, or of the wrong kind.
    """
    require_columns(expression, [str(name) for name in frame.columns])
    columns = {
        column.name: _column(frame[column.name], column, expression.text)
        for column in expression.columns()
    }
    kind_of(expression, {name: values.kind for name, values in columns.items()})
    return arrays.evaluate(expression, columns, len(frame), letters())


def series_of(found: Values, index: pd.Index) -> pd.Series:
    """Return values with None where they are missing."""
    plain = pd.Series(found.values, index=index).astype(object)
    return plain.where(~found.missing, None)


def _column(values: pd.Series, node: Column, text: str) -> Values:
    """Return a column by what it holds; infinite numbers count as missing."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        values = values.astype(values.cat.categories.dtype)
    missing = values.isna().to_numpy(dtype=bool)
    found = pd.api.types.infer_dtype(values, skipna=True)
    if found == "boolean":
        return Values("truth", values.fillna(False).to_numpy(dtype=bool), missing)
    if found in ("string", "empty"):
        return arrays.column(values.astype(object).where(~missing, "").to_numpy(), "text")
    if found in ("integer", "floating", "mixed-integer-float", "decimal"):
        numbers = pd.to_numeric(values).to_numpy(dtype=np.float64, na_value=np.nan)
        return arrays.column(numbers, "number")
    if found in ("datetime64", "datetime", "date"):
        return _date(pd.to_datetime(values, errors="coerce"))
    raise ExpressionError(
        f"the column {node.name!r} holds values of several kinds ({found})",
        text,
        node.at,
        expected="numbers, texts, dates, or true and false alone",
    )


def _date(moments: pd.Series) -> Values:
    """Return days since 1970; a zone's times are brought to UTC."""
    if getattr(moments.dt, "tz", None) is not None:
        moments = moments.dt.tz_convert(None)
    missing = moments.isna().to_numpy(dtype=bool)
    micros: Array = moments.to_numpy().astype("datetime64[us]").astype(np.int64)
    days, rest = np.divmod(np.where(missing, 0, micros), int(MICROSECONDS))
    return Values("date", days + rest / MICROSECONDS, missing)
