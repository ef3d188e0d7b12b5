"""Chooses the architecture by what the inputs are (book, 6.2.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mlrecipe

if TYPE_CHECKING:
    from mlrecipe.interfaces import Facts, Objective

BY_TASK = {
    "clustering": ("kmeans", "clusters around centres are the simplest to tell and to serve"),
    "recommendation": ("matrix_factorization", "collaborative filtering needs no deep learning"),
    "segmentation": ("unet", "each pixel gets an answer, from what is around it"),
    "detection": ("detector", "what is where is read from a map of the image"),
    "similarity_ranking": ("metric_learning", "it learns which rows show the same thing"),
}
"""Task -> the architecture made for it, and why; looked at before the inputs."""

BY_KIND = {
    "image": ("convnet", "the inputs are images"),
    "signal": ("signal_convnet", "the inputs are measurements in order"),
    "tokens": ("text_convnet", "the inputs are tokens in order"),
}
"""Kind of tensor -> the architecture for inputs of this kind alone, and why."""


TABULAR = frozenset({"vector", "codes"})
"""Kinds of tensors that a table of numbers and categories becomes."""

BLENDED = frozenset({"binary", "multiclass", "scalar_regression", "vector_regression"})
"""Tasks that several models are blended for."""

MANY_CLASSES = 5
"""From here on boosted trees would take most of the time."""


class Auto(mlrecipe.Architecture, name="auto"):
    """Chooses the architecture by what the inputs are."""

    def resolve(self, facts: Facts) -> tuple[mlrecipe.Choice, ...]:
        task = facts.task
        if task is not None and task.name in BY_TASK:
            return (mlrecipe.Choice(*BY_TASK[task.name]),)
        if facts.tensors <= TABULAR and (task is None or task.name in BLENDED):
            return (_for_table(facts),)
        if len(facts.tensors) > 1:
            kinds = " and ".join(sorted(facts.tensors))
            return (mlrecipe.Choice("mixed", f"the inputs are of several kinds: {kinds}"),)
        kind = next(iter(facts.tensors), "vector")
        if kind in BY_KIND:
            return (mlrecipe.Choice(*BY_KIND[kind]),)
        columns = len(facts.schema.features())
        return (mlrecipe.Choice("dense", f"the inputs are a vector, made of {columns} columns"),)


def _for_table(facts: Facts) -> mlrecipe.Choice:
    """Choose a linear model for words alone, else the members of a blend.

    Trees make little of thousands of words, of which a row has a few, and take minutes to find that
    out; of many classes, each round of them costs a tree a class.
    """
    columns = facts.schema.features()
    texts = [name for name, column in columns.items() if column.kind == "text"]
    if texts and len(texts) == len(columns):
        reason = "texts became counts of words, which a weighted sum tells as much as any"
        return mlrecipe.Choice("penalized_linear", reason)
    size = f"a table of about {facts.rows} rows and {len(columns)} columns"
    classes = 0
    if facts.task is not None and facts.task.classification:
        classes = max(map(len, facts.target_values.values()))
    if facts.objective is not None and not _solvable(facts.objective):
        reason = f"{size}; objective={facts.objective.name}, which a network alone can follow"
        return mlrecipe.Choice("tabular", reason)
    if texts:
        left_out = f"with words of {texts[0]}, of which trees make little"
    elif classes > MANY_CLASSES:
        left_out = f"{classes} classes, each of which would need trees of its own"
    else:
        return mlrecipe.Choice(
            "blend",
            f"{size}: a linear model, boosted trees and a network err in different ways, and "
            "validation rows weigh them",
        )
    members: dict[str, dict[str, object]] = {"penalized_linear": {}, "tabular": {}}
    reason = f"{size}, {left_out}: a linear model and a network, weighed by validation rows"
    return mlrecipe.Choice("blend", reason, {"members": members})


def _solvable(objective: Objective) -> bool:
    """Return whether a linear model and trees can be fitted for an objective, as it is set."""
    from mlrecipe.components.architecture.penalized_linear import PenalizedLinear

    smoothed = getattr(objective, "label_smoothing", 0.0)
    return objective.name in PenalizedLinear.objectives and not smoothed


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Auto]
