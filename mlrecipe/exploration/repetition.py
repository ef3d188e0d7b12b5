"""Rows that occur again: exactly, nearly, or with another label."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from mlrecipe.data.lists import hashable
from mlrecipe.data.table import Table
from mlrecipe.exploration.memo import in_threads
from mlrecipe.exploration.spellings import normal_form
from mlrecipe.interfaces import Array

NEIGHBOURS = 10
FEWEST_NUMBERS = 3
"""In one or two dimensions, neighbours are often close by chance."""


def row_hashes(table: Table, names: Sequence[str]) -> Array:
    """Return a uint64 hash of each row (rows,), equal for equal rows.

    Columns are read one by one, so that memory holds one hash a row whatever the width. Among a
    million rows the chance that any two different ones meet is 3e-8.
    """

    def hashed(name: str) -> Array:
        return pd.util.hash_pandas_object(hashable(table.column(name)), index=False).to_numpy(
            np.uint64
        )

    total: Array = np.zeros(table.rows, dtype=np.uint64)
    for column in in_threads(hashed, names):
        total ^= total >> np.uint64(29)
        total = total * np.uint64(0xBF58476D1CE4E5B9) + column
    return total


def conflicts(inputs: Array, targets: Array) -> Array:
    """Return bool (rows,): whether a row's inputs occur elsewhere with another target.

    Args:
        inputs, targets: uint64 hashes (rows,).
    """
    pairs = pd.DataFrame({"inputs": inputs, "targets": targets})
    twice = pairs[pairs["inputs"].duplicated(keep=False)]
    differs = twice.groupby("inputs")["targets"].transform("nunique") > 1
    found: Array = np.zeros(len(pairs), dtype=bool)
    found[differs.index[differs]] = True
    return found


def same_texts(texts: pd.Series) -> Array:
    """Return bool (rows,): whether an earlier text says the same but for case, punctuation, blanks.

    Exact copies of an earlier text do not count, nor texts without a letter.
    """
    form = normal_form(texts.fillna("").astype(str))
    twice = form.duplicated() & (form != "") & ~texts.duplicated()
    return twice.to_numpy()


def near_rows(numbers: Array, closeness: float) -> tuple[Array, float]:
    """Return bool (rows,) of rows with a near copy, and how many such rows chance would give.

    A row has a near copy when its nearest neighbour is closer than ``closeness`` times the median
    distance to nearest neighbours (the rule of cleanlab's Datalab) and also than ``closeness``
    times the distance to its own tenth neighbour, so that a dense region is none of copies. By
    chance, with the neighbours spread evenly, (r1/r10)^d follows Beta(1, 9); the dimension d is
    estimated by two neighbours (Facco et al., 2017).

    Args:
        numbers: standardized, float64 (rows, columns), no two rows equal.
        closeness: share of the usual distance.
    """
    from sklearn.neighbors import NearestNeighbors

    none: Array = np.zeros(len(numbers), dtype=bool)
    if numbers.shape[1] < FEWEST_NUMBERS or len(numbers) <= NEIGHBOURS + 1:
        return none, 0.0
    search = NearestNeighbors(n_neighbors=NEIGHBOURS).fit(numbers)
    distances, _ = search.kneighbors()
    nearest, second, tenth = distances[:, 0], distances[:, 1], distances[:, -1]
    near = (nearest < closeness * np.median(nearest)) & (nearest < closeness * tenth)
    usual = (nearest > 0) & ~near
    spread = float(np.log(second[usual] / nearest[usual]).mean()) if usual.any() else 1.0
    dimension = 1 / max(spread, 1e-3)
    chance = 1 - (1 - closeness**dimension) ** (NEIGHBOURS - 1)
    return near, float(chance * len(numbers))
