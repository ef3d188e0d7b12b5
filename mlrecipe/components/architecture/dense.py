"""A stack of densely connected layers, for inputs that are vectors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field

import mlrecipe
from mlrecipe.component import Search
from mlrecipe.components.architecture.growing import grown

if TYPE_CHECKING:
    import keras

    from mlrecipe.interfaces import TensorSpec

SIZES = ((1, 16), (2, 64), (3, 256), (3, 1024), (4, 2048))
"""Layers and units of the capacity ladder: add layers, and make them bigger (book, 6.2.4)."""


class Dense(mlrecipe.Network, name="dense"):
    """Densely connected layers with dropout; the prior for vectors (book, 6.2.3)."""

    layers: Annotated[int | None, Search(1, 3)] = Field(
        None, ge=1, description="Number of hidden layers; null: the capacity ladder finds it."
    )
    units: Annotated[int | None, Search(8, 256, log=True)] = Field(
        None, ge=1, description="Units of each hidden layer; null: the capacity ladder finds it."
    )
    activation: Literal["relu", "gelu", "silu", "tanh"] = Field(
        "relu", description="Activation of the hidden layers."
    )
    dropout: Annotated[float, Search(0.0, 0.6)] = Field(
        0.0, ge=0, lt=1, description="Share of each hidden layer's outputs dropped in training."
    )
    l2: Annotated[float, Search(1e-6, 1e-2, log=True)] = Field(
        0.0, ge=0, description="Weight of the squared weights in the loss."
    )

    def build(self, inputs: keras.KerasTensor, spec: TensorSpec) -> keras.KerasTensor:
        import keras

        size = next(self.sizes())
        tensor = inputs
        for _ in range(size.layers or 0):
            tensor = keras.layers.Dense(
                size.units,
                activation=self.activation,
                kernel_regularizer=keras.regularizers.L2(self.l2) if self.l2 else None,
            )(tensor)
            if self.dropout:
                tensor = keras.layers.Dropout(self.dropout)(tensor)
        return tensor

    def sizes(self) -> Iterator[Self]:
        return grown(self, ("layers", "units"), SIZES)


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Dense]
