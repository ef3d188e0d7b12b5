"""Which numeric columns move together."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlrecipe.data.table import Table
from mlrecipe.data.table_schema import TableSchema

MOST_COLUMNS = 40
MOST_ROWS = 10_000
STRONGEST = 12


def correlations(
    table: Table, schema: TableSchema, *, with_targets: bool = True
) -> dict[str, Any] | None:
    """Return Spearman's rank correlation of numeric and yes/no columns, alike columns adjacent.

    ``with_targets`` is false where the numbers of the target are but names of classes.

    Computed on at most 10,000 rows drawn at random; gaps get the middle rank. Columns are ordered
    by average-linkage clustering of 1 - |ρ|. None when there are not two such columns.
    Source: Spearman (1904); scipy.cluster.hierarchy, optimal leaf ordering (Bar-Joseph, 2001).
    """
    kinds = ("numeric", "boolean", "location", *(("target",) if with_targets else ()))
    candidates = [name for name, column in schema.columns.items() if column.kind in kinds]
    rows = table.sample_of(candidates, MOST_ROWS)
    ranks = {}
    for name in candidates:
        values = _as_numbers(rows[name])
        if values is not None:
            ranks[name] = values
        if len(ranks) == MOST_COLUMNS:
            break
    if len(ranks) < 2:
        return None
    matrix = np.corrcoef(np.stack(list(ranks.values())))
    order = _order(matrix)
    names = [list(ranks)[i] for i in order]
    matrix = matrix[np.ix_(order, order)]
    return {
        "rows": len(rows),
        "columns": names,
        "matrix": np.round(matrix, 4).tolist(),
        "not_shown": max(len(candidates) - len(ranks), 0),
        "strongest": _strongest(names, matrix),
    }


def _as_numbers(values: Any) -> Any:
    """Return centred ranks (rows,); None for what is no number or does not vary."""
    import pandas as pd

    if not (pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values)):
        if values.dropna().map(lambda v: isinstance(v, bool)).all():
            values = values.astype("boolean").astype("Float64")
        else:
            return None
    ranks = values.astype("Float64").rank().to_numpy(dtype=np.float64, na_value=np.nan)
    if np.isnan(ranks).all():
        return None
    ranks -= np.nanmean(ranks)
    ranks = np.nan_to_num(ranks)
    return ranks if ranks.any() else None


def _order(matrix: Any) -> list[int]:
    from scipy.cluster.hierarchy import leaves_list, linkage
    from scipy.spatial.distance import squareform

    if len(matrix) < 3:
        return list(range(len(matrix)))
    distance = np.clip(1 - np.abs(matrix), 0, None)
    np.fill_diagonal(distance, 0)
    tree = linkage(squareform((distance + distance.T) / 2), "average", optimal_ordering=True)
    return [int(i) for i in leaves_list(tree)]


def _strongest(names: list[str], matrix: Any) -> list[dict[str, Any]]:
    pairs: list[dict[str, Any]] = [
        {"columns": [names[i], names[j]], "correlation": round(float(matrix[i, j]), 4)}
        for i in range(len(names))
        for j in range(i + 1, len(names))
    ]
    return sorted(pairs, key=lambda pair: (-abs(pair["correlation"]), pair["columns"]))[:STRONGEST]
