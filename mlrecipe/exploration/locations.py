"""Pairs of columns that say where on Earth a row is from."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlrecipe.data.locations import are_places, pairs_by_name, reason_for
from mlrecipe.data.table import Table
from mlrecipe.data.table_schema import TableSchema
from mlrecipe.exploration.split import Split

MOST_POINTS = 2_000


def find_locations(table: Table, schema: TableSchema) -> list[tuple[str, str, str]]:
    """Return (latitude column, longitude column, reason) of every pair that holds places."""
    numbers = [name for name, column in schema.columns.items() if column.type == "number"]
    found = []
    for latitude, longitude in pairs_by_name(numbers):
        frame = table.columns([latitude, longitude])
        if are_places(frame[latitude], frame[longitude]):
            found.append((latitude, longitude, reason_for(latitude, longitude)))
    return found


def locations(
    table: Table, schema: TableSchema, split: Split | None, seed: int = 0
) -> list[dict[str, Any]]:
    """Return for every pair its points (longitude, latitude, group) of a sample, and why.

    The group is the row's class, or the fifth of a numeric target; -1 when it is unknown.
    """
    found = []
    for latitude, longitude, reason in find_locations(table, schema):
        frame = table.columns([latitude, longitude]).dropna()
        drawn = np.random.default_rng(seed).choice(
            len(frame), min(len(frame), MOST_POINTS), replace=False
        )
        rows = frame.index.to_numpy()[np.sort(drawn)]
        groups = np.full(len(rows), -1) if split is None else split.codes[rows]
        places = frame.loc[rows]
        x, y = places[longitude].to_numpy(), places[latitude].to_numpy()
        found.append(
            {
                "latitude": latitude,
                "longitude": longitude,
                "reason": reason,
                "rows": len(frame),
                "points": [
                    [round(float(a), 4), round(float(b), 4), int(g)]
                    for a, b, g in zip(x, y, groups, strict=True)
                ],
            }
        )
    return found
