"""Every column is prepared by what it is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pydantic import Field

import mlrecipe
from mlrecipe.preparation.derived import derive, extended, needed, raw_inputs, with_derived
from mlrecipe.preparation.kinds.categorical import Categorical
from mlrecipe.preparation.kinds.numeric import Numeric
from mlrecipe.preparation.select import Select
from mlrecipe.problem import Names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlrecipe.data.table import Table
    from mlrecipe.data.table_schema import Column, TableSchema
    from mlrecipe.errors import Fault
    from mlrecipe.interfaces import Array, TensorKind
    from mlrecipe.preparation.derived import Derived
    from mlrecipe.preparation.kinds.kind import Kind
    from mlrecipe.preparation.operation import Operation
    from mlrecipe.preparation.preparation import Preparation
    from mlrecipe.problem import Problem

Setting = bool | int | float | str | list[str] | list[float] | None


class ByKind(mlrecipe.Preprocessing, name="by_kind"):
    """Prepares each column by its kind, learning from training rows alone (book, 6.2.1)."""

    numeric: Numeric = Field(Numeric(), description="Numbers and truths.")
    categorical: Categorical = Field(Categorical(), description="Categories.")
    derived: dict[str, str] = Field(
        {},
        description="New columns and how they are computed: "
        "rooms_per_household: total_rooms / households.",
    )
    columns: dict[str, dict[str, Setting]] = Field(
        {},
        description="Settings of single columns that differ from those of their kind: "
        "income: {rescale: robust}.",
    )
    drop: Names = Field(
        (), description="Columns left out on purpose; new columns may still be computed of them."
    )
    select: Select = Field(Select(), description="Which features are kept; all, unless asked.")

    def faults(self, problem: Problem, schema: TableSchema | None = None) -> list[Fault]:
        from mlrecipe.preparation.column_faults import ColumnSettings, column_faults

        said = ColumnSettings(self.derived, self.columns, self.drop, self._kinds(), FIELDS)
        return column_faults(said, problem, schema)

    def gives(self, schema: TableSchema) -> frozenset[TensorKind]:
        whole, _ = self._with_derived(schema)
        return frozenset(kind.gives() for _, kind, _ in self._parts(whole))

    def operations(self, schema: TableSchema | None = None) -> dict[str, list[type[Operation]]]:
        if schema is None:
            found = {field: kind.operations() for field, kind in self._kinds().items()}
        else:
            found = {}
            for field, kind, _ in self._parts(self._with_derived(schema)[0]):
                found.setdefault(field, []).extend(kind.operations())
        return {f"preprocessing.{f}": list(dict.fromkeys(used)) for f, used in found.items()}

    def fit(self, rows: Table, schema: TableSchema, y: Array | None = None) -> Preparation:
        from mlrecipe.preparation.selection import select_features
        from mlrecipe.preparation.statistics import chunks_of

        whole, derived = self._with_derived(schema)
        every = self._fitted(rows, whole, derived, y)
        if not self.select.active() or not every.width():
            return every

        def refit(columns: frozenset[str]) -> Preparation:
            others = {
                c for block in every.blocks if block.tensor != "vector" for c in block.columns
            }
            kept = tuple(name for name in whole.inputs if name in columns | others)
            narrow = whole.model_copy(update={"inputs": kept})
            return self._fitted(rows, narrow, needed(derived, set(kept)), y)

        return select_features(every, chunks_of(rows, every.columns, y), self.select, refit)

    def _fitted(
        self, rows: Table, schema: TableSchema, derived: tuple[Derived, ...], y: Array | None
    ) -> Preparation:
        """Learn from the columns of a schema, some of them derived."""
        from mlrecipe.interfaces import TensorSpec
        from mlrecipe.preparation.preparation import VECTOR, Preparation
        from mlrecipe.preparation.statistics import chunks_of, gather

        parts = list(self._parts(schema))
        plan = {str(i): kind.statistic(columns) for i, (_, kind, columns) in enumerate(parts)}
        read = dict.fromkeys((*schema.features(), *raw_inputs(derived)))
        chunks = (
            replace(chunk, frame=extended(chunk.frame, derived))
            for chunk in chunks_of(rows, read, y)
        )
        learnt = gather(chunks, plan)
        fitted = [kind.fit(cols, learnt[str(i)]) for i, (_, kind, cols) in enumerate(parts)]
        blocks = tuple(block for item in fitted for block in item.blocks)
        tensors = tuple(spec for item in fitted for spec in item.tensors)
        width = sum(len(block.names()) for block in blocks if block.tensor == VECTOR)
        if any(block.tensor == VECTOR for block in blocks):
            vector = TensorSpec(name=VECTOR, kind="vector", dtype="float32", shape=(width,))
            tensors = (vector, *tensors)
        return Preparation(blocks=blocks, tensors=tensors, derived=derived)

    def _with_derived(self, schema: TableSchema) -> tuple[TableSchema, tuple[Derived, ...]]:
        """Return the schema with the derived columns, without those that are left out."""
        found = derive(self.derived, schema)
        whole = with_derived(schema, found)
        kept = tuple(name for name in whole.inputs if name not in self.drop)
        return whole.model_copy(update={"inputs": kept}), needed(found, set(kept))

    def _kinds(self) -> dict[str, Kind]:
        """Return the settings of each kind by their field."""
        from mlrecipe.preparation.kinds.kind import Kind

        values = {name: getattr(self, name) for name in type(self).model_fields}
        return {name: value for name, value in values.items() if isinstance(value, Kind)}

    def _parts(self, schema: TableSchema) -> Iterator[tuple[str, Kind, dict[str, Column]]]:
        """Yield field, settings and columns of every kind that occurs, split by type.

        Columns with settings of their own come after the others of their kind.
        """
        kinds = self._kinds()
        order = list(kinds)
        found: dict[tuple[int, str, str], tuple[Kind, dict[str, Column]]] = {}
        for name, column in schema.features().items():
            field = FIELDS[column.kind]
            type_: str = "number" if field == "numeric" else column.type
            own = self.columns.get(name, {})
            kind = kinds[field]
            if own:
                kind = type(kind).model_validate({**kind.model_dump(), **own})
            key = (order.index(field), type_, kind.model_dump_json() if own else "")
            found.setdefault(key, (kind, {}))[1][name] = column
        for key in sorted(found):
            yield (order[key[0]], *found[key])


FIELDS = {"numeric": "numeric", "boolean": "numeric", "categorical": "categorical"}
"""Kind of column -> the field with its settings."""


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [ByKind]
