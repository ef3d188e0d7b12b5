"""Chooses the architecture by what the inputs are (book, 6.2.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mlrecipe

if TYPE_CHECKING:
    from mlrecipe.interfaces import Facts

BY_KIND = {
    "image": ("convnet", "the inputs are images"),
    "tokens": ("text_convnet", "the inputs are tokens in order"),
}
"""Kind of tensor -> the architecture for inputs of this kind alone, and why."""


TABULAR = frozenset({"vector", "codes"})
"""Kinds of tensors that a table of numbers and categories becomes."""

BLENDED = frozenset({"binary", "multiclass", "scalar_regression", "vector_regression"})
"""Tasks that several models are blended for."""


class Auto(mlrecipe.Architecture, name="auto"):
    """Chooses the architecture by what the inputs are."""

    def resolve(self, facts: Facts) -> tuple[mlrecipe.Choice, ...]:
        if facts.tensors <= TABULAR and (facts.task is None or facts.task.name in BLENDED):
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
    """Choose the members of a blend.

    Measured on sets of 140 to 50,000 rows: none of the members was best everywhere, and the blend
    was the best or within one percent of it. Trees cannot make anything of thousands of words, of
    which a row has a few, and take minutes to find that out.
    """
    columns = facts.schema.features()
    size = f"a table of about {facts.rows} rows and {len(columns)} columns"
    texts = [name for name, column in columns.items() if column.kind == "text"]
    if texts and "vector" in facts.tensors:
        reason = f"{size}, with words of {texts[0]}: a linear model and a network, weighed by "
        members: dict[str, dict[str, object]] = {"penalized_linear": {}, "dense": {}}
        return mlrecipe.Choice("blend", f"{reason}validation rows", {"members": members})
    return mlrecipe.Choice(
        "blend",
        f"{size}: a linear model, boosted trees and a network err in different ways, and "
        "validation rows weigh them",
    )


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Auto]
