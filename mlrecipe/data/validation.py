"""Holds rows against a schema (pandera), and reports every violation with rows and counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from mlrecipe.data.table_schema import Column, TableSchema
from mlrecipe.errors import MlrecipeError, nearest

SHOWN_ROWS = 5
"""Rows named in a violation; the count always says how many there are."""


@dataclass(frozen=True)
class Violation:
    """Rows of one column that break one rule.

    Attributes:
        column: name of the column.
        rule: the rule that is broken, in words.
        count: number of rows that break it; 0 when the whole column is at fault.
        rows: positions of the first of them.
        examples: their values.
    """

    column: str
    rule: str
    count: int = 0
    rows: tuple[int, ...] = ()
    examples: tuple[Any, ...] = ()

    def __str__(self) -> str:
        where = f" in {self.count} row(s), first {list(self.rows)}" if self.count else ""
        seen = f", such as {', '.join(map(repr, self.examples))}" if self.examples else ""
        return f"{self.column}: {self.rule}{where}{seen}"


def violations(frame: pd.DataFrame, schema: TableSchema, *, targets: bool) -> list[Violation]:
    """Return everything in the rows that the schema forbids.

    Args:
        frame: rows to check, as read.
        schema: what they should be like.
        targets: whether these are rows to learn from, with every input and target; else only the
            columns that a model reads have to be there.
    """
    learnt_from = {n: schema.columns[n] for n in (*schema.inputs, *schema.targets)}
    wanted = learnt_from if targets else schema.features()
    found = []
    for name in wanted:
        if name not in frame.columns:
            close = nearest(name, [str(c) for c in frame.columns])
            found.append(
                Violation(name, "the column is missing" + (f"; is it {close!r}?" if close else ""))
            )
    present = {name: column for name, column in wanted.items() if name in frame.columns}
    for name, column in present.items():
        found.extend(_wrong_type(frame[name], column, name))
    broken = {violation.column for violation in found}
    sound = {name: column for name, column in present.items() if name not in broken}
    return found + _pandera_violations(frame, sound)


def require_valid(frame: pd.DataFrame, schema: TableSchema, *, targets: bool) -> None:
    """Raise a `MlrecipeError` that names every violation, when there is one."""
    found = violations(frame, schema, targets=targets)
    if found:
        raise MlrecipeError(
            "the rows break the schema:\n" + "\n".join(f"  {violation}" for violation in found),
            where="schema",
            fix="correct the rows, or the schema",
        )


def _wrong_type(values: pd.Series, column: Column, name: str) -> list[Violation]:
    if column.kind == "image":
        wrong = values.notna() & ~values.map(lambda v: isinstance(v, bytes))
        rule = "no encoded picture"
    elif column.type == "number":
        numbers = pd.to_numeric(values, errors="coerce")
        wrong = numbers.isna() & values.notna()
        rule = "no number"
    elif column.type == "boolean":
        wrong = values.notna() & ~values.isin([True, False])
        rule = "neither true nor false"
    else:
        wrong = values.notna() & ~values.map(lambda v: isinstance(v, str))
        if pd.api.types.is_numeric_dtype(values) and values.notna().all():
            return [Violation(name, "numbers where strings are expected")]
        rule = "no string"
    return [_violation(name, rule, values[wrong])] if wrong.any() else []


def _violation(name: str, rule: str, values: pd.Series) -> Violation:
    first = values.head(SHOWN_ROWS)
    rows = tuple(int(i) for i in first.index)
    return Violation(name, rule, len(values), rows, tuple(first.tolist()))


def _pandera_violations(frame: pd.DataFrame, columns: dict[str, Column]) -> list[Violation]:
    import pandera.errors
    import pandera.pandas as pa

    schema = pa.DataFrameSchema({name: _pandera_column(pa, c) for name, c in columns.items()})
    try:
        schema.validate(frame[list(columns)], lazy=True)
    except pandera.errors.SchemaErrors as error:
        cases = error.failure_cases
        found = []
        for (name, rule), group in cases.groupby(["column", "check"], sort=False):
            rows = group["index"].dropna().astype(int)
            values = frame[str(name)].loc[rows.to_numpy()]
            found.append(_violation(str(name), _in_words(str(rule)), values))
        return found
    return []


def _pandera_column(pa: Any, column: Column) -> Any:
    checks = []
    if column.minimum is not None:
        checks.append(pa.Check.ge(column.minimum))
    if column.maximum is not None:
        checks.append(pa.Check.le(column.maximum))
    if column.values is not None:
        checks.append(pa.Check.isin(list(column.values)))
    return pa.Column(None, checks, nullable=column.nullable, unique=column.unique)


def _in_words(rule: str) -> str:
    for start, words in (
        ("greater_than_or_equal_to", "less than the minimum"),
        ("less_than_or_equal_to", "more than the maximum"),
        ("isin", "not among the allowed values"),
        ("not_nullable", "a missing value"),
        ("field_uniqueness", "a value that occurs twice"),
    ):
        if rule.startswith(start):
            argument = rule.removeprefix(start)
            return words + argument if len(argument) < 60 else words
    return rule
