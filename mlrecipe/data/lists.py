"""Cells that hold lists: readers of Parquet and JSON give them as JSON text, frames as lists."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from mlrecipe.data.table_schema import TableSchema

LIST_KINDS = ("tags", "sequence")
"""Kinds of columns whose cells may be lists."""


def is_list(value: Any) -> bool:
    """Return whether a value of a cell is a list."""
    return isinstance(value, list | tuple | set | frozenset) or (
        isinstance(value, np.ndarray) and value.ndim == 1
    )


def as_lists(values: pd.Series) -> pd.Series:
    """Return a column with JSON texts of lists as lists; other cells stay as they are."""
    if pd.api.types.is_numeric_dtype(values) or not values.map(_written_as_list).any():
        return values
    found = np.empty(len(values), dtype=object)
    for row, value in enumerate(values):
        found[row] = _list_of(value) if _written_as_list(value) else value
    return pd.Series(found, index=values.index, name=values.name)


def with_lists(frame: pd.DataFrame, schema: TableSchema) -> pd.DataFrame:
    """Return the frame with the lists of those columns that the schema has lists in."""
    names = [n for n, c in schema.columns.items() if c.kind in LIST_KINDS and n in frame]
    return frame.assign(**{name: as_lists(frame[name]) for name in names}) if names else frame


def hashable(values: pd.Series) -> pd.Series:
    """Return the values with lists, arrays and dictionaries as their whole text."""
    kinds = (list, tuple, dict, set, np.ndarray)
    if values.dtype != object or not values.map(lambda v: isinstance(v, kinds)).any():
        return values
    return values.map(
        lambda v: str(v.tolist() if isinstance(v, np.ndarray) else v), na_action="ignore"
    )


def _written_as_list(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("[") and value.endswith("]")


def _list_of(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
