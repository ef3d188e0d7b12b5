"""Holds rows against a schema (pandera), and reports every violation with rows and counts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mlrecipe.data.lists import is_list
from mlrecipe.data.pictures import look_at
from mlrecipe.data.table_schema import Column, TableSchema
from mlrecipe.errors import MlrecipeError, nearest

if TYPE_CHECKING:
    import pandera.pandas as pa

SHOWN_ROWS = 5
"""Rows named in a violation; the count always says how many there are."""

SHOWN_VIOLATIONS = 30
"""Violations listed in a message; a line says how many more there are."""


NUMBER_TYPES = (int, float, np.integer, np.floating)


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

    Rows are counted before any is copied, so that a million bad cells cost no more than a few.

    Args:
        frame: rows to check, as read.
        schema: what they should be like.
        targets: whether these are rows to learn from, with every input and target; else only the
            columns that a model reads have to be there.
    """
    wanted = wanted_columns(schema, targets=targets)
    found = missing_columns(frame, wanted)
    for name, column in wanted.items():
        if name in frame.columns:
            found += [violation(name, r, frame[name], m) for r, m in broken(frame[name], column)]
    return found


def require_valid(frame: pd.DataFrame, schema: TableSchema, *, targets: bool) -> None:
    """Raise a `MlrecipeError` that names every violation, when there is one."""
    refuse(violations(frame, schema, targets=targets))


def refuse(found: list[Violation]) -> None:
    """Raise a `MlrecipeError` that names the violations, when there are any."""
    if found:
        lines = [f"  {item}" for item in found[:SHOWN_VIOLATIONS]]
        more = len(found) - len(lines)
        raise MlrecipeError(
            "the rows break the schema:\n"
            + "\n".join(lines + ([f"  and {more} more rules"] if more else [])),
            where="schema",
            fix="correct the rows, or the schema",
        )


def wanted_columns(schema: TableSchema, *, targets: bool) -> dict[str, Column]:
    """Return the columns that rows must have, to learn from them or to ask about them."""
    if not targets:
        return schema.features()
    return {name: schema.columns[name] for name in (*schema.inputs, *schema.targets)}


def missing_columns(frame: pd.DataFrame, wanted: dict[str, Column]) -> list[Violation]:
    """Return a violation for every column that is not there."""
    found = []
    for name in wanted:
        if name not in frame.columns:
            close = nearest(name, [str(c) for c in frame.columns])
            hint = f"; is it {close!r}?" if close else ""
            found.append(Violation(name, f"the column is missing{hint}"))
    return found


def broken(values: pd.Series, column: Column) -> Iterator[tuple[str, Any]]:
    """Yield each broken rule in words, with a bool array (rows,) of the rows that break it.

    Limits are held only where the type is right: what is no number is not too small as well.
    """
    wrong, rule = _wrong_type(values, column)
    if wrong.any():
        yield rule, wrong
    missing = values.isna().to_numpy()
    if not column.nullable and missing.any():
        yield "a missing value", missing
    sound = ~(wrong | missing)
    if not sound.any():
        return
    if column.kind == "image":
        yield from _damaged(values, sound)
    whole = bool(sound.all())
    for words, check in _limits(column):
        checked = values if whole else values[sound]
        if column.type == "number" and not pd.api.types.is_numeric_dtype(checked):
            checked = pd.to_numeric(checked)
        failed = np.zeros(len(values), dtype=bool)
        failed[sound] = ~np.asarray(check(checked).check_output, dtype=bool)
        if failed.any():
            yield words, failed
    if column.unique:
        twice = values.map(_hashable).duplicated().to_numpy() & sound
        if twice.any():
            yield "a value that occurs twice", twice


def _damaged(values: pd.Series, sound: Any) -> Iterator[tuple[str, Any]]:
    """Yield what is wrong with the files of images, each rule with its rows."""
    found: dict[str, Any] = {}
    for row in np.flatnonzero(sound):
        try:
            look_at(values.iloc[row])
        except ValueError as error:
            rule = str(error).partition(" (")[0]
            found.setdefault(rule, np.zeros(len(values), dtype=bool))[row] = True
    yield from found.items()


def _hashable(value: Any) -> Any:
    return tuple(value) if is_list(value) else value


def violation(name: str, rule: str, values: pd.Series, mask: Any) -> Violation:
    """Return the violation of a rule by the rows of a mask; a few of them are shown."""
    first = np.flatnonzero(mask)[:SHOWN_ROWS]
    shown = values.iloc[first]
    rows = tuple(int(i) for i in shown.index)
    examples = () if any(isinstance(v, bytes) for v in shown) else tuple(shown.tolist())
    return Violation(name, rule, int(mask.sum()), rows, examples)


def _wrong_type(values: pd.Series, column: Column) -> tuple[Any, str]:
    numeric = pd.api.types.is_numeric_dtype(values)
    boolean = pd.api.types.is_bool_dtype(values)
    none = np.zeros(len(values), dtype=bool)
    if column.type == "number":
        if numeric or boolean:
            return none, ""
        numbers = pd.to_numeric(values, errors="coerce")
        return (numbers.isna() & values.notna()).to_numpy(), "no number"
    if column.type == "boolean":
        if boolean:
            return none, ""
        wrong = values.notna() & ~values.isin([True, False])
        return wrong.to_numpy(), "neither true nor false"
    if column.type == "bytes":
        wrong = values.notna() & ~values.map(lambda v: isinstance(v, bytes))
        return wrong.to_numpy(), "no bytes of a file"
    if column.type == "numbers":
        wrong = values.notna() & ~values.map(is_list_of_numbers)
        return wrong.to_numpy(), "no list of numbers"
    if numeric:
        return values.notna().to_numpy(), "a number where a string is expected"
    if values.dtype != object:
        return none, ""
    if column.kind == "tags" or (column.kind == "target" and values.map(is_list).any()):
        wrong = values.notna() & ~values.map(is_set_of_tags)
        return wrong.to_numpy(), "neither a string nor a list of strings"
    plain = (str, date) if column.kind == "datetime" else (str,)
    wrong = values.notna() & ~values.map(lambda v: isinstance(v, plain))
    return wrong.to_numpy(), "no string"


def is_list_of_numbers(value: Any) -> bool:
    """Return whether a value is a list of numbers; None, or NaN, is a gap in it."""
    return is_list(value) and all(
        v is None or (isinstance(v, NUMBER_TYPES) and not isinstance(v, bool)) for v in value
    )


def is_set_of_tags(value: Any) -> bool:
    """Return whether a value is a set of tags: one string, or a list of strings."""
    return isinstance(value, str) or (is_list(value) and all(isinstance(v, str) for v in value))


def _limits(column: Column) -> Iterator[tuple[str, pa.Check]]:
    """Yield the limits of a column, in words and as pandera checks of single values."""
    import pandera.pandas as pa

    if column.minimum is not None:
        yield f"less than the minimum({column.minimum:g})", pa.Check.ge(column.minimum)
    if column.maximum is not None:
        yield f"more than the maximum({column.maximum:g})", pa.Check.le(column.maximum)
    if column.values is not None:
        shown = ", ".join(map(repr, column.values[:8])) + (", …" if len(column.values) > 8 else "")
        yield f"not among the allowed values({shown})", pa.Check.isin(list(column.values))


def pandera_schema(schema: TableSchema, *, targets: bool) -> pa.DataFrameSchema:
    """Return the same rules as a pandera schema, for pipelines outside of mlrecipe."""
    import pandera.pandas as pa

    return pa.DataFrameSchema(
        {
            name: pa.Column(
                None,
                [check for _, check in _limits(column)],
                nullable=column.nullable,
                unique=column.unique,
            )
            for name, column in wanted_columns(schema, targets=targets).items()
        }
    )
