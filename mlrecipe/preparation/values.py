"""How raw columns are read, from frames and from requests: one rule each, wherever they come from.

A number that is missing is NaN, a string that is missing is "". A truth is the number 1 or 0.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd

from mlrecipe.interfaces import Array
from mlrecipe.preparation.coded import Coded, coded
from mlrecipe.preparation.operation import MISSING

Reads = Literal["number", "string", "bytes"]
"""How a column's values are written in a request."""


def from_frame(frame: pd.DataFrame, columns: Sequence[str], reads: Reads) -> Array:
    """Return columns as float64 (rows, n), or as objects (rows, n): strings, or bytes of files.

    A column that is not there counts as missing in every row. Each column lies in one piece.
    """
    read = numbers if reads == "number" else strings if reads == "string" else files
    type_ = np.float64 if reads == "number" else object
    found = np.empty((len(frame), len(columns)), type_, order="F")
    for i, name in enumerate(columns):
        found[:, i] = read(_column(frame, name))
    return found


def coded_from_frame(frame: pd.DataFrame, columns: Sequence[str]) -> Coded:
    """Return columns of strings as codes: `from_frame` for operations that look values up."""
    parts = [coded(_column(frame, name), text_of) for name in columns]
    return Coded(tuple(codes for codes, _ in parts), tuple(values for _, values in parts))


def _column(frame: pd.DataFrame, name: str) -> pd.Series:
    return frame[name] if name in frame else pd.Series([None] * len(frame))


def from_records(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], reads: Reads) -> Array:
    """Return the same from requests that have passed the schema, without building a frame."""
    if reads == "number":
        return np.array(
            [
                [np.nan if (v := row.get(name)) is None else float(v) for name in columns]
                for row in rows
            ],
            dtype=np.float64,
        ).reshape(len(rows), len(columns))
    found = np.empty((len(rows), len(columns)), dtype=object)
    spell = text_of if reads == "string" else bytes_of
    for i, row in enumerate(rows):
        for j, name in enumerate(columns):
            found[i, j] = spell(row.get(name))
    return found


def numbers(values: pd.Series) -> Array:
    """Return values as float64 (rows,)."""
    if values.dtype == np.float64:
        return values.to_numpy()
    return pd.to_numeric(values).to_numpy(dtype=np.float64, na_value=np.nan)


def strings(values: pd.Series) -> Array:
    """Return values as strings (rows,)."""
    if values.dtype == "str":
        return values.to_numpy(dtype=object, na_value=MISSING)
    codes, known = coded(values, text_of)
    return known[codes]


def files(values: pd.Series) -> Array:
    """Return values as bytes (rows,); a missing file is empty."""
    found = np.empty(len(values), dtype=object)
    found[:] = [bytes_of(v) for v in values]
    return found


def text_of(value: Any) -> str:
    """Return the one spelling of a string's value: 3, 3.0 and "3" are the same, as are gaps."""
    if isinstance(value, str):
        return value
    if value is None or value != value:
        return MISSING
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)


def as_requests(frame: pd.DataFrame) -> str:
    """Return rows as a request's JSON writes them: files as TensorFlow Serving's {"b64": …}."""
    files = {
        name: values.map(as_base64, na_action="ignore")
        for name, values in frame.items()
        if values.dtype == object and values.map(lambda v: isinstance(v, bytes)).any()
    }
    return str(frame.assign(**files).to_json(orient="records", indent=1))


def as_base64(value: bytes) -> dict[str, str]:
    """Return a file's bytes as TensorFlow Serving's REST interface writes them."""
    return {"b64": base64.b64encode(value).decode()}


def bytes_of(value: Any) -> bytes:
    """Return a file's bytes; a missing one is empty."""
    return value if isinstance(value, bytes) else b""
