"""Every column is prepared by what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

import mlrecipe
from mlrecipe.preparation.derived import derive, needed, raw_inputs, with_derived
from mlrecipe.preparation.kinds.categorical import Categorical
from mlrecipe.preparation.kinds.dates import Dates
from mlrecipe.preparation.kinds.id import Id
from mlrecipe.preparation.kinds.images import Image
from mlrecipe.preparation.kinds.location import Location
from mlrecipe.preparation.kinds.numeric import Numeric
from mlrecipe.preparation.kinds.signal import Signal
from mlrecipe.preparation.kinds.tags import Tags
from mlrecipe.preparation.kinds.text import Text
from mlrecipe.preparation.select import Select
from mlrecipe.problem import Names

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mlrecipe.data.table import Table
    from mlrecipe.data.table_schema import Column, TableSchema
    from mlrecipe.errors import Fault
    from mlrecipe.interfaces import Array, Facts, TensorKind, Tensors
    from mlrecipe.preparation.derived import Derived
    from mlrecipe.preparation.kinds.kind import Fitted, Kind
    from mlrecipe.preparation.operation import Operation
    from mlrecipe.preparation.preparation import Preparation
    from mlrecipe.problem import Problem

Setting = bool | int | float | str | list[str] | list[float] | None


class ByKind(mlrecipe.Preprocessing, name="by_kind"):
    """Prepares each column by its kind, learning from training rows alone (book, 6.2.1)."""

    numeric: Numeric = Field(Numeric(), description="Numbers and truths.")
    categorical: Categorical = Field(Categorical(), description="Categories.")
    text: Text = Field(Text(), description="Texts of several words.")
    image: Image = Field(Image(), description="Images.")
    id: Id = Field(Id(), description="Ids: many names that repeat, of users, products and so on.")
    datetime: Dates = Field(Dates(), description="Dates and times.")
    location: Location = Field(Location(), description="Latitudes and longitudes.")
    tags: Tags = Field(Tags(), description="Sets of tags.")
    sequence: Signal = Field(Signal(), description="Lists of numbers.")
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

    def resolve(self, facts: Facts) -> tuple[mlrecipe.Choice, ...] | None:
        """Say what texts become, where that was left to their number and length."""
        from mlrecipe.preparation.kinds.text_choices import settled

        if not facts.words or "auto" not in (self.text.encode, self.text.tokens):
            return None
        text, reason = settled(self.text, facts.rows, facts.words)
        whole = self.model_copy(update={"text": text})
        fields = whole.model_dump(mode="json", exclude_defaults=True)
        return (mlrecipe.Choice(self.name, reason, fields),)

    def gives(self, schema: TableSchema) -> frozenset[TensorKind]:
        whole, _ = self._with_derived(schema)
        return frozenset(kind.gives() for _, kind, _ in self._parts(whole))

    def operations(self, schema: TableSchema | None = None) -> dict[str, list[type[Operation]]]:
        if schema is None:
            # What is left at its default runs everywhere, and looking at it would load NumPy.
            defaults = type(self)()
            kinds = self._kinds()
            asked = {name: kind for name, kind in kinds.items() if kind != getattr(defaults, name)}
            found = {field: kind.operations() for field, kind in asked.items()}
        else:
            found = {}
            for field, kind, _ in self._parts(self._with_derived(schema)[0]):
                found.setdefault(field, []).extend(kind.operations())
        return {f"preprocessing.{f}": list(dict.fromkeys(used)) for f, used in found.items()}

    def training_differs(self, schema: TableSchema) -> bool:
        of_its_own = type(self).fit_transform is not ByKind.fit_transform
        return of_its_own or self._learns_from_targets(schema)

    def fit(self, rows: Table, schema: TableSchema, y: Array | None = None) -> Preparation:
        from mlrecipe.preparation.selection import select_features
        from mlrecipe.preparation.statistics import chunks_of

        whole, derived = self._with_derived(schema)
        every = assembled(self._fitted(rows, whole, derived, y), derived)
        if not self.select.active() or not every.width():
            return every

        def refit(columns: frozenset[str]) -> Preparation:
            others = {
                c for block in every.blocks if block.tensor != "vector" for c in block.columns
            }
            narrow, computed = narrowed(whole, derived, columns | others)
            return assembled(self._fitted(rows, narrow, computed, y), computed)

        return select_features(every, chunks_of(rows, every.columns, y), self.select, refit)

    def fit_transform(
        self, rows: Table, schema: TableSchema, y: Array | None = None
    ) -> tuple[Preparation, Tensors]:
        """Return the preparation, and the training rows as a model should see them.

        Where the target is encoded, the rows are put in five parts by a hash of their position,
        and each part is encoded by what the others taught: a row never sees its own target. It is
        the same transformation; the state alone differs.
        """
        if not self._learns_from_targets(schema):
            return super().fit_transform(rows, schema, y)
        from mlrecipe.preparation.out_of_fold import transform_out_of_fold

        whole, derived = self._with_derived(schema)
        selected = self.fit(rows, schema, y) if self.select.active() else None
        if selected is not None:
            read = frozenset(name for block in selected.blocks for name in block.columns)
            whole, derived = narrowed(whole, derived, read)
        fitted = self._fitted(rows, whole, derived, y)
        preparation = selected or assembled(fitted, derived)
        learning = {
            str(i): (kind, columns)
            for i, (_, kind, columns) in enumerate(self._parts(whole))
            if kind.learns_from_targets()
        }
        return preparation, transform_out_of_fold(preparation, rows, y, fitted, learning)

    def _learns_from_targets(self, schema: TableSchema) -> bool:
        whole, _ = self._with_derived(schema)
        return any(kind.learns_from_targets() for _, kind, _ in self._parts(whole))

    def _fitted(
        self, rows: Table, schema: TableSchema, derived: tuple[Derived, ...], y: Array | None
    ) -> dict[str, Fitted]:
        """Return what was made of every part of the columns, by its number."""
        from mlrecipe.preparation.statistics import gather_table

        parts = {
            str(i): (kind, columns) for i, (_, kind, columns) in enumerate(self._parts(schema))
        }
        plan = {key: kind.statistic(columns) for key, (kind, columns) in parts.items()}
        read = dict.fromkeys((*schema.features(), *raw_inputs(derived)))
        learnt = gather_table(rows, read, y, plan, derived)
        return {key: kind.fit(columns, learnt[key]) for key, (kind, columns) in parts.items()}

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
                kind = kind.of_column(own)
            key = (order.index(field), type_, kind.model_dump_json() if own else "")
            found.setdefault(key, (kind, {}))[1][name] = column
        for key in sorted(found):
            yield (order[key[0]], *found[key])


def narrowed(
    schema: TableSchema, derived: tuple[Derived, ...], columns: frozenset[str]
) -> tuple[TableSchema, tuple[Derived, ...]]:
    """Return schema and derived columns without the inputs that are not among some columns."""
    kept = tuple(name for name in schema.inputs if name in columns)
    return schema.model_copy(update={"inputs": kept}), needed(derived, set(kept))


def assembled(fitted: Mapping[str, Fitted], derived: tuple[Derived, ...]) -> Preparation:
    """Return the preparation of all blocks, those of the vector side by side."""
    from mlrecipe.interfaces import TensorSpec
    from mlrecipe.preparation.preparation import VECTOR, Preparation

    blocks = tuple(block for item in fitted.values() for block in item.blocks)
    if not blocks:
        raise mlrecipe.MlrecipeError(
            "no column tells anything that a model could learn from",
            where="preprocessing",
            expected="texts that have words in common, or a column of another kind",
            fix="lower preprocessing.text.min_count, or collect more",
        )
    tensors = tuple(spec for item in fitted.values() for spec in item.tensors)
    width = sum(len(block.names()) for block in blocks if block.tensor == VECTOR)
    if any(block.tensor == VECTOR for block in blocks):
        vector = TensorSpec(name=VECTOR, kind="vector", dtype="float32", shape=(width,))
        tensors = (vector, *tensors)
    return Preparation(blocks=blocks, tensors=tensors, derived=derived)


FIELDS = {
    "numeric": "numeric",
    "boolean": "numeric",
    "categorical": "categorical",
    "text": "text",
    "image": "image",
    "id": "id",
    "datetime": "datetime",
    "location": "location",
    "tags": "tags",
    "sequence": "sequence",
}
"""Kind of column -> the field with its settings."""


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [ByKind]
