"""Chooses the architecture by what the inputs are (book, 6.2.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mlrecipe

if TYPE_CHECKING:
    from mlrecipe.interfaces import Facts

BY_TASK = {
    "clustering": ("kmeans", "clusters around centres are the simplest to tell and to serve"),
    "recommendation": ("matrix_factorization", "collaborative filtering needs no deep learning"),
}
"""Name of a task -> the architecture that is made for it, and why; looked at first."""

BY_KIND = {
    "image": ("convnet", "the inputs are images"),
    "tokens": ("text_convnet", "the inputs are tokens in order"),
}
"""Kind of tensor -> the architecture for inputs of this kind alone, and why."""


class Auto(mlrecipe.Architecture, name="auto"):
    """Chooses the architecture by what the inputs are."""

    def resolve(self, facts: Facts) -> tuple[mlrecipe.Choice, ...]:
        if facts.task is not None and facts.task.name in BY_TASK:
            return (mlrecipe.Choice(*BY_TASK[facts.task.name]),)
        if len(facts.tensors) > 1:
            kinds = " and ".join(sorted(facts.tensors))
            return (mlrecipe.Choice("mixed", f"the inputs are of several kinds: {kinds}"),)
        kind = next(iter(facts.tensors), "vector")
        if kind in BY_KIND:
            return (mlrecipe.Choice(*BY_KIND[kind]),)
        columns = len(facts.schema.features())
        return (mlrecipe.Choice("dense", f"the inputs are a vector, made of {columns} columns"),)


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Auto]
