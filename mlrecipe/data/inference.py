"""Guesses what each column of a table is, and says why."""

from __future__ import annotations

import pandas as pd

from mlrecipe.data.pictures import is_picture
from mlrecipe.data.table_schema import Column, Kind

MANY_CATEGORIES = 50
"""More distinct strings than this are no categories (ydata-profiling's high-cardinality limit)."""


def infer_column(values: pd.Series) -> Column:
    """Return kind and type of a column, with the reason."""
    present = values.dropna()
    distinct = present.nunique()
    nullable = bool(values.isna().any())
    kind, reason = _kind(present, distinct)
    return Column(kind=kind, type=value_type(values), nullable=nullable, reason=reason)


def value_type(values: pd.Series) -> str:
    """Return how a value of the column is written in a request."""
    if pd.api.types.is_bool_dtype(values) or _is_boolean_object(values):
        return "boolean"
    if _is_bytes_object(values):
        return "bytes"
    return "number" if pd.api.types.is_numeric_dtype(values) else "string"


def _is_bytes_object(values: pd.Series) -> bool:
    present = values.dropna()
    return bool(
        values.dtype == object
        and len(present)
        and present.map(lambda v: isinstance(v, bytes)).all()
    )


def _is_boolean_object(values: pd.Series) -> bool:
    """Return whether an object column holds True, False and missing values alone."""
    present = values.dropna()
    return bool(
        values.dtype == object and len(present) and present.map(lambda v: isinstance(v, bool)).all()
    )


def _kind(present: pd.Series, distinct: int) -> tuple[Kind, str]:
    rows = len(present)
    if rows and present.map(lambda v: isinstance(v, bytes)).all():
        return "image", "encoded pictures"
    if distinct <= 1:
        return "constant", "at most one distinct value"
    if value_type(present) == "bytes":
        if present.map(is_picture).all():
            return "image", "bytes that begin as image files do"
        return "identifier", "bytes that are no image"
    if value_type(present) == "boolean":
        return "boolean", "true and false alone"
    if pd.api.types.is_datetime64_any_dtype(present):
        return "datetime", "stored as dates"
    if pd.api.types.is_numeric_dtype(present):
        if _counts_rows(present, distinct, rows):
            return "identifier", "whole numbers that count the rows, one by one"
        return "numeric", f"numbers, {distinct} distinct"
    return _kind_of_strings(present.astype(str), distinct, rows)


def _counts_rows(present: pd.Series, distinct: int, rows: int) -> bool:
    if distinct < rows or rows < 20 or not pd.api.types.is_integer_dtype(present):
        return False
    return int(present.max()) - int(present.min()) == rows - 1


def _kind_of_strings(present: pd.Series, distinct: int, rows: int) -> tuple[Kind, str]:
    words = present.str.count(r"\s+").mean() + 1
    if words >= 4 and distinct > rows / 2:
        return "text", f"{words:.0f} words a value on average, mostly distinct"
    if distinct == rows and rows >= 20:
        return "identifier", "a different string in every row"
    if _looks_like_dates(present):
        return "datetime", "strings that read as dates"
    if distinct <= MANY_CATEGORIES:
        return "categorical", f"{distinct} distinct strings"
    if distinct > rows / 2:
        return "identifier", f"{distinct} distinct strings in {rows} rows"
    return "categorical", f"{distinct} distinct strings; rare ones are put together"


def _looks_like_dates(present: pd.Series) -> bool:
    sample = present.head(100)
    if not sample.str.match(r"^\d{4}-\d{1,2}-\d{1,2}|^\d{1,2}[./]\d{1,2}[./]\d{2,4}").all():
        return False
    return bool(pd.to_datetime(sample, errors="coerce", format="mixed").notna().all())
