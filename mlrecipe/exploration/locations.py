"""Pairs of columns that say where on Earth a row is from."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from mlrecipe.data.table import Table
from mlrecipe.data.table_schema import TableSchema
from mlrecipe.exploration.split import Split

MOST_POINTS = 2_000

NAMES = {
    "latitude": re.compile(r"(^|[^a-z])(lat|latitude)([^a-z]|$)"),
    "longitude": re.compile(r"(^|[^a-z])(lon|lng|long|longitude)([^a-z]|$)"),
}
LIMITS = {"latitude": 90.0, "longitude": 180.0}


def find_locations(table: Table, schema: TableSchema) -> list[tuple[str, str, str]]:
    """Return (latitude column, longitude column, reason) of every pair found.

    A pair has names that differ in latitude and longitude alone (``lat`` and ``lon``,
    ``start_latitude`` and ``start_longitude``), numbers within ±90 and ±180 degrees, and at least
    three distinct places.
    """
    stems = {part: _stems(schema, part) for part in NAMES}
    found = []
    for stem, latitude in stems["latitude"].items():
        longitude = stems["longitude"].get(stem)
        if longitude and _plausible(table, latitude, longitude):
            reason = (
                f"{latitude} and {longitude} are named like latitude and longitude, and their "
                "values lie within ±90 and ±180 degrees"
            )
            found.append((latitude, longitude, reason))
    return found


def _stems(schema: TableSchema, part: str) -> dict[str, str]:
    """Return what is left of a column's name without the word for its part -> the column."""
    found: dict[str, str] = {}
    for name, column in schema.columns.items():
        words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
        if column.type == "number" and NAMES[part].search(words):
            stem = NAMES[part].sub("_", words).strip("_ ")
            found.setdefault(re.sub(r"[^a-z0-9]+", "_", stem), name)
    return found


def _plausible(table: Table, latitude: str, longitude: str) -> bool:
    frame = table.columns([latitude, longitude]).dropna()
    within = (frame[latitude].abs() <= 90).all() and (frame[longitude].abs() <= 180).all()
    return bool(within and len(frame.head(10_000).drop_duplicates()) >= 3)


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
