"""Guesses the columns from the rows, with a reason for each; single columns can be named."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

import mlrecipe
from mlrecipe.data.declaration import DeclaredKind

if TYPE_CHECKING:
    import pandas as pd

    from mlrecipe.data.table_schema import TableSchema
    from mlrecipe.problem import Problem


class Inferred(mlrecipe.Schema, name="inferred"):
    """Infers kind and type of every column from the rows, and says why."""

    kinds: dict[str, DeclaredKind] = Field(
        {}, description="Columns whose kind you know better: column -> kind."
    )

    def table(self, frame: pd.DataFrame, problem: Problem) -> TableSchema:
        from mlrecipe.data.declaration import availability, input_columns
        from mlrecipe.data.inference import infer_columns
        from mlrecipe.data.table_schema import TableSchema, named_columns

        named_columns(tuple(self.kinds), frame, "schema.kinds")
        targets = named_columns(problem.target, frame, "problem.target")
        columns = infer_columns(frame)
        for name, kind in self.kinds.items():
            columns[name] = columns[name].model_copy(update={"kind": kind, "reason": ""})
        for name in targets:
            columns[name] = columns[name].model_copy(update={"kind": "target", "reason": ""})
        for key in ("in_production", "not_in_production"):
            named_columns(getattr(problem, key), frame, f"problem.{key}")
        for name, column in columns.items():
            columns[name] = column.model_copy(update=availability(name, None, problem))
        named_columns(problem.inputs or (), frame, "problem.inputs")
        inputs = input_columns(columns, problem)
        return TableSchema(columns=columns, targets=targets, inputs=inputs)


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Inferred]
