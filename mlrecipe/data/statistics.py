"""What the columns of a table look like, in numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from mlrecipe.data.table import Table
from mlrecipe.data.table_schema import TableSchema

BINS = 20
TOP_VALUES = 8


def describe(table: Table, schema: TableSchema) -> dict[str, Any]:
    """Return the statistics of every column as plain data.

    Numbers get moments, quantiles and a histogram of 20 equal bins; everything else its most
    frequent values. Identifiers and text show no values: they may name people.
    """
    return {
        "rows": table.rows,
        "columns": {
            name: _column(table.column(name), column.kind)
            | {"kind": column.kind, "reason": column.reason, "role": _role(name, schema)}
            for name, column in schema.columns.items()
        },
    }


def _role(name: str, schema: TableSchema) -> str:
    if name in schema.targets:
        return "target"
    return "input" if name in schema.features() else "left out"


def _column(values: pd.Series, kind: str) -> dict[str, Any]:
    present = values.dropna()
    found: dict[str, Any] = {
        "missing": int(values.isna().sum()),
        "missing_share": float(values.isna().mean()),
        "distinct": int(present.nunique()),
    }
    if kind in ("identifier", "text", "image"):
        return found
    numeric = pd.api.types.is_numeric_dtype(present) and not pd.api.types.is_bool_dtype(present)
    if numeric and found["distinct"] > TOP_VALUES:
        return found | _numbers(present.to_numpy(dtype=np.float64))
    counts = present.astype(str).value_counts()
    order = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    found["top"] = [{"value": str(v), "count": int(n)} for v, n in order[:TOP_VALUES]]
    found["other"] = int(sum(n for _, n in order[TOP_VALUES:]))
    return found


def _numbers(values: Any) -> dict[str, Any]:
    finite = values[np.isfinite(values)]
    if not len(finite):
        return {}
    counts, edges = np.histogram(finite, bins=BINS)
    quantiles = np.quantile(finite, [0, 0.25, 0.5, 0.75, 1])
    names = ("minimum", "lower_quartile", "median", "upper_quartile", "maximum")
    return {
        "mean": float(finite.mean()),
        "deviation": float(finite.std()),
        **{name: float(q) for name, q in zip(names, quantiles, strict=True)},
        "histogram": {"counts": counts.tolist(), "edges": edges.tolist()},
    }
