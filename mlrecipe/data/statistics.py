"""What the columns of a table look like, in numbers."""

from __future__ import annotations

from typing import Any

from mlrecipe.data.profile import TOP_VALUES, Numbers, Profile, profile_table
from mlrecipe.data.table import Table
from mlrecipe.data.table_schema import TableSchema


def describe(table: Table, schema: TableSchema) -> dict[str, Any]:
    """Return the statistics of every column as plain data.

    Numbers get moments, quantiles and a histogram of 20 equal bins; everything else its most
    frequent values. Identifiers and text show no values: they may name people.
    """
    profiles = profile_table(table).columns
    return {
        "rows": table.rows,
        "columns": {
            name: _column(profiles[name], column.kind)
            | {"kind": column.kind, "reason": column.reason, "role": _role(name, schema)}
            for name, column in schema.columns.items()
        },
    }


def _role(name: str, schema: TableSchema) -> str:
    if name in schema.targets:
        return "target"
    return "input" if name in schema.features() else "left out"


def _column(profile: Profile, kind: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "missing": profile.missing,
        "missing_share": profile.missing / profile.rows if profile.rows else 0.0,
        "distinct": profile.distinct,
    }
    if kind in ("identifier", "text"):
        return found
    if profile.numbers is not None and profile.distinct > TOP_VALUES:
        return found | _numbers(profile.numbers)
    present = profile.rows - profile.missing
    top = profile.top[:TOP_VALUES]
    found["top"] = [{"value": str(value), "count": count} for value, count in top]
    found["other"] = present - sum(count for _, count in top)
    return found


def _numbers(numbers: Numbers) -> dict[str, Any]:
    names = ("minimum", "lower_quartile", "median", "upper_quartile", "maximum")
    counts, edges = numbers.histogram
    return {
        "mean": numbers.mean,
        "deviation": numbers.deviation,
        **dict(zip(names, numbers.quantiles, strict=True)),
        "histogram": {"counts": counts, "edges": edges},
    }
