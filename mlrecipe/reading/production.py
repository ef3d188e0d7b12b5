"""Rows as production sees them: read, held leniently against the schema, made comparable."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pandas as pd

from mlrecipe.data.lists import with_lists
from mlrecipe.data.sets import joined
from mlrecipe.data.table_schema import TableSchema
from mlrecipe.errors import MlrecipeError, nearest
from mlrecipe.findings import Finding
from mlrecipe.interfaces import Source
from mlrecipe.problem import Problem
from mlrecipe.reading.choosing import rows_of, source_of

FEWEST_ROWS = 50
"""Below, no difference of a sensible size can be told from chance."""

KEY = "problem.production_sample"


def production_rows(problem: Problem, source: Source, schema: TableSchema) -> pd.DataFrame | None:
    """Return the rows of ``problem.production_sample``, or those that the source itself brings."""
    if problem.production_sample is None:
        return source.production()
    texts = [name for name, column in schema.columns.items() if column.type == "string"]
    with _named_key():
        return rows_of(source_of(problem.production_sample, KEY), texts)


def production_fingerprint(problem: Problem) -> str:
    """Return a hash that changes when the production sample does; empty without one."""
    if problem.production_sample is None:
        return ""
    with _named_key():
        return source_of(problem.production_sample, KEY).fingerprint()


@contextlib.contextmanager
def _named_key() -> Iterator[None]:
    """Let errors of the source name the key that the user wrote."""
    try:
        yield
    except MlrecipeError as error:
        if error.where == "source.path":
            error.where = KEY
        raise


def fitted_to_schema(rows: pd.DataFrame, schema: TableSchema) -> tuple[pd.DataFrame, list[Finding]]:
    """Return the columns that the schema knows, in its types, and what is wrong with the rest.

    A sample of production is not refused: what is wrong with it is what one wants to know.
    """
    rows = rows.rename(columns=str).reset_index(drop=True)
    found = [*_absent(rows, schema), *_extra(rows, schema), *_few(rows)]
    rows = with_lists(rows, schema)
    kept = {}
    for name, column in schema.columns.items():
        if name not in rows:
            continue
        values = rows[name]
        if column.type == "number" and not pd.api.types.is_numeric_dtype(values):
            numbers = pd.to_numeric(values, errors="coerce")
            found.extend(_no_numbers(name, values[numbers.isna() & values.notna()]))
            values = numbers
        elif column.kind == "tags":
            values = values.map(joined, na_action="ignore")
        elif column.type == "string" and column.kind not in ("image", "datetime"):
            values = values.astype("string").astype(object)
        kept[name] = values
    return pd.DataFrame(kept, index=rows.index), found


def _absent(rows: pd.DataFrame, schema: TableSchema) -> list[Finding]:
    absent = [name for name in schema.inputs if name not in rows]
    if not absent:
        return []
    close = {n: nearest(n, [c for c in rows.columns if c not in schema.columns]) for n in absent}
    named = ", ".join(f"{n} (is it {c!r}?)" if c else n for n, c in close.items())
    return [
        Finding(
            "production-columns-missing",
            "warning",
            f"The production sample has no column {named}.",
            {"columns": absent},
            "If it will not be known when a prediction is asked for: "
            f"problem.not_in_production=[{','.join(absent)}]; else correct the sample.",
            "6.1.2",
        )
    ]


def _extra(rows: pd.DataFrame, schema: TableSchema) -> list[Finding]:
    extra = [name for name in rows.columns if name not in schema.columns]
    if not extra:
        return []
    return [
        Finding(
            "production-columns-new",
            "note",
            f"The production sample has columns that the data has not: {', '.join(extra[:10])}.",
            {"columns": extra[:100]},
            "They are not looked at. Collect them for training if they tell something.",
            "6.1.2",
        )
    ]


def _few(rows: pd.DataFrame) -> list[Finding]:
    if len(rows) >= FEWEST_ROWS:
        return []
    return [
        Finding(
            "production-sample-small",
            "advice",
            f"The production sample has {len(rows)} rows: only gross differences can be seen.",
            {"rows": len(rows)},
            f"Collect at least {FEWEST_ROWS}, better a thousand.",
            "6.1.2",
        )
    ]


def _no_numbers(name: str, wrong: pd.Series) -> list[Finding]:
    if wrong.empty:
        return []
    return [
        Finding(
            "production-violation",
            "warning",
            f"{name} is no number in {len(wrong)} rows of the production sample, such as "
            f"{wrong.iloc[0]!r}.",
            {"column": name, "count": len(wrong), "rows": wrong.index[:5].tolist()},
            "They count as missing. Find out what production writes there.",
            "6.1.2",
        )
    ]
