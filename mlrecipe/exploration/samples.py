"""Some rows of every class, to be looked at (book, 6.1.3)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from mlrecipe.data.table import Table
from mlrecipe.data.table_schema import TableSchema
from mlrecipe.exploration.image_facts import thumbnail
from mlrecipe.exploration.split import Split, text_of

MOST_ROWS = 24
LEAST_A_CLASS = 2
MOST_COLUMNS = 12
LONGEST = 240
"""Characters of a text that are shown."""


def sample_rows(
    table: Table, schema: TableSchema, split: Split | None, seed: int = 0
) -> dict[str, Any]:
    """Return rows drawn at random within every class, or within every fifth of a numeric target.

    Identifiers and ids are left out: they may name people. Images become thumbnails, and texts are
    clipped.
    """
    hidden = [
        name for name, column in schema.columns.items() if column.kind in ("identifier", "id")
    ]
    shown = [name for name in _columns_in_order(schema) if name not in hidden]
    columns = shown[:MOST_COLUMNS]
    positions = _positions(table.rows, split, np.random.default_rng(seed))
    frame = table.take(positions, columns)
    rows = [
        {
            "row": int(position),
            "values": {name: shown_value(frame.at[position, name]) for name in columns},
        }
        for position in positions
    ]
    return {
        "columns": columns,
        "hidden": list(hidden),
        "not_shown": len(shown) - len(columns),
        "rows": rows,
    }


def _columns_in_order(schema: TableSchema) -> list[str]:
    """Return the targets, then images and texts, then the other inputs, then the rest."""
    wide = [n for n in schema.inputs if schema.columns[n].kind in ("image", "text", "sequence")]
    return list(dict.fromkeys([*schema.targets, *wide, *schema.inputs, *schema.columns]))


def _positions(rows: int, split: Split | None, random: np.random.Generator) -> list[int]:
    if split is None:
        return sorted(random.choice(rows, min(rows, MOST_ROWS), replace=False).tolist())
    classes = len(split.labels) or 5
    each = max(LEAST_A_CLASS, min(6, MOST_ROWS // classes))
    chosen: list[int] = []
    for code in range(classes):
        members = np.flatnonzero(split.codes == code)
        drawn = random.choice(members, min(each, len(members)), replace=False)
        chosen += sorted(drawn.tolist())
    return chosen


def shown_value(value: Any) -> Any:
    """Return a cell as plain data for the page: number, text of bounded length, or thumbnail."""
    if isinstance(value, bytes | bytearray):
        return thumbnail(bytes(value)) or "image that cannot be read"
    if isinstance(value, list | dict | np.ndarray):
        value = str(value)
    if value is None or value is pd.NaT or (not isinstance(value, str) and pd.isna(value)):
        return None
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | float | np.number):
        return value.item() if isinstance(value, np.number) else value
    text = text_of(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
