"""Where values are missing, and which are missing together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from mlrecipe.data.table import Table

BLOCKS = 50
MOST_COLUMNS = 30
MOST_PATTERNS = 8
MOST_ROWS = 10_000


def missing_pattern(table: Table, missing: Mapping[str, int]) -> dict[str, Any] | None:
    """Return the missing share per column and block of rows, and the most frequent combinations.

    Args:
        table: the rows; in their order, so that a gap that begins one day is seen.
        missing: how many values each column lacks.

    Returns:
        ``blocks`` (columns, blocks) of shares over all rows, ``patterns`` of the columns missing
        together on a sample of 10,000; None when nothing is missing.
    """
    names = sorted((n for n, count in missing.items() if count), key=lambda n: (-missing[n], n))
    shown = names[:MOST_COLUMNS]
    if not shown:
        return None
    blocks = min(BLOCKS, table.rows)
    edges = np.linspace(0, table.rows, blocks + 1).astype(np.int64)
    shares = []
    for name in shown:
        flags = [chunk[name].isna().to_numpy() for chunk in table.chunks([name])]
        gaps = np.concatenate([[0], np.cumsum(np.concatenate(flags))])
        shares.append(((gaps[edges[1:]] - gaps[edges[:-1]]) / np.diff(edges)).round(4).tolist())
    sampled = table.sample_of(shown, MOST_ROWS).isna().to_numpy()
    kinds, counts = np.unique(sampled, axis=0, return_counts=True)
    order = sorted(range(len(kinds)), key=lambda i: (-counts[i], kinds[i].tolist()))
    return {
        "columns": shown,
        "not_shown": len(names) - len(shown),
        "blocks": shares,
        "sampled_rows": len(sampled),
        "patterns": [
            {
                "columns": [n for n, gap in zip(shown, kinds[i], strict=True) if gap],
                "rows": int(counts[i]),
                "share": float(counts[i] / len(sampled)),
            }
            for i in order[:MOST_PATTERNS]
        ],
    }
