"""Columns as people declare them, in a recipe or in a file, and what follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from pydantic import Field, model_validator

from mlrecipe.component import Section
from mlrecipe.data.table_schema import Column, Policy, TableSchema, Value, named_columns
from mlrecipe.errors import MlrecipeError

if TYPE_CHECKING:
    import pandas as pd

    from mlrecipe.problem import Problem

DeclaredKind = Literal[
    "numeric",
    "boolean",
    "categorical",
    "text",
    "datetime",
    "identifier",
    "constant",
    "image",
    "id",
    "location",
    "tags",
    "sequence",
]
DeclaredType = Literal["number", "string", "boolean", "bytes", "numbers"]

_TYPES: dict[str, DeclaredType] = {
    "numeric": "number",
    "boolean": "boolean",
    "text": "string",
    "datetime": "string",
    "image": "bytes",
    "location": "number",
    "tags": "string",
    "sequence": "numbers",
}
"""How a value of a kind is written, where the kind leaves no choice."""


class DeclaredColumn(Section):
    """One column as somebody declares it."""

    kind: DeclaredKind = Field(description="What the values mean, and so how they are prepared.")
    type: DeclaredType | None = Field(
        None,
        description="How a value is written in a request; null: by the kind, or by `values`, or as "
        "the rows have it.",
    )
    nullable: bool = Field(False, description="Whether values may be missing.")
    unique: bool = Field(False, description="Whether no value may occur twice.")
    minimum: float | None = Field(None, description="Smallest allowed number.")
    maximum: float | None = Field(None, description="Largest allowed number.")
    values: tuple[Value, ...] | None = Field(None, description="The only allowed values.")
    available: bool | None = Field(
        None,
        description="Whether it is known, in the same form, when a prediction is asked for; null: "
        "nobody has asked yet.",
    )
    policy: Policy = Field(
        "fail",
        description="What becomes of rows to learn from that break a rule: fail: the run ends; "
        "drop_row: they are left out; set_missing: the value is. Both are counted.",
    )
    description: str = Field("", description="What the column means.")

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> DeclaredColumn:
        if self.policy == "set_missing" and not self.nullable:
            raise ValueError("policy: set_missing makes values missing; it needs nullable: true")
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise ValueError(f"minimum {self.minimum:g} is more than maximum {self.maximum:g}")
        limits = self.minimum is not None or self.maximum is not None
        if limits and (self.type or _TYPES.get(self.kind, "number")) != "number":
            raise ValueError("minimum and maximum are limits of numbers")
        return self

    def value_type(self, values: pd.Series) -> DeclaredType:
        """Return how a value is written: as declared, or as the kind or the values tell."""
        from mlrecipe.data.inference import value_type

        if self.type is not None:
            return self.type
        if self.kind in _TYPES:
            return _TYPES[self.kind]
        if self.values:
            kinds = {type(value) for value in self.values}
            return "boolean" if kinds == {bool} else "string" if str in kinds else "number"
        return value_type(values)  # type: ignore[return-value]


def declared_schema(
    declared: Mapping[str, DeclaredColumn], frame: pd.DataFrame, problem: Problem, where: str
) -> TableSchema:
    """Return the schema that the declarations make.

    Args:
        declared: every column that matters, targets included.
        frame: the rows; types are taken from it only where the declaration leaves them open.
        problem: names targets, inputs and availability.
        where: the recipe key, or file, that declares the columns.

    Raises:
        MlrecipeError: for a column that the rows lack, a used one that is not declared, or a
            contradiction about availability.
    """
    named_columns(tuple(declared), frame, where)
    targets = named_columns(problem.target, frame, "problem.target")
    named_columns(problem.inputs or (), frame, "problem.inputs")
    for name in (*targets, *(problem.inputs or ())):
        if name not in declared:
            raise MlrecipeError(
                f"{name!r} is used, but not declared",
                where=where,
                expected="every target and every input of the problem section",
                fix=f"declare it: {where}.{name}.kind=…",
            )
    columns = {
        name: Column(
            **column.model_dump(exclude={"kind", "type", "available"}),
            kind="target" if name in targets else column.kind,
            type=column.value_type(frame[name]),
            **availability(name, column.available, problem, where),
        )
        for name, column in declared.items()
    }
    return TableSchema(columns=columns, targets=targets, inputs=input_columns(columns, problem))


def availability(
    name: str, declared: bool | None, problem: Problem, where: str = "schema"
) -> dict[str, bool]:
    """Return ``available`` and ``confirmed`` of a column: one truth from schema and problem.

    Raises:
        MlrecipeError: when they contradict each other.
    """
    said = {
        f"{where}.{name}.available": declared,
        "problem.in_production": True if name in problem.in_production else None,
        "problem.not_in_production": False if name in problem.not_in_production else None,
    }
    yes = [key for key, value in said.items() if value is True]
    no = [key for key, value in said.items() if value is False]
    if yes and no:
        raise MlrecipeError(
            f"{name!r} is known in production by {yes[0]}, and is not by {no[0]}",
            where=no[0],
            expected="one answer to: is it known when a prediction is asked for?",
            fix="correct one of them",
        )
    return {"available": not no, "confirmed": bool(yes)}


def input_columns(columns: Mapping[str, Column], problem: Problem) -> tuple[str, ...]:
    """Return the inputs: those of the problem, or every column that production knows.

    Raises:
        MlrecipeError: for an input that production will not know.
    """
    late = [name for name in problem.inputs or () if not columns[name].available]
    if late:
        raise MlrecipeError(
            f"{', '.join(late)} will not be known in production",
            where="problem.inputs",
            fix="take it out of problem.inputs, or correct its availability in the schema",
        )
    return problem.inputs or tuple(
        name for name, c in columns.items() if c.kind != "target" and c.available
    )
