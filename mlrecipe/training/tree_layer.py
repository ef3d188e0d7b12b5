"""A Keras layer that walks decision trees, with operations alone that every LiteRT runtime has."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

MOST_TREES_AT_ONCE = 512
"""Trees that are walked side by side: a batch of 4096 rows then takes some 8 MB a step."""


@keras.saving.register_keras_serializable(package="mlrecipe")
class TreeEnsemble(keras.layers.Layer):
    """Sums the leaves that each row falls into; see `mlrecipe.training.trees` for what it holds.

    Every row starts at the root of every tree and takes ``depth`` steps: to the left child where
    its value is at most the threshold and, where a node tells categories, where the category is not
    among those that go right; else to the child after it. A leaf is its own left child, and nothing
    lies beyond its threshold. (That trees become tables to gather from is the approach of
    Nakandala et al. 2020, "A tensor compiler for unified machine learning prediction serving".)

    Args:
        nodes: number of nodes of all trees.
        depths: steps for each group of trees; all groups but the last have the same number.
        group: rounds a group, each of ``outputs`` trees.
        rounds: trees of each output.
        outputs: numbers a row.
        memberships: length of the table of categories; 0: no node tells categories.

    Call arguments:
        inputs: tensors (batch, n) of float32 or int32, the features side by side.

    Returns:
        float32 (batch, outputs).
    """

    def __init__(
        self,
        nodes: int,
        depths: list[int],
        group: int,
        rounds: int,
        outputs: int,
        memberships: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.nodes, self.depths, self.group = nodes, list(depths), group
        self.rounds, self.outputs, self.memberships = rounds, outputs, memberships
        self._feature = self._table("feature", nodes, "int32")
        self._threshold = self._table("threshold", nodes, "float32")
        self._left = self._table("left", nodes, "int32")
        self._value = self._table("value", nodes, "float32")
        self._root = self._table("root", rounds * outputs, "int32")
        self._baseline = self._table("baseline", outputs, "float32")
        if memberships:
            self._row = self._table("row", nodes, "int32")
            self._right_set = self._table("right_set", memberships, "float32")

    def _table(self, name: str, size: int, dtype: str) -> Any:
        return self.add_weight(
            shape=(size,), initializer="zeros", dtype=dtype, name=name, trainable=False
        )

    def call(self, inputs: Any) -> Any:
        tensors = inputs if isinstance(inputs, (list, tuple)) else [inputs]
        x = tf.concat([tf.cast(tensor, tf.float32) for tensor in tensors], axis=1)
        total = tf.zeros_like(x[:, :1]) + tf.convert_to_tensor(self._baseline)[tf.newaxis, :]
        outputs = self.outputs
        for number, depth in enumerate(self.depths):
            start = number * self.group
            count = min(self.group, self.rounds - start)
            roots = tf.convert_to_tensor(self._root)[start * outputs : (start + count) * outputs]
            leaves = self._walk(x, roots, depth)
            leaves = tf.reshape(leaves, (-1, count, outputs))
            total += tf.reduce_sum(leaves, axis=1)
        return total

    def _walk(self, x: Any, roots: Any, depth: int) -> Any:
        """Return the values (batch, trees) of the leaves that rows x (batch, features) reach."""
        node = tf.zeros_like(x[:, :1], tf.int32) + roots[tf.newaxis, :]
        for _ in range(depth):
            value = tf.gather(x, tf.gather(self._feature, node), batch_dims=1)
            right = tf.cast(value > tf.gather(self._threshold, node), tf.int32)
            if self.memberships:
                row = tf.gather(self._row, node)
                cell = tf.where(row > 0, row + tf.cast(value, tf.int32), 0)
                right *= tf.cast(tf.gather(self._right_set, cell), tf.int32)
            node = tf.gather(self._left, node) + right
        return tf.gather(self._value, node)

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, int]:
        first = input_shape[0] if isinstance(input_shape, list) else input_shape
        return (first[0], self.outputs)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "nodes": self.nodes,
            "depths": self.depths,
            "group": self.group,
            "rounds": self.rounds,
            "outputs": self.outputs,
            "memberships": self.memberships,
        }
