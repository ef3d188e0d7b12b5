"""A table that is read column by column, or in chunks: it may be larger than memory."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from mlrecipe.files import file_digest
from mlrecipe.interfaces import Array

if TYPE_CHECKING:
    from mlrecipe.interfaces import Engine

R = TypeVar("R")

CHUNK_ROWS = 65_536
"""Rows in memory at a time: of 100 numeric columns, about 50 MB."""

SAMPLE_ROWS = 10_000
"""Rows that models and pairwise statistics look at; all of them use the same ones."""


@dataclass(frozen=True)
class Piece:
    """Consecutive rows of a table, described so that whoever works on them reads them.

    Attributes:
        content: the file that they are in, or the rows themselves.
        names: the columns to read.
        start, stop: positions in the table of the first row, and of the one after the last.
        group: the file's row group.
        inside: positions of the rows in the row group, ascending; None: all of them.
        coded: columns of strings to read as pandas categories, which spares their decoding.
    """

    content: Path | pd.DataFrame
    names: tuple[str, ...]
    start: int
    stop: int
    group: int = 0
    inside: Array | None = None
    coded: tuple[str, ...] = ()

    def read(self) -> pd.DataFrame:
        """Return the rows, indexed by their position in the table."""
        if isinstance(self.content, pd.DataFrame):
            return self.content
        with pq.ParquetFile(self.content, read_dictionary=list(self.coded)) as file:
            rows = file.read_row_group(self.group, columns=list(self.names))
        frame = (rows if self.inside is None else rows.take(self.inside)).to_pandas()
        frame.index = pd.RangeIndex(self.start, self.stop)
        return frame


class Table:
    """Rows in a Parquet file or in a frame; reading one column costs one column's memory.

    Args:
        content: the file or the frame.
        engine: where work on chunks is done; None: in this process.
        chunk_rows: rows of a frame that are handed out at a time; a file's row groups decide.

    Attributes:
        names: the columns, in order.
        rows: how many rows there are.
    """

    def __init__(
        self,
        content: Path | pd.DataFrame,
        *,
        engine: Engine | None = None,
        chunk_rows: int | None = None,
    ) -> None:
        self._content = content
        self._engine = engine
        self._chunk_rows = chunk_rows or CHUNK_ROWS
        self._samples: dict[tuple[int, int], pd.DataFrame] = {}
        self._positions: Array | None = None
        if isinstance(content, pd.DataFrame):
            self.names = tuple(map(str, content.columns))
            self.rows = len(content)
        else:
            metadata = pq.read_metadata(content)
            self.names = tuple(metadata.schema.to_arrow_schema().names)
            self.rows = metadata.num_rows

    @staticmethod
    def write(frame: pd.DataFrame, path: Path, chunk_rows: int | None = None) -> None:
        """Write a frame so that a `Table` can read it in chunks."""
        frame.to_parquet(path, index=False, row_group_size=chunk_rows or CHUNK_ROWS)

    def subset(self, positions: Array) -> Table:
        """Return a table of some rows, by their positions here, ascending; reads nothing."""
        positions = np.asarray(positions, dtype=np.int64)
        if (np.diff(positions) <= 0).any():
            raise ValueError("positions of rows are not ascending")
        if isinstance(self._content, pd.DataFrame):
            frame = self._content.iloc[positions]
            return Table(frame, engine=self._engine, chunk_rows=self._chunk_rows)
        found = Table(self._content, engine=self._engine)
        found._positions = positions if self._positions is None else self._positions[positions]
        found.rows = len(positions)
        return found

    @property
    def file_bytes(self) -> int:
        """Size of the file that the rows are in, with others perhaps; 0 for a frame."""
        return 0 if isinstance(self._content, pd.DataFrame) else self._content.stat().st_size

    def fingerprint(self) -> str:
        """Return a hash of the file's content and of which rows of it these are.

        Raises:
            ValueError: when the rows are in a frame, not in a file.
        """
        if isinstance(self._content, pd.DataFrame):
            raise ValueError("rows in a frame have no fingerprint")
        status = self._content.stat()
        whole = _content_digest(self._content, status.st_size, status.st_mtime_ns)
        if self._positions is None:
            return whole
        return hashlib.sha256(whole.encode() + self._positions.tobytes()).hexdigest()

    def column(self, name: str) -> pd.Series:
        """Return one column, indexed by the row's position."""
        return self.columns([name])[name]

    def columns(self, names: Sequence[str]) -> pd.DataFrame:
        """Return some columns, indexed by the row's position."""
        if isinstance(self._content, pd.DataFrame):
            return self._content[list(names)].reset_index(drop=True)
        if self._positions is not None:
            parts = list(self.chunks(names))
            return pd.concat(parts) if parts else pd.DataFrame(columns=list(names))
        return pd.read_parquet(self._content, columns=list(names))

    def chunks(
        self, names: Sequence[str] | None = None, coded: Sequence[str] = ()
    ) -> Iterator[pd.DataFrame]:
        """Yield the rows in order, some columns or all, indexed by the row's position.

        Args:
            names: the columns.
            coded: columns of strings among them that may come as pandas categories.
        """
        for piece in self.pieces(names, coded):
            yield piece.read()

    def map(
        self,
        function: Callable[..., R],
        names: Sequence[str] | None = None,
        *,
        coded: Sequence[str] = (),
        aligned: Sequence[Array] = (),
    ) -> Iterator[R]:
        """Yield ``function(chunk, start, *parts)`` of every chunk in order, where the engine works.

        Args:
            function: can be pickled: a function of a module, or a `functools.partial` of one.
            names, coded: as for `chunks`.
            aligned: arrays (rows, …), of which the function is given each chunk's part.
        """
        work = functools.partial(_carried_out, function)
        tasks = self._tasks(names, coded, aligned)
        return map(work, tasks) if self._engine is None else iter(self._engine.map(work, tasks))

    def _tasks(
        self, names: Sequence[str] | None, coded: Sequence[str], aligned: Sequence[Array]
    ) -> Iterator[tuple[Piece, tuple[Array, ...]]]:
        for piece in self.pieces(names, coded):
            yield piece, tuple(values[piece.start : piece.stop] for values in aligned)

    def pieces(
        self, names: Sequence[str] | None = None, coded: Sequence[str] = ()
    ) -> Iterator[Piece]:
        """Yield what describes each chunk, in order."""
        wanted = tuple(self.names if names is None else names)
        if isinstance(self._content, pd.DataFrame):
            frame = self._content[list(wanted)].reset_index(drop=True)
            for start in range(0, self.rows, self._chunk_rows):
                stop = min(start + self._chunk_rows, self.rows)
                yield Piece(frame.iloc[start:stop], wanted, start, stop)
            return
        metadata = pq.read_metadata(self._content)
        begin = start = 0
        for group in range(metadata.num_row_groups):
            end = begin + metadata.row_group(group).num_rows
            count, inside = end - begin, None
            if self._positions is not None:
                low, high = np.searchsorted(self._positions, [begin, end])
                inside = self._positions[low:high] - begin
                count = len(inside)
            if count:
                stop = start + count
                yield Piece(self._content, wanted, start, stop, group, inside, tuple(coded))
            begin, start = end, start + count

    def sample_of(self, names: Sequence[str], rows: int, seed: int = 0) -> pd.DataFrame:
        """Return some columns of that many rows drawn at random; reads no other column."""
        positions: Array = np.arange(self.rows)
        if rows < self.rows:
            positions = np.random.default_rng(seed).choice(self.rows, rows, replace=False)
        return self.take(positions, names)

    def sample(self, rows: int, seed: int = 0) -> pd.DataFrame:
        """Return that many rows drawn at random, in order, indexed by the row's position.

        The same call gives the same rows; all of them when there are not more.
        """
        key = (rows, seed)
        if key not in self._samples:
            self._samples[key] = self._draw(rows, seed)
        return self._samples[key].copy()

    def take(
        self, positions: Sequence[int] | Array, names: Sequence[str] | None = None
    ) -> pd.DataFrame:
        """Return some rows of some columns or all, indexed by position; reads their chunks alone.

        A position may occur once; rows come back in the order of the table.
        """
        chosen = list(self.names if names is None else names)
        wanted: Array = np.unique(np.asarray(positions, dtype=np.int64))
        if isinstance(self._content, pd.DataFrame):
            return self._content[chosen].reset_index(drop=True).loc[wanted]
        if self._positions is not None:
            whole = Table(self._content)
            return whole.take(self._positions[wanted], chosen).set_axis(wanted)
        parts, start = [], 0
        with pq.ParquetFile(self._content) as file:
            for group in range(file.num_row_groups):
                end = start + file.metadata.row_group(group).num_rows
                inside = wanted[(wanted >= start) & (wanted < end)]
                if len(inside):
                    chunk = file.read_row_group(group, columns=chosen).take(inside - start)
                    parts.append(chunk.to_pandas().set_axis(inside))
                start = end
        return pd.concat(parts) if parts else pd.DataFrame(columns=chosen)

    def _draw(self, rows: int, seed: int) -> pd.DataFrame:
        if rows >= self.rows:
            return self.columns(self.names)
        drawn: Array = np.random.default_rng(seed).choice(self.rows, rows, replace=False)
        drawn.sort()
        return self.take(drawn)


def _carried_out(function: Callable[..., R], task: tuple[Piece, tuple[Array, ...]]) -> R:
    piece, parts = task
    return function(piece.read(), piece.start, *parts)


@functools.lru_cache(maxsize=16)
def _content_digest(path: Path, size: int, changed: int) -> str:
    """Return the hash of a file's content, computed once for as long as it does not change."""
    return file_digest(path)
