"""The TensorFlow executor: a preparation as a graph that takes raw columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tensorflow as tf

from mlrecipe.expressions import graph
from mlrecipe.preparation.derived import raw_kinds
from mlrecipe.preparation.preparation import VECTOR, Preparation


class GraphPreparation(tf.Module):
    """Maps raw columns, each (batch,) float64 or string, to tensors (batch, …).

    A list of numbers comes as float64 (batch, longest), NaN after the end of each.

    Constants and lookup tables are made when it is built; they are saved with the module.
    """

    def __init__(self, preparation: Preparation) -> None:
        super().__init__(name="preparation")
        self._preparation = preparation
        self.operations = [[op.graph() for op in block.operations] for block in preparation.blocks]

    def signature(self, names: Mapping[str, str]) -> dict[str, tf.TensorSpec]:
        """Return what it takes; ``names`` gives the tensor's name of each column."""
        return {
            column: tf.TensorSpec(
                (None, None) if reads == "numbers" else (None,),
                tf.float64 if reads in ("number", "numbers") else tf.string,
                names[column],
            )
            for column, reads in self._preparation.reads.items()
        }

    def __call__(self, columns: Mapping[str, Any]) -> dict[str, Any]:
        columns = self._with_derived(columns)
        parts: dict[str, list[Any]] = {spec.name: [] for spec in self._preparation.tensors}
        for block, operations in zip(self._preparation.blocks, self.operations, strict=True):
            values = tf.stack([columns[name] for name in block.columns], axis=1)
            for operation in operations:
                values = operation(values)
            parts[block.tensor].append(values)
        found = {name: _joined(values) for name, values in parts.items()}
        if self._preparation.selected is not None:
            found[VECTOR] = tf.gather(found[VECTOR], list(self._preparation.selected), axis=1)
        return {
            spec.name: tf.cast(found[spec.name], spec.dtype) for spec in self._preparation.tensors
        }

    def _with_derived(self, columns: Mapping[str, Any]) -> dict[str, Any]:
        derived = self._preparation.derived
        if not derived:
            return dict(columns)
        rows = tf.shape(next(iter(columns.values())))[0]
        found = {n: graph.column(columns[n], kind) for n, kind in raw_kinds(derived).items()}
        for item in derived:
            found[item.name] = graph.evaluate(item.expression, found, rows, item.letters)
        return {**columns, **{item.name: graph.plain(found[item.name]) for item in derived}}


def _joined(parts: list[Any]) -> Any:
    return parts[0] if len(parts) == 1 else tf.concat(parts, axis=1)
