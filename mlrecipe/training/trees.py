"""Decision trees as arrays, and the Keras model that walks them.

For any library that grows trees: describe each of its trees as a `Tree`, and `tree_model` gives the
model that answers alike, is saved, converted and served like any other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from mlrecipe.interfaces import ANSWER, Array, TensorSpec

if TYPE_CHECKING:
    import keras

LEAF = -1
"""In the place of a leaf's children."""


@dataclass(frozen=True)
class Tree:
    """One decision tree; its first node is the root.

    Attributes:
        feature: int (nodes,): the feature that a node looks at; a leaf's is not read.
        threshold: float64 (nodes,): a row goes left where its value is at most this.
        left, right: int (nodes,): numbers of the children; `LEAF` for a leaf.
        value: float64 (nodes,): what a leaf adds to the output.
        categories: node -> bool (n,) whether a category goes left, for nodes that tell categories;
            n is the same for all nodes of a feature, and larger than any code.
    """

    feature: Array
    threshold: Array
    left: Array
    right: Array
    value: Array
    categories: Mapping[int, Array] = field(default_factory=dict)


def tree_model(
    trees: Sequence[Sequence[Tree]],
    baseline: Sequence[float],
    specs: Sequence[TensorSpec],
    activation: str,
    name: str,
) -> keras.Model:
    """Return a Keras model of trees: a mapping of tensors to float32 (batch, outputs).

    Args:
        trees: for each output, its trees; their values are summed.
        baseline: what each output starts from.
        specs: the inputs, of kinds vector and codes; features are their columns side by side.
        activation: Keras name of what is applied to the sums: sigmoid, softmax or linear.
        name: of the model.
    """
    import keras

    from mlrecipe.training.tree_layer import TreeEnsemble

    keras.backend.clear_session(free_memory=False)  # layer names count from 1 in every model
    inputs = {s.name: keras.Input(s.shape, dtype=s.dtype, name=s.name) for s in specs}
    sizes, tables = packed(trees, baseline)
    layer = TreeEnsemble(**sizes, name="trees")
    sums = layer([inputs[spec.name] for spec in specs])
    layer.set_weights([tables[weight.name] for weight in layer.weights])
    answer = keras.layers.Activation(activation, name=ANSWER)(sums)
    return keras.Model(inputs, answer, name=name)


def packed(
    trees: Sequence[Sequence[Tree]], baseline: Sequence[float]
) -> tuple[dict[str, Any], dict[str, Array]]:
    """Return the sizes and the tables of a `TreeEnsemble`.

    The trees of a round stand side by side; outputs with fewer rounds get leaves of 0.
    """
    from mlrecipe.training.tree_layer import MOST_TREES_AT_ONCE

    outputs, rounds = len(trees), max(1, *map(len, trees))
    ordered = [
        by_level(one[number] if number < len(one) else nothing())
        for number in range(rounds)
        for one in trees
    ]
    starts = np.cumsum([0, *(len(tree.feature) for tree, _ in ordered)])
    group = max(1, MOST_TREES_AT_ONCE // outputs)
    step = group * outputs
    depths = [
        max(depth for _, depth in ordered[start : start + step])
        for start in range(0, len(ordered), step)
    ]
    tables = {
        "feature": _joined([np.maximum(t.feature, 0) for t, _ in ordered], np.int32),
        "threshold": _joined([rounded_down(t.threshold) for t, _ in ordered], np.float32),
        "left": _joined([t.left + s for (t, _), s in zip(ordered, starts, strict=False)], np.int32),
        "value": _joined([t.value for t, _ in ordered], np.float32),
        "root": starts[:-1].astype(np.int32),
        "baseline": np.asarray(baseline, dtype=np.float32),
    }
    row, right_set = _memberships([tree for tree, _ in ordered], starts)
    if len(right_set):
        tables |= {"row": row, "right_set": right_set}
    sizes = {
        "nodes": int(starts[-1]),
        "depths": depths,
        "group": group,
        "rounds": rounds,
        "outputs": outputs,
        "memberships": len(right_set),
    }
    return sizes, tables


def nothing() -> Tree:
    """Return a tree that adds nothing."""
    zero, leaf = np.zeros(1), np.array([LEAF])
    return Tree(np.zeros(1, np.int64), zero, leaf, leaf, zero)


def by_level(tree: Tree) -> tuple[Tree, int]:
    """Return a tree whose nodes are numbered level by level, and its depth.

    Siblings come one after the other, so that one number tells both; a leaf is its own left child
    and every value is at most its threshold.
    """
    level, order, left = np.zeros(1, dtype=np.int64), [], []
    seen, depth = 1, -1
    while len(level):
        inner = tree.left[level] != LEAF
        own = seen - len(level) + np.arange(len(level))
        children = seen + 2 * (np.cumsum(inner) - 1)
        order.append(level)
        left.append(np.where(inner, children, own))
        level = np.stack([tree.left[level[inner]], tree.right[level[inner]]], axis=1).reshape(-1)
        seen += len(level)
        depth += 1
    places, children = np.concatenate(order), np.concatenate(left)
    leaf = tree.left[places] == LEAF
    new = {int(place): number for number, place in enumerate(places)}
    found = Tree(
        np.where(leaf, 0, tree.feature[places]),
        np.where(leaf, np.inf, tree.threshold[places]),
        children,
        children + 1,
        np.where(leaf, tree.value[places], 0.0),
        {new[node]: left for node, left in tree.categories.items()},
    )
    return found, depth


def rounded_down(thresholds: Array) -> Array:
    """Return the largest float32 that is at most each threshold.

    For every float32 x, x <= threshold says the same of both.
    """
    found = thresholds.astype(np.float32)
    above = found.astype(np.float64) > thresholds
    found[above] = np.nextafter(found[above], np.float32(-np.inf))
    return found


def _memberships(trees: Sequence[Tree], starts: Array) -> tuple[Array, Array]:
    """Return, of nodes that tell categories, where their categories begin; and the table itself.

    The table's first cell belongs to all other nodes and says "right, beyond the threshold".
    """
    row, cells, length = np.zeros(starts[-1], dtype=np.int32), [np.ones(1, np.float32)], 1
    for tree, start in zip(trees, starts, strict=False):
        for node, left in tree.categories.items():
            row[start + node] = length
            cells.append((~left).astype(np.float32))
            length += len(left)
    if length == 1:
        return row, np.zeros(0, np.float32)
    return row, np.concatenate(cells)


def _joined(parts: Sequence[Array], dtype: Any) -> Array:
    return np.concatenate(parts).astype(dtype)
