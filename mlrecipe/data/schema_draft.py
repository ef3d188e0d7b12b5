"""The draft of a schema file: what the schema of a run says, and what was seen in the rows."""

from __future__ import annotations

import pandas as pd

from mlrecipe.data.declaration import DeclaredColumn
from mlrecipe.data.inference import infer_column
from mlrecipe.data.schema_file import write_schema_file
from mlrecipe.data.table_schema import Column, TableSchema

MOST_SHOWN = 8
"""Values named in a comment; of text and identifiers none, for they may name people."""


def schema_draft(schema: TableSchema, development: pd.DataFrame) -> str:
    """Return YAML that ``schema=file`` reads back into the same columns.

    Reasons and what was seen stand in comments. A range that happened to be seen is no rule, so it
    is shown and not enforced; and only development rows are looked at.
    """
    return write_schema_file(
        {
            name: (_declaration(column, development[name]), _comment(column, development[name]))
            for name, column in schema.columns.items()
        }
    )


def _declaration(column: Column, values: pd.Series) -> DeclaredColumn:
    kind = infer_column(values).kind if column.kind == "target" else column.kind
    known = None if column.available and not column.confirmed else column.available
    return DeclaredColumn(
        **column.model_dump(exclude={"kind", "available", "confirmed", "reason"}),
        kind=kind,  # type: ignore[arg-type]
        available=known,
    )


def _comment(column: Column, values: pd.Series) -> str:
    parts = ["the target"] if column.kind == "target" else []
    parts += [column.reason] if column.reason else []
    if column.kind in ("identifier", "id", "text", "image", "sequence") or column.type == "bytes":
        return "; ".join(parts)
    present = values.dropna()
    if column.type == "number" and len(present) and pd.api.types.is_numeric_dtype(present):
        parts.append(f"seen: {present.min():.6g} to {present.max():.6g}")
    else:
        seen = present.drop_duplicates().head(MOST_SHOWN + 1).astype(str).tolist()
        more = " …" if len(seen) > MOST_SHOWN else ""
        parts.append(f"seen: {', '.join(sorted(seen[:MOST_SHOWN]))}{more}")
    return "; ".join(parts)
