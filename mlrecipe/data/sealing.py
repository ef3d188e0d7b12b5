"""Sets the test rows apart, by a hash of their content."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mlrecipe.interfaces import Array


def sealed_rows(frame: pd.DataFrame, strata: Array | None, share: float, seed: int) -> Array:
    """Return which rows belong to the test set, as a boolean array (rows,).

    A row is drawn by a hash of its content and the seed: the same row always falls on the same
    side, copies of a row stay together, and the order of the file does not matter.

    Args:
        frame: all rows.
        strata: class index of every row (rows,), to keep shares of classes alike; or None.
        share: share of the rows to draw, in (0, 1).
        seed: draws another set when changed.
    """
    hashes = _row_hashes(frame, seed)
    groups = np.zeros(len(frame), dtype=np.int64) if strata is None else strata
    sealed = np.zeros(len(frame), dtype=bool)
    for group in np.unique(groups):
        members = np.flatnonzero(groups == group)
        count = round(share * len(members))
        if count:
            border = np.sort(hashes[members])[count - 1]
            sealed[members] = hashes[members] <= border
    return sealed


def _row_hashes(frame: pd.DataFrame, seed: int) -> Array:
    key = f"mlrecipe-seal-{seed:05d}"[:16].ljust(16, "0")
    return pd.util.hash_pandas_object(frame, index=False, hash_key=key).to_numpy()
