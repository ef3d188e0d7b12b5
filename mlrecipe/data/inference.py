"""Guesses what each column of a table is, and says why."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd

from mlrecipe.data.dates import reads_as_dates
from mlrecipe.data.lists import as_lists, is_list
from mlrecipe.data.locations import LIMITS, are_places, pairs_by_name, reason_for
from mlrecipe.data.pictures import is_picture
from mlrecipe.data.sets import set_reason
from mlrecipe.data.table_schema import Column, Kind

MANY_CATEGORIES = 50
"""More distinct strings than this are no categories (ydata-profiling's high-cardinality limit)."""

MOST_INDICATORS = 100
"""More distinct values than this get no indicator each (`preprocessing.categorical`)."""

MOST_PICTURES = 0.5
"""From this share of bytes that begin as image files do on, the others are broken images."""

FEWEST_REPEATED = 0.5
"""Of an id that something can be learnt of, this share of the rows has a value seen again."""

NAMED_ID = re.compile(r"(^|[_\W])(id|ids|uuid|guid)$|(?<=[a-z])(Id|ID)$")
"""How columns of ids are called: ``user_id``, ``orderId``."""

SETS_LOOKED_AT = 5_000
"""Rows by which strings are told to be sets of tags."""


def infer_columns(frame: pd.DataFrame) -> dict[str, Column]:
    """Return kind and type of every column, with the reasons; what belongs together is told so."""
    columns = {str(name): infer_column(frame[name]) for name in frame.columns}
    numbers = [n for n, c in columns.items() if c.type == "number" and c.kind == "numeric"]
    for pair in pairs_by_name(numbers):
        if are_places(*(frame[name] for name in pair)):
            for name, limit in zip(pair, LIMITS.values(), strict=True):
                # What lies beyond the poles is no place, wherever it comes from.
                update: dict[str, Any] = {"kind": "location", "reason": reason_for(*pair)}
                update |= {"minimum": -limit, "maximum": limit}
                columns[name] = columns[name].model_copy(update=update)
    return columns


def infer_column(values: pd.Series) -> Column:
    """Return kind and type of a column, with the reason."""
    values = as_lists(values)
    present = values.dropna()
    nullable = bool(values.isna().any())
    if type_ := _list_type(present):
        reason = "lists of numbers" if type_ == "numbers" else "lists of strings"
        kind: Kind = "sequence" if type_ == "numbers" else "tags"
        return Column(kind=kind, type=type_, nullable=nullable, reason=reason)  # type: ignore[arg-type]
    type_ = _type_of(present)
    kind, reason = _kind(present, type_, present.nunique())
    return Column(kind=kind, type=type_, nullable=nullable, reason=reason)  # type: ignore[arg-type]


def _list_type(present: pd.Series) -> str:
    """Return the type of a column of lists: numbers, or string for tags; else nothing."""
    if present.dtype != object or not len(present) or not present.map(is_list).all():
        return ""
    members = [m for value in present.head(1_000) for m in value if m is not None]
    plain = (int, float, np.integer, np.floating)
    numbers = members and all(isinstance(m, plain) and not isinstance(m, bool) for m in members)
    return "numbers" if numbers else "string"


def value_type(values: pd.Series) -> str:
    """Return how a value of the column is written in a request."""
    present = as_lists(values).dropna()
    return "numbers" if _list_type(present) == "numbers" else _type_of(present)


def _type_of(present: pd.Series) -> str:
    """Return the type of a column without lists of numbers."""
    if present.dtype == object and len(present):
        for name, kind in (("boolean", bool), ("bytes", bytes)):
            if all(isinstance(value, kind) for value in present):
                return name
    if pd.api.types.is_bool_dtype(present):
        return "boolean"
    return "number" if pd.api.types.is_numeric_dtype(present) else "string"


def _kind(present: pd.Series, type_: str, distinct: int) -> tuple[Kind, str]:
    rows = len(present)
    if type_ == "bytes":
        if present.map(is_picture).mean() > MOST_PICTURES:
            return "image", "bytes that begin as image files do"
        return "identifier", "bytes that are no image"
    if distinct <= 1:
        return "constant", "at most one distinct value"
    if type_ == "boolean":
        return "boolean", "true and false alone"
    if pd.api.types.is_datetime64_any_dtype(present):
        return "datetime", "stored as dates"
    if pd.api.types.is_numeric_dtype(present):
        if _counts_rows(present, distinct, rows):
            return "identifier", "whole numbers that count the rows, one by one"
        if rows >= 20 and NAMED_ID.search(str(present.name)) and not (present % 1).any():
            return _kind_of_ids(present, distinct, rows)
        return "numeric", f"numbers, {distinct} distinct"
    return _kind_of_strings(present.astype(str), distinct, rows)


def _counts_rows(present: pd.Series, distinct: int, rows: int) -> bool:
    if distinct < rows or rows < 20 or not pd.api.types.is_integer_dtype(present):
        return False
    return int(present.max()) - int(present.min()) == rows - 1


def _kind_of_strings(present: pd.Series, distinct: int, rows: int) -> tuple[Kind, str]:
    if reads_as_dates(present.head(100)):
        return "datetime", "strings that read as dates"
    sets = set_reason(present.head(SETS_LOOKED_AT).value_counts().to_dict())
    if sets:
        return "tags", sets
    words = present.str.count(r"\s+").mean() + 1
    if words >= 4 and distinct > rows / 2:
        return "text", f"{words:.0f} words a value on average, mostly distinct"
    if distinct == rows and rows >= 20:
        return "identifier", "a different string in every row"
    if distinct <= MANY_CATEGORIES:
        return "categorical", f"{distinct} distinct strings"
    repeated = _repeated(present)
    if repeated < FEWEST_REPEATED:
        return "identifier", (
            f"{distinct} distinct strings in {rows} rows; {1 - repeated:.0%} occur once"
        )
    if distinct <= MOST_INDICATORS:
        return "categorical", f"{distinct} distinct strings; rare ones are put together"
    return "id", f"{distinct} distinct strings that repeat, too many for an indicator each"


def _kind_of_ids(present: pd.Series, distinct: int, rows: int) -> tuple[Kind, str]:
    """Return the kind of whole numbers in a column that is named like an id."""
    words = f"whole numbers named as an id, {distinct} distinct in {rows} rows"
    if _repeated(present) < FEWEST_REPEATED:
        return "identifier", f"{words}: most occur once"
    if distinct <= MANY_CATEGORIES:
        return "categorical", words
    return "id", f"{words}, that repeat"


def _repeated(present: pd.Series) -> float:
    """Return the share of rows whose value another row has as well."""
    return float(present.duplicated(keep=False).mean())
