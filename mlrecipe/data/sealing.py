"""Sets the test rows apart: by a hash of their content, or the latest ones."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mlrecipe.data.lists import hashable
from mlrecipe.interfaces import Array


def sealed_rows(
    frame: pd.DataFrame,
    strata: Array | None,
    share: float,
    seed: int,
    groups: Array | None = None,
    copies: Array | None = None,
) -> Array:
    """Return which rows belong to the test set, as a boolean array (rows,).

    Rows are drawn by a hash of their content and the seed: the same rows always fall on the same
    sides, and the order of the file does not matter. The border is a rank, so that shares are
    exact; when rows are added, a few near it change sides.

    Args:
        frame: all rows.
        strata: class index of every row (rows,), to keep shares of classes alike; or None.
        share: share of the rows to draw, in (0, 1).
        seed: draws another set when changed.
        groups: int64 (rows,): rows of one group stay on one side, drawn by a hash of the group's
            first row; shares of classes are then left to chance.
        copies: int64 (rows,): rows of one number stay on one side, and their class is that of
            the one with the smallest hash; unused where there are groups.
    """
    hashes = _row_hashes(frame, seed)
    if groups is not None:
        first = pd.Series(np.arange(len(frame))).groupby(groups).first()
        heads = _lowest(hashes[first.to_numpy()], None, share)
        return np.asarray(first.index.isin(first.index[heads])[first.index.get_indexer(groups)])
    if copies is not None:
        smallest = pd.Series(hashes).groupby(copies).idxmin().to_numpy()
        of_heads = None if strata is None else strata[smallest]
        heads = _lowest(hashes[smallest], of_heads, share)
        return np.isin(copies, copies[smallest[heads]])
    return _lowest(hashes, strata, share)


def _lowest(hashes: Array, strata: Array | None, share: float) -> Array:
    """Return which rows have the lowest hashes of their class, bool (rows,)."""
    classes = np.zeros(len(hashes), dtype=np.int64) if strata is None else strata
    lowest = np.zeros(len(hashes), dtype=bool)
    for label in np.unique(classes):
        members = np.flatnonzero(classes == label)
        count = round(share * len(members))
        if count:
            border = np.sort(hashes[members])[count - 1]
            lowest[members] = hashes[members] <= border
    return lowest


def latest_rows(times: Array, share: float) -> Array:
    """Return which rows are the latest, bool (rows,): about the share, of one moment all or none.

    Rows without a time (NaN) are not among them.
    """
    known = np.sort(times[np.isfinite(times)])
    count = round(share * len(times))
    if not count or len(known) < count:
        return np.zeros(len(times), dtype=bool)
    return np.asarray(times >= known[-count])


def _row_hashes(frame: pd.DataFrame, seed: int) -> Array:
    """Return a uint64 for every row (rows,), equal for equal rows.

    pandas' own key reaches strings alone, so the seed is mixed in afterwards (splitmix64, Steele,
    Lea and Flood, 2014).
    """
    plain = frame.apply(hashable)
    hashes = pd.util.hash_pandas_object(plain, index=False).to_numpy(dtype=np.uint64)
    hashes = hashes + np.uint64((seed + 1) * 0x9E3779B97F4A7C15 % 2**64)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        hashes = (hashes ^ (hashes >> np.uint64(shift))) * np.uint64(factor)
    return hashes ^ (hashes >> np.uint64(31))
