"""What boosting asks of rows and targets, whichever library grows the trees."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from mlrecipe.errors import MlrecipeError
from mlrecipe.interfaces import Array, Assignment, Fitted, Samples
from mlrecipe.training.fitting import NEVER, to_unit_scale
from mlrecipe.training.tabular_rows import category_counts, matrix
from mlrecipe.training.trees import Tree, tree_model

Loss = Literal["log_loss", "squared_error", "absolute_error"]

LOSSES: dict[str, Loss] = {
    "sigmoid_binary_crossentropy": "log_loss",
    "softmax_categorical_crossentropy": "log_loss",
    "linear_mean_squared_error": "squared_error",
    "linear_mean_absolute_error": "absolute_error",
}
"""Objective -> the loss that trees minimize for it."""

ROUNDS = "rounds"
"""What validation finds: how many rounds to grow; of several outputs, each its own."""


@dataclass(frozen=True)
class Rows:
    """Rows of numbers, as trees read them.

    Attributes:
        x: float32 (rows, features); categories as codes from 0 on.
        y: class indices or numbers (rows,).
        weights: how much each row counts (rows,).
    """

    x: Array
    y: Array
    weights: Array


@dataclass(frozen=True)
class Order:
    """What trees are to be grown for.

    Attributes:
        loss: what is minimized.
        sizes: for each feature, its number of categories; None: it holds numbers.
        rounds: how many rounds; with validation rows, at most.
        seed: makes the growth repeatable.
    """

    loss: Loss
    sizes: tuple[int | None, ...]
    rounds: int
    seed: int


@dataclass(frozen=True)
class Grown:
    """Trees and how they came about.

    Attributes:
        trees: for each output, its trees up to the best round. Two classes have one output, the
            log odds of the second; more have one each.
        baseline: what each output starts from (outputs,).
        classes: the class indices that occurred, in order; empty for numbers.
        loss, val_loss: the loss after each round; empty where it is not known.
        rounds: the best round, from 1 on.
    """

    trees: list[list[Tree]]
    baseline: list[float]
    classes: list[int]
    loss: list[float]
    val_loss: list[float]
    rounds: int


Grow = Callable[[Rows, Rows | None, Order], Grown]
"""Grows trees; with validation rows, until they gain no more."""


def boost(
    grow: Grow,
    rounds: int,
    rows: Samples,
    validation: Samples | None,
    assignment: Assignment,
    found: Mapping[str, float],
    name: str,
) -> Fitted:
    """Fit an `Estimator` by trees that ``grow`` grows; see `mlrecipe.Estimator.fit`.

    Args:
        grow: grows trees for class indices, or for one number scaled to mean 0 and deviation 1.
        rounds: most rounds.
        name: of the model.
    """
    loss = loss_of(assignment)
    sizes = category_counts(assignment.specs)
    order = Order(loss, sizes, rounds, assignment.seed)
    training = _targets(rows, assignment, loss)
    held_out = None if validation is None else _targets(validation, assignment, loss)
    keys = [ROUNDS] if len(training) == 1 else [f"{ROUNDS}_{i}" for i in range(len(training))]
    results = []
    for number, key in enumerate(keys):
        part = replace(order, rounds=max(1, round(found.get(key, rounds))))
        results.append(grow(training[number], None if held_out is None else held_out[number], part))
    trees, baseline = _in_outputs(results, rows.y.shape[1], assignment, loss)
    fitted = Fitted(
        tree_model(trees, baseline, assignment.specs, assignment.objective.activation, name),
        {key: float(result.rounds) for key, result in zip(keys, results, strict=True)},
        _mean([result.loss for result in results]),
        _mean([result.val_loss for result in results]),
        max(result.rounds for result in results),
    )
    _tell(assignment, rounds, fitted)
    return fitted


def loss_of(assignment: Assignment) -> Loss:
    """Return the loss that stands for the objective.

    Raises:
        MlrecipeError: when trees cannot minimize it.
    """
    objective = assignment.objective
    if objective.name not in LOSSES:
        raise MlrecipeError(
            f"boosted trees cannot minimize objective={objective.name}",
            where="objective",
            expected=f"one of {', '.join(LOSSES)}",
            fix="leave objective=auto, or choose a network: architecture=dense",
        )
    if getattr(objective, "label_smoothing", 0.0):
        raise MlrecipeError(
            "boosted trees know no label smoothing",
            where="objective.label_smoothing",
            fix="leave it out, or choose a network: architecture=dense",
        )
    return LOSSES[objective.name]


def _targets(rows: Samples, assignment: Assignment, loss: Loss) -> list[Rows]:
    """Return the rows for each set of trees: one for classes, one a number."""
    x = matrix(rows.x, assignment.specs)
    classes, labels = loss == "log_loss", assignment.codec.labels
    own = assignment.training.row_weights(rows.y, labels) if classes else None
    weights = (rows.weights if own is None else rows.weights * own).astype(np.float64)
    if loss == "log_loss":
        index = rows.y[:, 0] if rows.y.shape[1] == 1 else rows.y.argmax(axis=1)
        return [Rows(x, index.astype(np.int64), weights)]
    y = to_unit_scale(rows.y, assignment.codec).astype(np.float64)
    return [Rows(x, y[:, output], weights) for output in range(y.shape[1])]


def _in_outputs(
    results: list[Grown], outputs: int, assignment: Assignment, loss: Loss
) -> tuple[list[list[Tree]], list[float]]:
    """Return trees and baseline of every output, in the target's own unit."""
    if loss != "log_loss":
        scale = assignment.codec.scale or (1.0,) * outputs
        shift = assignment.codec.shift or (0.0,) * outputs
        trees = [
            [replace(tree, value=tree.value * s) for tree in result.trees[0]]
            for result, s in zip(results, scale, strict=True)
        ]
        baseline = [r.baseline[0] * s + t for r, s, t in zip(results, scale, shift, strict=True)]
        return trees, baseline
    result = results[0]
    if outputs == 1:
        return result.trees, result.baseline
    trees, baseline = [[] for _ in range(outputs)], [NEVER] * outputs
    two = len(result.trees) == 1  # the log odds of the second class against the first
    for number, index in enumerate(result.classes):
        baseline[index] = 0.0
        if not two or number == 1:
            trees[index] = result.trees[0 if two else number]
            baseline[index] = result.baseline[0 if two else number]
    return trees, baseline


def _mean(curves: list[list[float]]) -> list[float]:
    """Return the mean of several learning curves; a shorter one stays at its last value."""
    if not all(curves):
        return []
    longest = max(map(len, curves))
    padded = [curve + [curve[-1]] * (longest - len(curve)) for curve in curves]
    return [float(value) for value in np.mean(padded, axis=0)]


def _tell(assignment: Assignment, rounds: int, fitted: Fitted) -> None:
    if assignment.listener is None:
        return
    losses = {}
    if fitted.loss:
        losses["loss"] = fitted.loss[fitted.best - 1]
    if fitted.val_loss:
        losses["val_loss"] = fitted.val_loss[fitted.best - 1]
    assignment.listener(fitted.best, max(rounds, fitted.best), losses)
