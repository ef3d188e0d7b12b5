"""Columns that are computed of others, before anything else is done to a row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from mlrecipe.component import Section
from mlrecipe.expressions import Call, Expression, ExpressionError, parse_expression
from mlrecipe.expressions.kinds import kind_of, require_columns
from mlrecipe.expressions.tree import nodes

if TYPE_CHECKING:
    import pandas as pd

    from mlrecipe.data.table_schema import Column, TableSchema
    from mlrecipe.interfaces import Array

ValueKind = Literal["number", "truth", "text", "date"]

RequestForm = Literal["number", "string"]
"""How a request writes a value that an expression reads."""

Runs = tuple[tuple[int, int, int, int], ...]


class Derived(Section):
    """A column that is computed of others.

    Attributes:
        name: what it is called.
        expression: how it is computed.
        kind: what it holds.
        inputs: what it reads, raw columns and earlier derived ones -> what they hold.
        letters: small and capital letters, where the expression needs them.
    """

    name: str
    expression: Expression
    kind: Literal["number", "truth", "text"]
    inputs: dict[str, ValueKind]
    letters: dict[str, Runs] = Field(default_factory=dict)

    def column(self) -> Column:
        """Return it as a column of a table: its kind follows from what it holds."""
        from mlrecipe.data.table_schema import Column

        reason = f"derived: {self.expression.text}"
        if self.kind == "number":
            return Column(kind="numeric", type="number", reason=reason)
        if self.kind == "truth":
            return Column(kind="boolean", type="boolean", reason=reason)
        return Column(kind="categorical", type="string", reason=reason)


def read_as(kind: str) -> RequestForm:
    """Return how a request writes values of a kind."""
    return "number" if kind in ("number", "truth") else "string"


def value_kind(column: Column) -> ValueKind | None:
    """Return what a raw column holds for an expression; None: nothing it could compute with."""
    if column.type == "string":
        return "date" if column.kind == "datetime" else "text"
    kinds: dict[str, ValueKind] = {"number": "number", "boolean": "truth"}
    return kinds.get(column.type)


def derive(definitions: Mapping[str, str], schema: TableSchema) -> tuple[Derived, ...]:
    """Return the columns that a recipe defines, in order, for a table.

    Raises:
        ExpressionError: for the first that cannot be read, or does not suit the columns.
    """
    known = {name: value_kind(schema.columns[name]) for name in schema.inputs}
    found: list[Derived] = []
    for name, text in definitions.items():
        item = derive_one(name, text, known)
        known[name] = item.kind
        found.append(item)
    return tuple(found)


def derive_one(name: str, text: str, known: Mapping[str, ValueKind | None]) -> Derived:
    """Return one derived column of columns that hold known kinds of values (None: files).

    Raises:
        ExpressionError: when it cannot be read, or does not suit the columns.
    """
    from mlrecipe.expressions.letters import letters

    expression = parse_expression(text)
    require_columns(expression, known)
    inputs: dict[str, ValueKind] = {}
    for column in expression.columns():
        kind = known[column.name]
        if kind is None:
            raise ExpressionError(
                f"the column {column.name!r} holds files",
                text,
                column.at,
                expected="numbers, texts, dates, or true and false",
            )
        inputs[column.name] = kind
    if not inputs:
        raise ExpressionError("it reads no column: it is the same in every row", text)
    found = kind_of(expression, inputs)
    if found == "date":
        raise ExpressionError(
            "the result is a date, which is no feature",
            text,
            expected="a number, a text, or true and false",
            fix="days_between(first, second), year(d), month(d) or weekday(d)",
        )
    called = {node.function for node in nodes(expression.root) if isinstance(node, Call)}
    tables = {key: table for key, table in letters().items() if key in called}
    return Derived(name=name, expression=expression, kind=found, inputs=inputs, letters=tables)


def with_derived(schema: TableSchema, derived: tuple[Derived, ...]) -> TableSchema:
    """Return the schema with the derived columns after the raw inputs."""
    columns = {**schema.columns, **{item.name: item.column() for item in derived}}
    inputs = (*schema.inputs, *(item.name for item in derived))
    return schema.model_copy(update={"columns": columns, "inputs": inputs})


def raw_kinds(derived: tuple[Derived, ...]) -> dict[str, ValueKind]:
    """Return the raw columns that derived ones read, and what they hold."""
    own = {item.name for item in derived}
    return {name: kind for item in derived for name, kind in item.inputs.items() if name not in own}


def raw_inputs(derived: tuple[Derived, ...]) -> dict[str, RequestForm]:
    """Return the raw columns that derived ones read, and how a request writes them."""
    return {name: read_as(kind) for name, kind in raw_kinds(derived).items()}


def needed(derived: tuple[Derived, ...], wanted: set[str]) -> tuple[Derived, ...]:
    """Return the derived columns that are wanted, and those that these are computed of."""
    found: list[Derived] = []
    for item in reversed(derived):
        if item.name in wanted:
            wanted = wanted | set(item.inputs)
            found.append(item)
    return tuple(reversed(found))


class Deriving:
    """Computes derived columns by NumPy, of many rows or of one."""

    def __init__(self, derived: tuple[Derived, ...]) -> None:
        self.derived = derived
        kinds = raw_kinds(derived)
        self.items = [(item.name, item.expression, item.letters) for item in derived]
        self.numbers = [name for name, kind in kinds.items() if kind == "number"]
        self.others = [(name, kind) for name, kind in kinds.items() if kind != "number"]

    def __call__(
        self, read: Callable[[Sequence[str], RequestForm], Array], rows: int
    ) -> dict[str, Array]:
        """Return each derived column (rows,): float64 with NaN, or strings with "".

        Args:
            read: maps raw columns, and how a request writes them, to their values (rows, n).
            rows: how many there are.
        """
        if not self.derived:
            return {}
        from mlrecipe.expressions import arrays

        columns: dict[str, Any] = {}
        if self.numbers:  # together: for one row, calls cost more than numbers
            columns = arrays.number_columns(self.numbers, read(self.numbers, "number"))
        for name, kind in self.others:
            columns[name] = arrays.column(read([name], read_as(kind))[:, 0], kind)
        arrays.add_derived(self.items, columns, rows)
        return {item.name: arrays.plain(columns[item.name]) for item in self.derived}


def extended(frame: pd.DataFrame, derived: tuple[Derived, ...]) -> pd.DataFrame:
    """Return raw rows with the derived columns, as statistics look at them."""
    if not derived:
        return frame
    import pandas as pd

    from mlrecipe.preparation.values import from_frame

    found = Deriving(derived)(lambda names, how: from_frame(frame, names, how), len(frame))
    return pd.concat([frame, pd.DataFrame(found, index=frame.index)], axis=1)
