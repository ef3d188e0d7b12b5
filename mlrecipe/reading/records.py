"""Turns records (JSON lines, rows of a query …) into frames whose types all records agree on.

The rule: numbers with gaps become float64, whole numbers without gaps int64, booleans stay
booleans, bytes stay bytes. Where values of different types meet in one column, or a whole number
is beyond 2^53 and others are missing, the column becomes text: numbers and booleans as JSON writes
them. Dates become ISO text; lists become JSON text; nested records become columns with dotted
names.
"""

from __future__ import annotations

import datetime
import decimal
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from mlrecipe.errors import MlrecipeError

Record = Mapping[str, Any]
Batches = Callable[[], Iterable[list[Record]]]
"""Starts reading anew, and gives the records in lists of bounded size."""

EXACT = 2**53


def flattened(record: Record, prefix: str = "") -> dict[str, Any]:
    """Return a record without nesting: ``{"a": {"b": 1}}`` becomes ``{"a.b": 1}``."""
    flat: dict[str, Any] = {}
    for key, value in record.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            flat.update(flattened(value, f"{name}."))
        else:
            flat[name] = _scalar(value)
    return flat


def _scalar(value: Any) -> Any:
    """Return a value as one of None, bool, int, float, str, bytes."""
    if value is None or isinstance(value, bool | int | float | str | bytes):
        return None if isinstance(value, float) and value != value else value
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        return float(value) if value % 1 else int(value)
    if isinstance(value, bytearray | memoryview):
        return bytes(value)
    if isinstance(value, np.generic):
        return _scalar(value.item())
    if isinstance(value, np.ndarray):
        value = value.tolist()
    return json.dumps(value, ensure_ascii=False, default=str)


@dataclass
class ValueProfile:
    """What types the values of one column have.

    Attributes:
        types: the Python types seen.
        present: how many values there are.
        large: whether a whole number is beyond 2^53.
        huge: whether one is beyond 64 bits.
    """

    types: set[type] = field(default_factory=set)
    present: int = 0
    large: bool = False
    huge: bool = False

    def take(self, value: Any) -> None:
        """Take in one value that is present."""
        self.types.add(type(value))
        self.present += 1
        if type(value) is int and abs(value) > EXACT:
            self.large = True
            self.huge = self.huge or not -(2**63) <= value < 2**63

    def kind(self, rows: int) -> str:
        """Return integer, number, boolean, bytes or string, for a table of so many rows."""
        gaps = self.present < rows
        if not self.types:
            return "number"
        if self.types == {int}:
            if self.huge or (self.large and gaps):
                return "string"
            return "number" if gaps else "integer"
        if self.types <= {int, float}:
            return "number"
        if self.types == {bool}:
            return "boolean"
        return "bytes" if self.types == {bytes} else "string"


def typed_chunks(batches: Batches, where: str) -> Iterator[pd.DataFrame]:
    """Yield frames of the records, read twice: once for the types, once for the values.

    Raises:
        MlrecipeError: when there is no record at all.
    """
    profiles: dict[str, ValueProfile] = {}
    rows = 0
    for batch in batches():
        rows += len(batch)
        for record in batch:
            for name, value in record.items():
                profile = profiles.setdefault(name, ValueProfile())
                if value is not None:
                    profile.take(value)
    if not rows:
        raise MlrecipeError("the data holds no row", where=where)
    kinds = {name: profile.kind(rows) for name, profile in profiles.items()}
    for batch in batches():
        yield pd.DataFrame({n: _column(n, batch, kind, where) for n, kind in kinds.items()})


def _column(name: str, batch: list[Record], kind: str, where: str) -> Any:
    values = [record.get(name) for record in batch]
    if kind == "string":
        return pd.Series([_text(v) for v in values], dtype="str")
    if kind == "number":
        return pd.Series([np.nan if v is None else v for v in values], dtype="float64")
    if kind == "integer":
        if None in values:
            raise MlrecipeError(
                f"the data changed while it was read (column {name!r})", where=where
            )
        return pd.Series(values, dtype="int64")
    if kind == "boolean" and None not in values:
        return pd.Series(values, dtype="bool")
    return pd.Series(values, dtype=object)


def _text(value: Any) -> Any:
    if value is None or isinstance(value, str):
        return value
    return value.hex() if isinstance(value, bytes) else json.dumps(value)


def in_batches(records: Iterable[Record], rows: int) -> Iterator[list[Record]]:
    """Yield the records in lists of at most so many."""
    batch: list[Record] = []
    for record in records:
        batch.append(record)
        if len(batch) == rows:
            yield batch
            batch = []
    if batch:
        yield batch


def content_digest(batches: Batches) -> str:
    """Return a hash of the records that does not depend on their order.

    It is the sum of the SHA-256 hashes of the records as JSON, modulo 2^256, and their number: a
    query without ORDER BY may give the same rows in another order.
    """
    import hashlib

    total, rows = 0, 0
    for batch in batches():
        rows += len(batch)
        for record in batch:
            text = json.dumps(record, sort_keys=True, ensure_ascii=False, default=repr)
            total += int.from_bytes(hashlib.sha256(text.encode("utf-8", "replace")).digest(), "big")
    return f"{rows}:{total % 2**256:064x}"
