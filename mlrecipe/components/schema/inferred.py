"""Guesses the columns from the rows, with a reason for each; single columns can be named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

import mlrecipe

if TYPE_CHECKING:
    import pandas as pd

    from mlrecipe.data.table_schema import TableSchema
    from mlrecipe.problem import Problem


class Inferred(mlrecipe.Schema, name="inferred"):
    """Infers kind and type of every column from the rows, and says why."""

    kinds: dict[
        str, Literal["numeric", "boolean", "categorical", "text", "datetime", "identifier"]
    ] = Field({}, description="Columns whose kind you know better: column -> kind.")

    def table(self, frame: pd.DataFrame, problem: Problem) -> TableSchema:
        from mlrecipe.data.inference import infer_column
        from mlrecipe.data.table_schema import TableSchema, named_columns

        named_columns(tuple(self.kinds), frame, "schema.kinds")
        targets = named_columns(problem.target, frame, "problem.target")
        columns = {str(name): infer_column(frame[name]) for name in frame.columns}
        for name, kind in self.kinds.items():
            columns[name] = columns[name].model_copy(update={"kind": kind, "reason": ""})
        for name in targets:
            columns[name] = columns[name].model_copy(update={"kind": "target", "reason": ""})
        for name in named_columns(problem.not_in_production, frame, "problem.not_in_production"):
            columns[name] = columns[name].model_copy(update={"available": False})
        inputs = problem.inputs or tuple(
            name
            for name, c in columns.items()
            if name not in (*targets, *problem.helpers) and c.available
        )
        named_columns(inputs, frame, "problem.inputs")
        return TableSchema(columns=columns, targets=targets, inputs=inputs)


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Inferred]
