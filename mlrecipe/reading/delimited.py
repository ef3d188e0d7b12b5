"""Reads the records of one delimited text file in chunks of strings; explains what is wrong."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal, cast

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from mlrecipe.errors import MlrecipeError
from mlrecipe.reading.dialects import SAMPLE, Dialect, records
from mlrecipe.reading.streams import BLOCK, SUBSTITUTE, Utf8Stream, text_of

LONGEST_RECORD = 2 * BLOCK
"""A record has to fit into so many bytes."""


@dataclass(frozen=True)
class DelimitedFile:
    """One delimited text file, and how it is written.

    Attributes:
        file: the path.
        encoding: its character set.
        dialect: delimiter, quoting and header, all known.
        columns: names for the columns; empty: those of the first line, or column_1, column_2 …
        missing: texts that stand for a missing value; the empty one always does.
    """

    file: Path
    encoding: str
    dialect: Dialect
    columns: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    def names(self) -> tuple[str, ...]:
        """Return the names of the columns, stripped of blanks around them.

        Raises:
            MlrecipeError: for a name that occurs twice, or another number of columns than named.
        """
        with text_of(self.file, self.encoding, self.dialect.delimiter) as stream:
            rows = records(stream.read(SAMPLE), self.dialect)
        width = len(rows[0]) if rows else 0
        if self.columns:
            if width != len(self.columns):
                raise MlrecipeError(
                    f"the first line has {width} values, but source.columns names "
                    f"{len(self.columns)}: {', '.join(self.columns)}",
                    where=f"{self.file}:1",
                    fix="name every column; or set source.delimiter, if it was guessed wrong",
                )
            return self.columns
        if not self.dialect.header:
            return tuple(f"column_{i}" for i in range(1, width + 1))
        names = tuple(c.strip() or f"unnamed_{i}" for i, c in enumerate(rows[0], 1))
        twice = [name for name, count in Counter(names).items() if count > 1]
        if twice:
            raise MlrecipeError(
                f"the data has two columns named {twice[0]!r}",
                where=f"{self.file}:1",
                fix="rename one in the file, or name all: source.columns=[…] source.header=true",
            )
        return names

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the records in order, every column as strings with nulls.

        Raises:
            MlrecipeError: that names the line, for a record of another width, a quote that is
                never closed, or bytes that are no text.
        """
        names, trailing = self.names(), self._has_trailing_delimiter()
        width = len(names) + trailing
        stream = Utf8Stream(self.file, self.encoding, self.dialect.delimiter)
        try:
            with io.BufferedReader(stream, BLOCK) as buffer:
                reader = self._reader(_Ending(cast(BinaryIO, buffer)), names, trailing)
                for batch in reader:
                    if trailing and batch.column(width - 1).null_count < batch.num_rows:
                        self._explain(len(names))
                    yield self._restored(batch.select(list(names)))
        except pa.ArrowInvalid as error:
            raise self._explained(width, error) from None
        if self.dialect.quoting and stream.quotes % 2:
            self._explain(width)

    def _has_trailing_delimiter(self) -> bool:
        """Return whether every row, but not the line of names, ends with a delimiter."""
        if not self.dialect.header:
            return False
        with text_of(self.file, self.encoding, self.dialect.delimiter) as stream:
            rows = records(stream.read(SAMPLE), self.dialect)[:200]
        more = len(rows[0]) + 1
        return len(rows) > 1 and all(
            len(r) == more and not r[-1].strip() for r in rows[1:-1] or rows[1:]
        )

    def _restored(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Put a long delimiter back where it stood inside quotes."""
        if self.dialect.mark != SUBSTITUTE:
            return batch
        return pa.RecordBatch.from_arrays(
            [pc.replace_substring(c, SUBSTITUTE, self.dialect.delimiter) for c in batch.columns],
            names=batch.schema.names,
        )

    def _reader(
        self, stream: io.RawIOBase, names: tuple[str, ...], trailing: bool
    ) -> pa.csv.CSVStreamingReader:
        columns = [*names, "\0"] if trailing else list(names)
        return pa.csv.open_csv(
            stream,
            read_options=pa.csv.ReadOptions(
                column_names=columns,
                skip_rows=int(trailing),  # the line of names is shorter: it counts as a line
                skip_rows_after_names=int(bool(self.dialect.header) and not trailing),
                block_size=LONGEST_RECORD,
                use_threads=False,
            ),
            parse_options=pa.csv.ParseOptions(
                delimiter=self.dialect.mark,
                quote_char=self.dialect.quote,
                newlines_in_values=bool(self.dialect.quoting),
            ),
            convert_options=pa.csv.ConvertOptions(
                column_types=dict.fromkeys(columns, pa.string()),
                null_values=["", *self.missing],
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
            ),
        )

    def _explained(self, width: int, error: Exception) -> MlrecipeError:
        """Return the error that names the line at fault, where a second look finds it."""
        try:
            self._explain(width)
        except MlrecipeError as found:
            return found
        if "straddling" in str(error):
            return MlrecipeError(
                f"a record is longer than {LONGEST_RECORD >> 20} MB",
                where=str(self.file),
                fix="a quote that is never closed? set source.quoting=false if quotes are values",
            )
        return MlrecipeError(f"the file cannot be read as CSV: {error}", where=str(self.file))

    def _explain(self, width: int) -> None:
        """Raise an error for the first record that is at fault; return when none is."""
        csv.field_size_limit(1 << 30)
        quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if self.dialect.quoting else csv.QUOTE_NONE
        with text_of(self.file, self.encoding, self.dialect.delimiter) as stream:
            reader = csv.reader(stream, delimiter=self.dialect.mark, quoting=quoting, strict=True)
            start = 1
            try:
                for row in reader:
                    names_line = start == 1 and len(row) == width - 1
                    if row and len(row) != width and not names_line:
                        raise self._ragged(row, width, start)
                    start = reader.line_num + 1
            except csv.Error as error:
                unclosed = "unexpected end" in str(error)
                raise MlrecipeError(
                    f"a quote opens in line {start} and is never closed"
                    if unclosed
                    else f"line {start}: {error}",
                    where=f"{self.file}:{start}",
                    fix="close it; or set source.quoting=false if quotes are part of the values",
                ) from None

    def _ragged(self, row: list[str], width: int, line: int) -> MlrecipeError:
        shown = (self.dialect.delimiter or ",").join(row)[:80]
        return MlrecipeError(
            f"line {line} has {len(row)} values, but the first line has {width}: {shown!r}",
            where=f"{self.file}:{line}",
            fix="quote values that hold the delimiter; or set source.delimiter, if it was guessed "
            "wrong",
        )


class _Ending(io.RawIOBase):
    """Adds the line end that the last line of a file may lack: Arrow needs it for short files."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__()
        self._stream, self._last, self._done = stream, b"\n", False

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        block = self._stream.read(size)
        if block:
            self._last = block[-1:]
        elif not self._done:
            self._done = True
            return b"" if self._last == b"\n" else b"\n"
        return block
