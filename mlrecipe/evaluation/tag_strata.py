"""Parts of tagged rows in which every tag keeps its share (Sechidis et al., 2011, algorithm 1)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mlrecipe.interfaces import Array


def tagged_parts(tags: Array, shares: Sequence[float], seed: int) -> Array:
    """Return the number of the part (rows,) of every row, int64.

    The rarest tag among the rows that are left is dealt out first, each row to the part that wants
    most of that tag, then most rows at all; what a part wants shrinks by what it gets. Rows without
    a tag fill the parts up.

    Args:
        tags: bool (rows, tags).
        shares: of the rows in each part; they sum to 1.
        seed: draws the order of the rows, and breaks ties.
    """
    random = np.random.default_rng(seed)
    part = np.full(len(tags), -1, dtype=np.int64)
    wanted_rows = np.array(shares) * len(tags)
    wanted = np.outer(shares, tags.sum(axis=0))

    def deal(row: int, wish: Array) -> None:
        lot = random.random(len(shares))
        chosen = int(np.lexsort((lot, wanted_rows, wish))[-1])
        part[row] = chosen
        wanted[chosen, tags[row]] -= 1
        wanted_rows[chosen] -= 1

    while True:
        left = tags[part < 0].sum(axis=0)
        if not left.any():
            break
        tag = int(np.where(left > 0, left, len(tags) + 1).argmin())
        for row in random.permutation(np.flatnonzero((part < 0) & tags[:, tag])):
            deal(int(row), wanted[:, tag])
    for row in random.permutation(np.flatnonzero(part < 0)):
        deal(int(row), np.zeros(len(shares)))
    return part
