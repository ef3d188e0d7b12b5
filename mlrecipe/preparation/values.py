"""How raw columns are read, from frames and from requests: one rule each, wherever they come from.

A number that is missing is NaN, a string that is missing is "". A truth is the number 1 or 0; a
number so small that some runtimes take it for 0 is 0. A moment is a string in ISO 8601, in UTC
where its zone is known; a set of tags is a string, its members joined by |; a list of numbers is an
array, empty where it is missing.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Literal

import numpy as np
import pandas as pd

from mlrecipe.data.sets import joined
from mlrecipe.interfaces import Array
from mlrecipe.preparation.coded import Coded, coded
from mlrecipe.preparation.operation import MISSING

Reads = Literal["number", "string", "bytes", "numbers"]
"""How a column's values are written in a request."""


SMALLEST_NORMAL = 2.2250738585072014e-308


def from_frame(frame: pd.DataFrame, columns: Sequence[str], reads: Reads) -> Array:
    """Return columns as float64 (rows, n), or as objects (rows, n): strings, bytes of files,
    or lists of numbers, each float64 (length,).

    A column that is not there counts as missing in every row. Each column lies in one piece.
    """
    read = _READERS[reads]
    type_ = np.float64 if reads == "number" else object
    found = np.empty((len(frame), len(columns)), type_, order="F")
    for i, name in enumerate(columns):
        found[:, i] = read(_column(frame, name))
    return _without_subnormals(found) if reads == "number" else found


def coded_from_frame(frame: pd.DataFrame, columns: Sequence[str]) -> Coded:
    """Return columns of strings as codes: `from_frame` for operations that look values up."""
    parts = [coded(_column(frame, name), text_of) for name in columns]
    return Coded(tuple(codes for codes, _ in parts), tuple(values for _, values in parts))


def _column(frame: pd.DataFrame, name: str) -> pd.Series:
    return frame[name] if name in frame else pd.Series([None] * len(frame))


def from_records(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], reads: Reads) -> Array:
    """Return the same from requests that have passed the schema, without building a frame."""
    if reads == "number":
        numbers = [
            [np.nan if (v := row.get(name)) is None else float(v) for name in columns]
            for row in rows
        ]
        return _without_subnormals(
            np.array(numbers, dtype=np.float64).reshape(len(rows), len(columns))
        )
    found = np.empty((len(rows), len(columns)), dtype=object)
    spell = _SPELLINGS[reads]
    for i, row in enumerate(rows):
        for j, name in enumerate(columns):
            found[i, j] = spell(row.get(name))
    return found


def _without_subnormals(numbers: Array) -> Array:
    """Set what is nearer to 0 than any normal number to 0, in place: TensorFlow takes it so."""
    numbers[np.abs(numbers) < SMALLEST_NORMAL] = 0.0
    return numbers


def numbers(values: pd.Series) -> Array:
    """Return values as float64 (rows,)."""
    if values.dtype == np.float64:
        return values.to_numpy()
    return pd.to_numeric(values).to_numpy(dtype=np.float64, na_value=np.nan)


def strings(values: pd.Series) -> Array:
    """Return values as strings (rows,)."""
    if pd.api.types.is_datetime64_any_dtype(values):
        return moments(values)
    if values.dtype == "str":
        return values.to_numpy(dtype=object, na_value=MISSING)
    codes, known = coded(values, text_of)
    return known[codes]


def files(values: pd.Series) -> Array:
    """Return values as bytes (rows,); a missing file is empty."""
    found = np.empty(len(values), dtype=object)
    found[:] = [bytes_of(v) for v in values]
    return found


def lists(values: pd.Series) -> Array:
    """Return lists of numbers as objects (rows,), each float64 (length,)."""
    found = np.empty(len(values), dtype=object)
    for row, value in enumerate(values):
        found[row] = numbers_of(value)  # one by one: lists of one length would become a matrix
    return found


def moments(values: pd.Series) -> Array:
    """Return dates and times (rows,) spelt as `text_of` spells them, most of them all at once."""
    zoned = getattr(values.dtype, "tz", None) is not None
    naive = values.dt.tz_convert(None) if zoned else values
    stamps = naive.to_numpy().astype("datetime64[ns]")
    texts = np.datetime_as_string(stamps, unit="s").astype(object)
    if zoned:
        texts = texts + "+00:00"
    for i in np.flatnonzero(stamps.astype(np.int64) % 10**9):
        texts[i] = text_of(values.iloc[i])
    texts[np.isnat(stamps)] = MISSING
    return texts


def text_of(value: Any) -> str:
    """Return the one spelling of a string's value: 3, 3.0 and "3" are the same, as are gaps."""
    if isinstance(value, str):
        return value
    if isinstance(value, list | tuple | np.ndarray):
        return joined([text_of(v) for v in value])
    if isinstance(value, set | frozenset):
        return joined({text_of(v) for v in value})
    if value is None or value is pd.NaT or value != value:
        return MISSING
    if isinstance(value, datetime):
        return (value if value.tzinfo is None else value.astimezone(UTC)).isoformat()
    if isinstance(value, date):
        return value.isoformat()
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


def numbers_of(value: Any) -> Array:
    """Return a list of numbers as float64 (length,), None as NaN; a missing list is empty."""
    if isinstance(value, list | tuple | np.ndarray):
        return np.array([np.nan if v is None else v for v in value], dtype=np.float64)
    return np.zeros(0)


def padded(values: Array) -> Array:
    """Return lists of numbers (rows,) as the graph takes them: float64 (rows, longest).

    NaN stands after the end of each.
    """
    longest = max([1, *map(len, values)])
    found = np.full((len(values), longest), np.nan)
    for row, numbers in zip(found, values, strict=True):
        row[: len(numbers)] = numbers
    return found


_READERS: dict[Reads, Callable[[pd.Series], Array]] = {
    "number": numbers,
    "string": strings,
    "bytes": files,
    "numbers": lists,
}
_SPELLINGS: dict[Reads, Callable[[Any], Any]] = {
    "string": text_of,
    "bytes": bytes_of,
    "numbers": numbers_of,
}
