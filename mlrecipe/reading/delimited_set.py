"""Reads delimited files of the same columns as one table, with types told from all rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd
import pyarrow as pa

from mlrecipe.errors import MlrecipeError, nearest
from mlrecipe.reading.column_types import ColumnProfile, ColumnType, NumberFormat, converted
from mlrecipe.reading.delimited import DelimitedFile

SHOWN_REASONS = 5
"""Columns whose reason stands in the log; the types themselves are all recorded."""


def same_columns(files: list[DelimitedFile]) -> list[DelimitedFile]:
    """Return the files as they are, after seeing that all have the same columns in order.

    Raises:
        MlrecipeError: that names the first file that differs, and how.
    """
    wanted = files[0].names()
    for file in files[1:]:
        names = file.names()
        if names != wanted:
            raise MlrecipeError(
                f"the columns differ from those of {files[0].file.name}: "
                + _difference(wanted, names),
                where=str(file.file),
                fix="bring the files into one form, or leave this one out of source.path",
            )
    return files


def _difference(wanted: Sequence[str], names: Sequence[str]) -> str:
    parts = []
    if lacking := [n for n in wanted if n not in names]:
        parts.append(f"it lacks {', '.join(map(repr, lacking[:5]))}")
    if further := [n for n in names if n not in wanted]:
        parts.append(f"it has {', '.join(map(repr, further[:5]))} besides")
    return " and ".join(parts) or "they stand in another order"


def column_types(
    files: Sequence[DelimitedFile], declared: Mapping[str, ColumnType], format_: NumberFormat
) -> tuple[dict[str, ColumnType], str]:
    """Return the type of every column, declared or told from all rows, and the reason.

    Raises:
        MlrecipeError: when a declared column is not there, or the files hold no row.
    """
    names = files[0].names()
    for name in declared:
        if name not in names:
            close = nearest(name, names)
            raise MlrecipeError(
                f"the data has no column {name!r}"
                + (f"; did you mean {close!r}?" if close else ""),
                where=f"source.types.{name}",
                expected=f"one of {', '.join(names[:30])}",
            )
    profiles = {name: ColumnProfile(format_) for name in names}
    rows = 0
    for file in files:
        for batch in file.batches():
            rows += batch.num_rows
            for name in names:
                if name not in declared:
                    profiles[name].update(batch.column(name))
    if not rows:
        raise MlrecipeError(
            "the file holds a header and no rows",
            where=str(files[0].file),
            fix="if its first line is a row, say source.header=false",
        )
    types = {name: declared.get(name) or profiles[name].type() for name in names}
    strings = [
        f"{name!r} stays text, as {profiles[name].reason}"
        for name in names
        if types[name] == "string" and _is_surprising(profiles[name].reason)
    ]
    reason = f"types told from all {rows} rows"
    if strings:
        more = f" and {len(strings) - SHOWN_REASONS} more" if len(strings) > SHOWN_REASONS else ""
        reason += f" ({', '.join(strings[:SHOWN_REASONS])}{more})"
    return types, reason


def _is_surprising(reason: str) -> bool:
    return "leading zero" in reason or "too long" in reason


def typed_chunks(
    files: Sequence[DelimitedFile],
    types: Mapping[str, ColumnType],
    format_: NumberFormat,
    rows: int,
) -> Iterator[pd.DataFrame]:
    """Yield the rows of all files in order, at most so many at a time, with their types."""
    for file in files:
        start = 1
        for batch in _regrouped(file.batches(), rows):
            yield _frame(batch, types, format_, file, start)
            start += batch.num_rows


def _frame(
    batch: pa.Table,
    types: Mapping[str, ColumnType],
    format_: NumberFormat,
    file: DelimitedFile,
    start: int,
) -> pd.DataFrame:
    columns: dict[str, Any] = {}
    for name in batch.column_names:
        texts = batch.column(name).combine_chunks()
        if isinstance(texts, pa.ChunkedArray):
            texts = texts.chunk(0)
        try:
            columns[name] = converted(texts, types[name], format_)
        except MlrecipeError as error:
            row = start + int(error.where)
            raise MlrecipeError(
                f"column {name!r}: {error.problem} (row {row})",
                where=str(file.file),
                fix=f"correct it; or read it as text: source.types.{name}=string; or as missing: "
                "source.missing=[…]",
            ) from None
    return pd.DataFrame(columns)


def _regrouped(batches: Iterator[pa.RecordBatch], rows: int) -> Iterator[pa.Table]:
    """Yield tables of exactly so many rows; the last one may have fewer."""
    waiting: list[pa.RecordBatch] = []
    count = 0
    for batch in batches:
        waiting.append(batch)
        count += batch.num_rows
        if count < rows:
            continue
        table = pa.Table.from_batches(waiting)
        whole = count - count % rows
        for start in range(0, whole, rows):
            yield table.slice(start, rows)
        rest = table.slice(whole)
        waiting, count = rest.to_batches(), rest.num_rows
    if count:
        yield pa.Table.from_batches(waiting)
