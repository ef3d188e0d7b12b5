"""The fitted turning of raw rows into numbers: the same list of operations wherever it runs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from mlrecipe.component import Section
from mlrecipe.files import digest, write_text
from mlrecipe.interfaces import Array
from mlrecipe.preparation.operations import Operation, canonical, numbers, strings

if TYPE_CHECKING:
    import pandas as pd
    import tensorflow as tf


class Pipeline(Section):
    """The operations of one column, in order.

    Attributes:
        column: name of the raw column.
        reads: whether the column's values are numbers or strings in a request.
        operations: what is done to them.
    """

    column: str
    reads: Literal["number", "string"]
    operations: tuple[Operation, ...]

    def apply(self, values: Array) -> Array:
        """Map values (rows, 1) to float64 (rows, features)."""
        for operation in self.operations:
            values = operation.apply(values)
        return values

    def names(self) -> list[str]:
        """Return the names of the features."""
        found = [self.column]
        for operation in self.operations:
            found = operation.names(found)
        return found


class Preparation(Section):
    """Turns raw rows into float32 features (rows, features)."""

    version: Literal[1] = 1
    pipelines: tuple[Pipeline, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The raw columns that it reads."""
        return tuple(pipeline.column for pipeline in self.pipelines)

    def feature_names(self) -> list[str]:
        """Return the name of every feature, in order."""
        return [name for pipeline in self.pipelines for name in pipeline.names()]

    def transform(self, frame: pd.DataFrame) -> Array:
        """Map raw rows to float32 features (rows, features).

        A column that is not there counts as missing in every row.
        """
        missing = [None] * len(frame)
        blocks = []
        for pipeline in self.pipelines:
            raw = frame.get(pipeline.column, missing)
            values = numbers(raw) if pipeline.reads == "number" else strings(raw)
            blocks.append(pipeline.apply(values))
        if not blocks:
            return np.zeros((len(frame), 0), dtype=np.float32)
        return np.concatenate(blocks, axis=1).astype(np.float32)

    def transform_records(self, rows: list[Mapping[str, Any]]) -> Array:
        """Map requests to float32 features (rows, features), without building a frame.

        The values must have passed the schema: numbers, strings, booleans or None.
        """
        blocks = []
        for pipeline in self.pipelines:
            raw = [row.get(pipeline.column) for row in rows]
            if pipeline.reads == "number":
                values = np.array([[np.nan if v is None else float(v)] for v in raw])
            else:
                texts = ["" if v is None or v != v else canonical(v) for v in raw]
                values = np.array(texts, dtype=object)[:, None]
            blocks.append(pipeline.apply(values))
        return np.concatenate(blocks, axis=1).astype(np.float32)

    def raw_columns(self, frame: pd.DataFrame) -> dict[str, Array]:
        """Return the columns as the graph takes them: (rows,) float64 with NaN, or strings."""
        found = {}
        for pipeline in self.pipelines:
            read = numbers if pipeline.reads == "number" else strings
            found[pipeline.column] = read(frame[pipeline.column])[:, 0]
        return found

    def records(self, frame: pd.DataFrame) -> list[dict[str, Any]]:
        """Return the rows as a request writes them: missing values as None."""
        columns = frame[list(self.columns)].astype(object)
        rows = columns.where(columns.notna(), None).itertuples(index=False, name=None)
        return [dict(zip(self.columns, row, strict=True)) for row in rows]

    def graph(self, inputs: Mapping[str, tf.Tensor]) -> tf.Tensor:
        """Map a batch of raw columns, each (batch,) float64 or string, to float32 features."""
        import tensorflow as tf

        blocks = []
        for pipeline in self.pipelines:
            values = tf.reshape(inputs[pipeline.column], [-1, 1])
            for operation in pipeline.operations:
                values = operation.graph(values)
            blocks.append(values)
        return tf.cast(tf.concat(blocks, axis=1), tf.float32)

    def save(self, path: Path) -> None:
        """Write the preparation as JSON."""
        write_text(path, self.model_dump_json(indent=1) + "\n")

    @classmethod
    def load(cls, path: Path) -> Preparation:
        """Read what `save` wrote."""
        return cls.model_validate_json(path.read_text(encoding="utf-8"))

    def digest(self) -> str:
        """Return a hash that is equal for equal preparations."""
        return digest(self.model_dump(mode="json"))
