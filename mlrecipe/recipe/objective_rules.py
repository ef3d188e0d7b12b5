"""Which last layers and losses can train which tasks, and why the others cannot (book, 6.2.3)."""

from __future__ import annotations

from mlrecipe.errors import Fault
from mlrecipe.recipe import Recipe
from mlrecipe.registry import Registry

NUMBERS = frozenset({"scalar_regression", "vector_regression"})

REASONS = {
    ("sigmoid", "binary"): "it is made for rates; the same loss for two classes is "
    "sigmoid_binary_crossentropy",
    ("sigmoid", "multiclass"): "just one class is right, and a sigmoid for each would give "
    "probabilities that need not sum to one",
    ("sigmoid", "multilabel"): "it is made for one rate, not for labels that are there or not",
    ("softmax", "binary"): "a binary task has one output, and softmax of a single number is "
    "always 1",
    ("softmax", "multilabel"): "several labels can be right at once, and softmax lets a label only "
    "gain what another loses",
    ("linear", "classes"): "without an activation an answer can be below 0 or above 1, which is no "
    "probability, and a distance between classes has no meaning",
    ("exponential", "classes"): "an exponential answers with amounts of any size, which are no "
    "probabilities",
    ("sigmoid", "numbers"): "its targets are classes, 0 or 1; for numbers that all lie in 0 to 1 "
    "there are sigmoid_rate_crossentropy and sigmoid_mean_squared_error",
    ("softmax", "numbers"): "softmax answers with shares that sum to one, and a single number "
    "would always be 1",
}
"""Activation, and task or side of tasks -> why the two do not go together, as a clause."""


def objective_suits_task(recipe: Recipe, registry: Registry) -> list[Fault]:
    """See that the last layer can give the answers of the task, and the loss can judge them."""
    task, objective = recipe.task, recipe.objective
    if "auto" in (task.name, objective.name) or task.name in objective.tasks:
        return []
    return [
        Fault(
            "objective",
            f"{objective.name} cannot train a {task.name} task: {_reason(recipe)}",
            expected=f"one of {', '.join(_fitting(task.name, registry))} for task={task.name}",
            received=objective.name,
            fix=f"objective={task.objectives[0]}, or leave objective=auto",
        )
    ]


def _reason(recipe: Recipe) -> str:
    """Return why the objective cannot train the task; of a plugin's, what it is made for."""
    activation, name = recipe.objective.activation, recipe.task.name
    sides = [name]
    if recipe.task.classification or name == "multilabel":
        sides.append("classes")
    elif name in NUMBERS:
        sides.append("numbers")
    for side in sides:
        if (activation, side) in REASONS:
            return REASONS[activation, side]
    made_for = ", ".join(sorted(recipe.objective.tasks))
    return f"it is made for {made_for}"


def _fitting(task: str, registry: Registry) -> list[str]:
    """Return the objectives that can train a task."""
    options = registry.components["objective"].items()
    return sorted(name for name, kind in options if task in getattr(kind, "tasks", ()))


def class_weights_suit_task(recipe: Recipe, registry: Registry) -> list[Fault]:
    """See that weights by class are asked for where a row has one class, and in one way."""
    training, task = recipe.training, recipe.task
    balanced = getattr(training, "class_weight", "none") != "none"
    given = getattr(training, "class_weights", {})
    if balanced and given:
        return [
            Fault(
                "training.class_weights",
                "training.class_weight=balanced already weighs every class",
                expected="one of the two",
                fix="leave training.class_weight=none, or take class_weights out",
            )
        ]
    if not (balanced or given) or task.name in ("auto", "binary", "multiclass"):
        return []
    why = "a row may have several labels" if task.name == "multilabel" else "it has no classes"
    return [
        Fault(
            "training.class_weights" if given else "training.class_weight",
            f"rows of a {task.name} task cannot be weighed by class: {why}",
            fix="take it out; problem.weight names a column with a weight for every row",
        )
    ]


OBJECTIVE_RULES = (objective_suits_task, class_weights_suit_task)
