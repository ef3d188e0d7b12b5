"""Every column is prepared by what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

import mlrecipe
from mlrecipe.preparation.kinds.categorical import Categorical
from mlrecipe.preparation.kinds.dates import Dates
from mlrecipe.preparation.kinds.id import Id
from mlrecipe.preparation.kinds.images import Image
from mlrecipe.preparation.kinds.location import Location
from mlrecipe.preparation.kinds.numeric import Numeric
from mlrecipe.preparation.kinds.signal import Signal
from mlrecipe.preparation.kinds.tags import Tags
from mlrecipe.preparation.kinds.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlrecipe.data.table import Table
    from mlrecipe.data.table_schema import Column, TableSchema
    from mlrecipe.interfaces import Array, TensorKind, Tensors
    from mlrecipe.preparation.kinds.kind import Fitted, Kind
    from mlrecipe.preparation.operation import Operation
    from mlrecipe.preparation.preparation import Preparation


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

    def training_differs(self, schema: TableSchema) -> bool:
        of_its_own = type(self).fit_transform is not ByKind.fit_transform
        return of_its_own or any(kind.learns_from_targets() for _, kind, _ in self._parts(schema))

    def fit(self, rows: Table, schema: TableSchema, y: Array | None = None) -> Preparation:
        return _assembled(list(self._fitted(rows, schema, y).values()))

    def fit_transform(
        self, rows: Table, schema: TableSchema, y: Array | None = None
    ) -> tuple[Preparation, Tensors]:
        """Return the preparation, and the training rows as a model should see them.

        Where the target is encoded, the rows are put in five parts by a hash of their position,
        and each part is encoded by what the others taught: a row never sees its own target. It is
        the same transformation; the state alone differs.
        """
        learning = {
            str(i): (kind, columns)
            for i, (_, kind, columns) in enumerate(self._parts(schema))
            if kind.learns_from_targets()
        }
        if not learning:
            return super().fit_transform(rows, schema, y)
        import numpy as np

        from mlrecipe.preparation.statistics import chunks_of
        from mlrecipe.preparation.target_statistic import inner_folds, learn_without

        fitted = self._fitted(rows, schema, y)
        preparation = _assembled(list(fitted.values()))
        plan = {key: kind.statistic(columns) for key, (kind, columns) in learning.items()}
        names = [name for _, columns in learning.values() for name in columns]
        folds = inner_folds(rows.rows)
        frame = rows.columns([name for name in preparation.columns if name in rows.names])
        x = {
            spec.name: np.zeros((rows.rows, *spec.shape), spec.dtype)
            for spec in preparation.tensors
        }
        for part, learnt in enumerate(learn_without(chunks_of(rows, names, y), plan, folds)):
            others = {key: kind.fit(cols, learnt[key]) for key, (kind, cols) in learning.items()}
            blind = _assembled(list((fitted | others).values()))
            mine = folds == part
            for name, values in blind.transform(frame[mine]).items():
                x[name][mine] = values
        return preparation, x

    def _fitted(self, rows: Table, schema: TableSchema, y: Array | None) -> dict[str, Fitted]:
        """Return what was made of every part, by its number."""
        from mlrecipe.preparation.statistics import gather_table

        parts = {
            str(i): (kind, columns) for i, (_, kind, columns) in enumerate(self._parts(schema))
        }
        plan = {key: kind.statistic(columns) for key, (kind, columns) in parts.items()}
        learnt = gather_table(rows, schema.features(), y, plan)
        return {key: kind.fit(columns, learnt[key]) for key, (kind, columns) in parts.items()}

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


def _assembled(fitted: list[Fitted]) -> Preparation:
    """Return the preparation of all blocks, those of the vector side by side."""
    from mlrecipe.interfaces import TensorSpec
    from mlrecipe.preparation.preparation import VECTOR, Preparation

    blocks = tuple(block for item in fitted for block in item.blocks)
    tensors = tuple(spec for item in fitted for spec in item.tensors)
    width = sum(len(block.names()) for block in blocks if block.tensor == VECTOR)
    if any(block.tensor == VECTOR for block in blocks):
        vector = TensorSpec(name=VECTOR, kind="vector", dtype="float32", shape=(width,))
        tensors = (vector, *tensors)
    return Preparation(blocks=blocks, tensors=tensors)


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
