"""Where raw rows can be prepared, against where the model shall run."""

from __future__ import annotations

from mlrecipe.errors import Fault
from mlrecipe.interfaces import Facts
from mlrecipe.recipe import Recipe
from mlrecipe.registry import Registry

IN_WORDS = {
    "numpy": "Python",
    "graph": "a TensorFlow graph, which a SavedModel needs",
    "javascript": "JavaScript, which devices and browsers prepare rows with",
}


def preparation_runs_on_targets(
    recipe: Recipe, registry: Registry, facts: Facts | None = None
) -> list[Fault]:
    """Return the settings that call for an operation which a target cannot carry out.

    Before the columns are known, every kind of column counts.
    """
    operations = recipe.preprocessing.operations(None if facts is None else facts.schema)
    return [
        Fault(
            key,
            f"the operation {operation.op} does not exist in {IN_WORDS[executor]}, so that "
            f"target={target.name} cannot prepare raw rows",
            expected=operation.instead or "another way to prepare these columns",
            fix=_targets_that_can(operation.executors, registry),
        )
        for key, called in operations.items()
        for operation in dict.fromkeys(called)
        for target in recipe.target
        for executor in sorted(target.prepares_in - operation.executors)
    ]


def _targets_that_can(executors: frozenset[str], registry: Registry) -> str:
    able = sorted(
        name
        for name, kind in registry.components["target"].items()
        if getattr(kind, "prepares_in", frozenset()) <= executors
    )
    if not able:
        return "choose the alternative"
    return f"choose the alternative, or a target that can: target=[{','.join(able)}]"
