"""Takes the columns from the recipe, and holds the rows against them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

import mlrecipe
from mlrecipe.data.declaration import DeclaredColumn

if TYPE_CHECKING:
    import pandas as pd

    from mlrecipe.data.table_schema import TableSchema
    from mlrecipe.problem import Problem


class Declared(mlrecipe.Schema, name="declared"):
    """Takes the columns as the recipe declares them; rows that break a rule are refused."""

    columns: dict[str, DeclaredColumn] = Field(
        description="Every column that matters, inputs and targets: column -> kind and limits."
    )

    def table(self, frame: pd.DataFrame, problem: Problem) -> TableSchema:
        from mlrecipe.data.declaration import declared_schema

        return declared_schema(self.columns, frame, problem, "schema.columns")


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Declared]
