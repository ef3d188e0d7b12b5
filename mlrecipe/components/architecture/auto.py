"""Chooses the architecture by what the inputs are (book, 6.2.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mlrecipe

if TYPE_CHECKING:
    import keras

    from mlrecipe.interfaces import Facts, TensorSpec


class Auto(mlrecipe.Architecture, name="auto"):
    """Chooses the architecture by what the inputs are."""

    def resolve(self, facts: Facts) -> tuple[mlrecipe.Choice, ...]:
        columns = len(facts.schema.features())
        if facts.tensors == {"tokens"}:
            return (mlrecipe.Choice("text_convnet", "the inputs are tokens in order"),)
        return (mlrecipe.Choice("dense", f"the inputs are a vector, made of {columns} columns"),)

    def build(self, inputs: keras.KerasTensor, spec: TensorSpec) -> keras.KerasTensor:
        raise NotImplementedError  # the step collect puts the chosen one in its place


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Auto]
