"""Takes the columns from the recipe, and holds the rows against them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

import mlrecipe
from mlrecipe.component import Section

if TYPE_CHECKING:
    import pandas as pd

    from mlrecipe.data.table_schema import TableSchema
    from mlrecipe.problem import Problem


class DeclaredColumn(Section):
    """One column as the recipe declares it."""

    kind: Literal["numeric", "boolean", "categorical", "text", "datetime", "identifier"] = Field(
        description="What the values mean, and so how they are prepared."
    )
    nullable: bool = Field(False, description="Whether values may be missing.")
    unique: bool = Field(False, description="Whether no value may occur twice.")
    minimum: float | None = Field(None, description="Smallest allowed number.")
    maximum: float | None = Field(None, description="Largest allowed number.")
    values: tuple[str | int | float | bool, ...] | None = Field(
        None, description="The only allowed values."
    )
    description: str = Field("", description="What the column means.")


class Declared(mlrecipe.Schema, name="declared"):
    """Takes the columns as the recipe declares them; rows that break a rule are refused."""

    columns: dict[str, DeclaredColumn] = Field(
        description="Every column that matters, inputs and targets: column -> kind and limits."
    )

    def table(self, frame: pd.DataFrame, problem: Problem) -> TableSchema:
        from mlrecipe.data.inference import value_type
        from mlrecipe.data.table_schema import Column, TableSchema, named_columns

        named_columns(tuple(self.columns), frame, "schema.columns")
        targets = named_columns(problem.target, frame, "problem.target")
        named_columns(problem.inputs or (), frame, "problem.inputs")
        columns = {}
        for name, declared in self.columns.items():
            settings: dict[str, Any] = declared.model_dump()
            if name in targets:
                settings["kind"] = "target"
            columns[name] = Column(
                **settings,
                type=value_type(frame[name]),
                available=name not in problem.not_in_production,
            )
        undeclared = [n for n in (*targets, *(problem.inputs or ())) if n not in columns]
        if undeclared:
            raise mlrecipe.MlrecipeError(
                f"{undeclared[0]!r} is used, but not declared",
                where="schema.columns",
                expected="every target and every input of the problem section",
                fix=f"declare it: schema.columns.{undeclared[0]}.kind=…",
            )
        inputs = problem.inputs or tuple(
            name
            for name, c in columns.items()
            if name not in (*targets, *problem.helpers) and c.available
        )
        return TableSchema(columns=columns, targets=targets, inputs=inputs)


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Declared]
