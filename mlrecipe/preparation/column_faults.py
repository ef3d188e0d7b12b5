"""What can be wrong with what a recipe says of single columns: derived, set apart, left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from mlrecipe.data.table_schema import TableSchema
from mlrecipe.errors import Fault, nearest
from mlrecipe.expressions import ExpressionError, parse_expression
from mlrecipe.preparation.derived import derive_one, value_kind
from mlrecipe.preparation.kinds.kind import Kind
from mlrecipe.problem import Problem


@dataclass(frozen=True)
class ColumnSettings:
    """What a recipe says of single columns.

    Attributes:
        derived: new column -> its expression.
        columns: column -> settings that differ from its kind's.
        drop: columns left out.
        kinds: recipe key -> settings of a kind of column.
        fields: kind of column -> that key.
    """

    derived: Mapping[str, str]
    columns: Mapping[str, Mapping[str, Any]]
    drop: Sequence[str]
    kinds: Mapping[str, Kind]
    fields: Mapping[Any, str]


def column_faults(
    said: ColumnSettings, problem: Problem, schema: TableSchema | None = None
) -> list[Fault]:
    """Return everything that is wrong; without a schema, what can be told without the table."""
    return [
        *_derived(said, problem, schema),
        *_names("drop", said.drop, said, problem, schema),
        *_names("columns", said.columns, said, problem, schema),
        *(_settings_of_any(said) if schema is None else _settings(said, schema)),
    ]


def _derived(said: ColumnSettings, problem: Problem, schema: TableSchema | None) -> Iterator[Fault]:
    known: dict[str, Any] = {}
    if schema is not None:
        known = {name: value_kind(schema.columns[name]) for name in schema.inputs}
    for name, text in said.derived.items():
        path = f"derived.{name}"
        if name in (schema.columns if schema else (*problem.target, *(problem.inputs or ()))):
            yield Fault(
                path,
                f"the table already has a column {name!r}",
                expected="a name of its own",
                received=text,
                fix=f"derived.{name}_2, and drop=[{name}] where it takes the old one's place",
            )
            continue
        try:
            _refuse_forbidden(name, text, said, problem)
            if schema is not None:
                known[name] = derive_one(name, text, known).kind
        except ExpressionError as error:
            known[name] = None
            yield Fault(
                path,
                f"{error.problem}, at {error.where}",
                expected=error.expected,
                received=text,
                fix=error.fix,
            )


def _refuse_forbidden(name: str, text: str, said: ColumnSettings, problem: Problem) -> None:
    """Raise an `ExpressionError` for the first column that must not, or cannot, be read."""
    order = list(said.derived)
    for column in parse_expression(text).columns():
        read, reason, fix = column.name, "", ""
        if read in problem.target:
            reason = f"it reads the target {read!r}, which nobody knows in production"
        elif read in problem.not_in_production:
            reason = f"{read!r} will not be known in production (problem.not_in_production)"
        elif read in order and order.index(read) >= order.index(name):
            reason = f"it reads {read!r}, which is computed " + (
                "by it" if read == name else "after it"
            )
            fix = "" if read == name else f"put {read} before {name}"
        elif problem.inputs is not None and read not in (*problem.inputs, *order):
            close = nearest(read, (*problem.inputs, *order))
            reason = f"{read!r} is not among problem.inputs"
            reason += f"; did you mean {close!r}?" if close else ""
        if reason:
            raise ExpressionError(reason, text, column.at, fix=fix)


def _names(
    key: str,
    names: Mapping[str, Any] | Sequence[str],
    said: ColumnSettings,
    problem: Problem,
    schema: TableSchema | None,
) -> Iterator[Fault]:
    """Yield a fault for every column named that is no input."""
    inputs = schema.inputs if schema else problem.inputs
    for name in names:
        path = f"{key}.{name}" if key == "columns" else key
        if name in problem.target:
            yield Fault(path, f"{name!r} is the target, not an input", received=name)
        elif inputs is not None and name not in (*inputs, *said.derived):
            yield Fault(
                path,
                f"there is no input column {name!r}",
                expected=_some([*inputs, *said.derived]),
                received=name,
                nearest=nearest(name, (*inputs, *said.derived)),
            )


def _settings_of_any(said: ColumnSettings) -> Iterator[Fault]:
    """Yield a fault for every setting that no kind of column has."""
    known = dict.fromkeys(key for kind in said.kinds.values() for key in type(kind).model_fields)
    for name, settings in said.columns.items():
        for key, value in settings.items():
            if key not in known:
                yield _unknown(
                    f"columns.{name}.{key}", key, value, list(known), "no kind of column"
                )


def _settings(said: ColumnSettings, schema: TableSchema) -> Iterator[Fault]:
    """Yield a fault for every setting that a column's kind has not, or that does not fit."""
    for name, settings in said.columns.items():
        if name not in schema.columns or schema.columns[name].kind not in said.fields:
            continue
        field = said.fields[schema.columns[name].kind]
        kind = said.kinds[field]
        known = list(type(kind).model_fields)
        for key in settings:
            if key not in known:
                what = f"a {schema.columns[name].kind} column"
                yield _unknown(f"columns.{name}.{key}", key, settings[key], known, what)
        try:
            kind.of_column({k: v for k, v in settings.items() if k in known})
        except ValidationError as error:
            for item in error.errors():
                yield Fault(
                    ".".join(["columns", name, *map(str, item["loc"])]),
                    "the value does not fit",
                    expected=str(item["msg"]).removeprefix("Input "),
                    received=repr(item["input"]),
                )


def _unknown(path: str, key: str, value: Any, known: list[str], what: str) -> Fault:
    return Fault(
        path,
        f"{what} has such a setting" if what.startswith("no ") else f"{what} has no such setting",
        expected=_some(known),
        received=repr(value),
        nearest=nearest(key, known),
    )


def _some(names: Sequence[str]) -> str:
    return f"one of {', '.join(names[:30])}" + (", …" if len(names) > 30 else "")
