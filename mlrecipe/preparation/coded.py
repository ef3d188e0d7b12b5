"""Strings of many rows as numbers of their distinct values: counted and looked up once a value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from mlrecipe.interfaces import Array
from mlrecipe.preparation.operation import MISSING


@dataclass(frozen=True)
class Coded:
    """Strings (rows, n), each column as codes into its distinct values.

    Attributes:
        codes: int32 (rows,) of each column.
        values: the strings that the codes of each column stand for, object (distinct,); "" where
            one is missing. A string may occur twice among them.
    """

    codes: tuple[Array, ...]
    values: tuple[Array, ...]

    def __len__(self) -> int:
        return len(self.codes[0]) if self.codes else 0

    def __getitem__(self, rows: slice) -> Coded:
        return Coded(tuple(codes[rows] for codes in self.codes), self.values)

    def plain(self) -> Array:
        """Return the strings as they are, object (rows, n)."""
        found = np.empty((len(self), len(self.codes)), dtype=object)
        for i, (codes, values) in enumerate(zip(self.codes, self.values, strict=True)):
            found[:, i] = values[codes]
        return found


def coded(series: pd.Series, spell: Callable[[Any], str]) -> tuple[Array, Array]:
    """Return codes int32 (rows,) and the strings object (distinct,) that they stand for.

    Args:
        series: any column; missing values become "".
        spell: the spelling of a value that is no string.
    """
    if series.dtype == "str":
        return _of_arrow(pa.array(series.array, from_pandas=True))
    if isinstance(series.dtype, pd.CategoricalDtype):
        spelled = [spell(value) for value in series.cat.categories]
        codes = series.cat.codes.to_numpy(dtype=np.int32, copy=True)
        codes[codes < 0] = len(spelled)
        return codes, np.array([*spelled, MISSING], dtype=object)
    # Spelled before they are compared: pandas takes 1, 1.0 and True for the same.
    texts = np.empty(len(series), dtype=object)
    texts[:] = [spell(value) for value in series]
    codes, values = pd.factorize(texts)
    return codes.astype(np.int32), values


def _of_arrow(texts: pa.Array | pa.ChunkedArray) -> tuple[Array, Array]:
    if isinstance(texts, pa.ChunkedArray):
        texts = texts.combine_chunks()
    encoded = texts.dictionary_encode()
    known = encoded.dictionary.to_numpy(zero_copy_only=False)
    codes = encoded.indices.fill_null(len(known)).to_numpy(zero_copy_only=False)
    return codes, np.array([*known, MISSING], dtype=object)
