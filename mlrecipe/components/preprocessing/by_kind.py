"""Every column is prepared by what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

import mlrecipe
from mlrecipe.preparation.kinds.categorical import Categorical
from mlrecipe.preparation.kinds.images import Image
from mlrecipe.preparation.kinds.numeric import Numeric
from mlrecipe.preparation.kinds.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlrecipe.data.table import Table
    from mlrecipe.data.table_schema import Column, TableSchema
    from mlrecipe.interfaces import Array, TensorKind
    from mlrecipe.preparation.kinds.kind import Kind
    from mlrecipe.preparation.operation import Operation
    from mlrecipe.preparation.preparation import Preparation


class ByKind(mlrecipe.Preprocessing, name="by_kind"):
    """Prepares each column by its kind, learning from training rows alone (book, 6.2.1)."""

    numeric: Numeric = Field(Numeric(), description="Numbers and truths.")
    categorical: Categorical = Field(Categorical(), description="Categories.")
    text: Text = Field(Text(), description="Texts of several words.")
    image: Image = Field(Image(), description="Images.")

    def gives(self, schema: TableSchema) -> frozenset[TensorKind]:
        return frozenset(kind.gives() for _, kind, _ in self._parts(schema))

    def operations(self, schema: TableSchema | None = None) -> dict[str, list[type[Operation]]]:
        if schema is None:
            # What is left at its default runs everywhere, and looking at it would load NumPy.
            kinds = {name: getattr(self, name) for name in self.model_fields_set}
            defaults = type(self)()
            kinds = {name: kind for name, kind in kinds.items() if kind != getattr(defaults, name)}
        else:
            kinds = {field: kind for field, kind, _ in self._parts(schema)}
        return {f"preprocessing.{field}": kind.operations() for field, kind in kinds.items()}

    def fit(self, rows: Table, schema: TableSchema, y: Array | None = None) -> Preparation:
        from mlrecipe.interfaces import TensorSpec
        from mlrecipe.preparation.preparation import VECTOR, Preparation
        from mlrecipe.preparation.statistics import gather_table

        parts = list(self._parts(schema))
        plan = {str(i): kind.statistic(columns) for i, (_, kind, columns) in enumerate(parts)}
        learnt = gather_table(rows, schema.features(), y, plan)
        fitted = [kind.fit(cols, learnt[str(i)]) for i, (_, kind, cols) in enumerate(parts)]
        blocks = tuple(block for item in fitted for block in item.blocks)
        tensors = tuple(spec for item in fitted for spec in item.tensors)
        width = sum(len(block.names()) for block in blocks if block.tensor == VECTOR)
        if any(block.tensor == VECTOR for block in blocks):
            vector = TensorSpec(name=VECTOR, kind="vector", dtype="float32", shape=(width,))
            tensors = (vector, *tensors)
        return Preparation(blocks=blocks, tensors=tensors)

    def _parts(self, schema: TableSchema) -> Iterator[tuple[str, Kind, dict[str, Column]]]:
        """Yield field, settings and columns of every kind that occurs, split by type."""
        found: dict[tuple[str, str], dict[str, Column]] = {}
        for name, column in schema.features().items():
            field = FIELDS[column.kind]
            type_: str = "number" if field == "numeric" else column.type
            found.setdefault((field, type_), {})[name] = column
        order = list(type(self).model_fields)
        for field, type_ in sorted(found, key=lambda key: (order.index(key[0]), key[1])):
            yield field, getattr(self, field), found[field, type_]


FIELDS = {
    "numeric": "numeric",
    "boolean": "numeric",
    "categorical": "categorical",
    "text": "text",
    "image": "image",
}
"""Kind of column -> the field with its settings."""


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [ByKind]
