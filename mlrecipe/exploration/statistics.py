"""What the columns of a table look like, in numbers, one column in memory at a time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from mlrecipe.data.lists import hashable
from mlrecipe.data.table import Table
from mlrecipe.data.table_schema import TableSchema
from mlrecipe.exploration.image_facts import image_facts
from mlrecipe.exploration.split import Split, text_of
from mlrecipe.interfaces import Array

BINS = 20
TOP_VALUES = 8
TAIL = 0.005
"""Share of the rows at each end that may lie beyond a histogram squashed by outliers."""

SQUASHED = 0.4
"""A histogram whose inner 99 % takes less than this share of the range shows the inner rows."""


def describe(table: Table, schema: TableSchema, split: Split | None = None) -> dict[str, Any]:
    """Return the statistics of every column as plain data.

    Numbers get moments, quantiles and a histogram of 20 equal bins; everything else its most
    frequent values; both split by the target where ``split`` is given. Identifiers, ids and text
    show no values: they may name people.
    """
    return {
        "rows": table.rows,
        "columns": {
            name: _column(table, name, column.kind, None if name in schema.targets else split)
            | {"kind": column.kind, "reason": column.reason, "role": _role(name, schema)}
            for name, column in schema.columns.items()
        },
    }


def _role(name: str, schema: TableSchema) -> str:
    if name in schema.targets:
        return "target"
    return "input" if name in schema.features() else "left out"


def _column(table: Table, name: str, kind: str, split: Split | None) -> dict[str, Any]:
    if kind == "image":
        return image_facts(table, name)
    values = table.column(name)
    present = values.dropna()
    found: dict[str, Any] = {
        "missing": int(values.isna().sum()),
        "missing_share": float(values.isna().mean()) if len(values) else 0.0,
        "distinct": int(hashable(present).nunique()),
    }
    if kind in ("identifier", "id", "text", "image", "sequence"):
        return found
    if len(present) and isinstance(present.iloc[0], bytes):  # a target of masks: nothing to read
        return found
    if kind == "datetime":
        return found | _dates(present)
    numeric = pd.api.types.is_numeric_dtype(present) and not pd.api.types.is_bool_dtype(present)
    if numeric and found["distinct"] > TOP_VALUES:
        return found | _numbers(values.to_numpy(dtype=np.float64, na_value=np.nan), split)
    return found | _top(hashable(values), split)


def _dates(present: pd.Series) -> dict[str, Any]:
    times = pd.to_datetime(present, errors="coerce", format="mixed", utc=True).dropna()
    if not len(times):
        return {}
    return {"earliest": times.min().isoformat(), "latest": times.max().isoformat()}


def _numbers(values: Array, split: Split | None) -> dict[str, Any]:
    finite = values[np.isfinite(values)]
    if not len(finite):
        return {}
    points = [0, TAIL, 0.05, 0.25, 0.5, 0.75, 0.95, 1 - TAIL, 1]
    low, start, q05, q25, q50, q75, q95, end, high = map(float, np.quantile(finite, points))
    if not 0 < end - start < SQUASHED * (high - low):
        start, end = low, high
    return {
        "mean": float(finite.mean()),
        "deviation": float(finite.std()),
        "minimum": low,
        "quantile_05": q05,
        "lower_quartile": q25,
        "median": q50,
        "upper_quartile": q75,
        "quantile_95": q95,
        "maximum": high,
        "zero_share": float((finite == 0).mean()),
        "infinite": int(np.isinf(values).sum()),
        "histogram": _histogram(values, start, end, split),
    }


def _histogram(values: Array, start: float, end: float, split: Split | None) -> dict[str, Any]:
    """Return counts in equal bins from start to end, split in one pass."""
    edges = np.linspace(start, end, BINS + 1)
    inside = np.isfinite(values) & (values >= start) & (values <= end)
    width = (end - start) or 1.0
    bins = np.minimum(((values[inside] - start) / width * BINS).astype(np.int64), BINS - 1)
    found = {
        "edges": edges.tolist(),
        "counts": np.bincount(bins, minlength=BINS).tolist(),
        "below": int((values < start).sum()),
        "above": int((values > end).sum()),
    }
    return found | _split_counts(bins, BINS, inside, split)


def _split_counts(bins: Array, size: int, chosen: Array, split: Split | None) -> dict[str, Any]:
    """Return counts per class (classes, bins), or the mean of a numeric target in every bin."""
    if split is None:
        return {}
    if split.values is None:
        codes = split.codes[chosen]
        known = codes >= 0
        flat = np.bincount(
            codes[known] * size + bins[known], minlength=size * len(split.labels)
        ).reshape(len(split.labels), size)
        return {"by_class": flat.tolist()}
    target = split.values[chosen]
    known = np.isfinite(target)
    counts = np.bincount(bins[known], minlength=size)
    sums = np.bincount(bins[known], weights=target[known], minlength=size)
    means = [float(s / n) if n else None for s, n in zip(sums, counts, strict=True)]
    return {"target_mean": means, "target_rows": counts.tolist()}


def _top(values: pd.Series, split: Split | None) -> dict[str, Any]:
    """Return the most frequent values with their counts, the rest as ``other``; both split."""
    codes, found = pd.factorize(values)
    texts, labels = pd.factorize(np.array([text_of(v) for v in found], dtype=object))
    codes = np.append(texts, -1)[codes].astype(np.int64)  # 1 and "1" are one text; -1 is missing
    counts = np.bincount(codes[codes >= 0], minlength=len(labels))
    order = sorted(range(len(labels)), key=lambda i: (-counts[i], labels[i]))[:TOP_VALUES]
    place = np.full(len(labels) + 1, len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    shown = codes >= 0
    bins = place[codes[shown]]
    size = len(order) + 1
    totals = np.bincount(bins, minlength=size)
    return {
        "top": [{"value": str(labels[i]), "count": int(totals[k])} for k, i in enumerate(order)],
        "other": int(totals[-1]),
    } | _split_counts(bins, size, shown, split)
