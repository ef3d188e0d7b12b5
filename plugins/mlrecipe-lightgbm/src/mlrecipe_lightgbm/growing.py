"""Grows trees by LightGBM, and reads what ``Booster.dump_model`` says of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import lightgbm
import numpy as np

from mlrecipe.interfaces import Array
from mlrecipe.training.boosting import Grown, Order, Rows
from mlrecipe.training.trees import LEAF, Tree

OBJECTIVES = {"squared_error": "regression", "absolute_error": "regression_l1"}
"""What mlrecipe calls a loss -> what LightGBM does, for numbers."""

WORTH_THREADS = 1_000_000
"""Cells of the training rows below which threads would wait for each other."""


def grow(
    rows: Rows, validation: Rows | None, order: Order, patience: int, settings: Mapping[str, Any]
) -> Grown:
    """Grow trees round by round; with validation rows, until ``patience`` rounds gained nothing.

    Args:
        settings: LightGBM's parameters: learning_rate, num_leaves …
    """
    classes = np.unique(rows.y) if order.loss == "log_loss" else np.zeros(0)
    parameters = {
        **settings,
        **_objective(order, len(classes)),
        "seed": order.seed,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": 1 if rows.x.size < WORTH_THREADS else 0,
        "verbosity": -1,
    }
    training = _dataset(rows, order, classes)
    record: dict[str, dict[str, list[float]]] = {}
    held_out: dict[str, Any] = {}
    if validation is not None:
        known = np.isin(validation.y, classes) if len(classes) else np.ones(len(validation.y), bool)
        part = Rows(validation.x[known], validation.y[known], validation.weights[known])
        held_out = {
            "valid_sets": [training, _dataset(part, order, classes, training)],
            "valid_names": ["loss", "val_loss"],
            "callbacks": [
                lightgbm.record_evaluation(record),
                lightgbm.early_stopping(patience, first_metric_only=True, verbose=False),
            ],
        }
    booster = lightgbm.train(parameters, training, order.rounds, **held_out)
    loss, val_loss = _curve(record, "loss"), _curve(record, "val_loss")
    best = int(np.argmin(val_loss)) + 1 if val_loss else booster.num_trees()
    trees = trees_of(booster, order.sizes)
    best = min(best, len(trees[0])) or 1
    return Grown(
        [one[:best] for one in trees],
        [0.0] * len(trees),  # LightGBM adds what it starts from to the first trees
        [int(label) for label in classes],
        loss,
        val_loss,
        best,
    )


def trees_of(booster: lightgbm.Booster, sizes: tuple[int | None, ...]) -> list[list[Tree]]:
    """Return the trees of a booster for each output."""
    outputs = booster.num_model_per_iteration()
    dumped = booster.dump_model()["tree_info"]
    trees = [_tree(tree["tree_structure"], sizes) for tree in dumped]
    return [trees[output::outputs] for output in range(outputs)]


def _objective(order: Order, classes: int) -> dict[str, Any]:
    if order.loss != "log_loss":
        return {"objective": OBJECTIVES[order.loss]}
    if classes <= 2:
        return {"objective": "binary"}
    return {"objective": "multiclass", "num_class": classes}


def _dataset(
    rows: Rows, order: Order, classes: Array, reference: lightgbm.Dataset | None = None
) -> lightgbm.Dataset:
    return lightgbm.Dataset(
        rows.x,
        np.searchsorted(classes, rows.y) if len(classes) else rows.y,
        weight=rows.weights,
        reference=reference,
        categorical_feature=[i for i, size in enumerate(order.sizes) if size is not None],
    )


def _curve(record: Mapping[str, Mapping[str, list[float]]], name: str) -> list[float]:
    """Return the first metric of a set of rows, round by round."""
    return list(next(iter(record[name].values()))) if name in record else []


def _tree(root: Mapping[str, Any], sizes: tuple[int | None, ...]) -> Tree:
    """Return a tree that LightGBM describes as nodes within nodes."""
    nodes, feature, threshold, left, right, value = [root], [], [], [], [], []
    categories: dict[int, Array] = {}
    for number, node in enumerate(nodes):  # the list grows while it is walked
        inner = "left_child" in node
        feature.append(node["split_feature"] if inner else 0)
        value.append(0.0 if inner else node["leaf_value"])
        left.append(len(nodes) if inner else LEAF)
        right.append(len(nodes) + 1 if inner else LEAF)
        told = inner and node["decision_type"] == "=="
        threshold.append(float(node["threshold"]) if inner and not told else -np.inf)
        if inner:
            nodes += [node["left_child"], node["right_child"]]
        if told:
            goes_left = np.zeros(sizes[node["split_feature"]] or 0, dtype=bool)
            goes_left[[int(code) for code in node["threshold"].split("||")]] = True
            categories[number] = goes_left
    return Tree(
        np.array(feature),
        np.array(threshold, dtype=np.float64),
        np.array(left),
        np.array(right),
        np.array(value, dtype=np.float64),
        categories,
    )
