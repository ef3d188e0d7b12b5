"""A table that is read column by column, or in chunks: it may be larger than memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from mlrecipe.interfaces import Array

CHUNK_ROWS = 65_536
"""Rows in memory at a time: of 100 numeric columns, about 50 MB."""

SAMPLE_ROWS = 10_000
"""Rows that models and pairwise statistics look at; all of them use the same ones."""


class Table:
    """Rows in a Parquet file or in a frame; reading one column costs one column's memory.

    Attributes:
        names: the columns, in order.
        rows: how many rows there are.
    """

    def __init__(self, content: Path | pd.DataFrame) -> None:
        self._content = content
        self._samples: dict[tuple[int, int], pd.DataFrame] = {}
        if isinstance(content, pd.DataFrame):
            self.names = tuple(map(str, content.columns))
            self.rows = len(content)
        else:
            metadata = pq.read_metadata(content)
            self.names = tuple(metadata.schema.to_arrow_schema().names)
            self.rows = metadata.num_rows

    @staticmethod
    def write(frame: pd.DataFrame, path: Path) -> None:
        """Write a frame so that a `Table` can read it in chunks."""
        frame.to_parquet(path, index=False, row_group_size=CHUNK_ROWS)

    def column(self, name: str) -> pd.Series:
        """Return one column, indexed by the row's position."""
        return self.columns([name])[name]

    def columns(self, names: Sequence[str]) -> pd.DataFrame:
        """Return some columns, indexed by the row's position."""
        if isinstance(self._content, pd.DataFrame):
            return self._content[list(names)].reset_index(drop=True)
        return pd.read_parquet(self._content, columns=list(names))

    def chunks(self, names: Sequence[str] | None = None) -> Iterator[pd.DataFrame]:
        """Yield the rows in order, some columns or all, indexed by the row's position."""
        wanted = list(self.names if names is None else names)
        if isinstance(self._content, pd.DataFrame):
            frame = self._content[wanted].reset_index(drop=True)
            for start in range(0, self.rows, CHUNK_ROWS):
                yield frame.iloc[start : start + CHUNK_ROWS]
            return
        with pq.ParquetFile(self._content) as file:
            start = 0
            for group in range(file.num_row_groups):
                chunk = file.read_row_group(group, columns=wanted).to_pandas()
                chunk.index = pd.RangeIndex(start, start + len(chunk))
                start += len(chunk)
                yield chunk

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
