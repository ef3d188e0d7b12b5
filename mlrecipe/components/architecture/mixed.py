"""One network for inputs of different kinds, side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import Field

import mlrecipe
from mlrecipe.component import Search
from mlrecipe.components.architecture.growing import grown
from mlrecipe.components.architecture.parts import Augment

if TYPE_CHECKING:
    import keras

    from mlrecipe.interfaces import TensorSpec

SIZES = ((1, 16), (2, 64), (2, 256), (3, 512))
"""Layers and units of the capacity ladder."""


class Mixed(mlrecipe.Network, name="mixed", accepts=frozenset({"mixed"})):
    """A trunk an input by its kind, put together and read by dense layers (book, 7.2.2).

    Vectors go through a dense layer, images through convolutions, tokens and codes through
    embeddings, signals through convolutions in time.
    """

    layers: Annotated[int | None, Search(1, 3)] = Field(
        None,
        ge=1,
        description="Dense layers after all is put together, and blocks of the convolutions; "
        "null: the capacity ladder finds it.",
    )
    units: Annotated[int | None, Search(16, 256, log=True)] = Field(
        None,
        ge=8,
        description="Units of each dense layer; trunks get a share of it. null: the capacity "
        "ladder finds it.",
    )
    augment: Annotated[Augment, Search(choices=("none", "light"))] = Field(
        "none", description="Vary training images, as in architecture=convnet."
    )
    dropout: Annotated[float, Search(0.0, 0.6)] = Field(
        0.0, ge=0, lt=1, description="Share of each dense layer's outputs dropped in training."
    )

    def build(self, inputs: keras.KerasTensor, spec: TensorSpec) -> keras.KerasTensor:
        return self.merge({spec.name: inputs}, {spec.name: spec})

    def merge(
        self, inputs: Mapping[str, keras.KerasTensor], specs: Mapping[str, TensorSpec]
    ) -> keras.KerasTensor:
        import keras

        from mlrecipe.components.architecture.parts import side_by_side

        size = next(self.sizes())
        trunks = [size.trunk(inputs[name], spec) for name, spec in specs.items()]
        tensor = side_by_side(trunks)
        for _ in range(size.layers or 1):
            tensor = keras.layers.Dense(size.units, activation="relu")(tensor)
            if self.dropout:
                tensor = keras.layers.Dropout(self.dropout)(tensor)
        return tensor

    def trunk(self, inputs: keras.KerasTensor, spec: TensorSpec) -> keras.KerasTensor:
        """Map one input (batch, *spec.shape) to features (batch, n), by its kind."""
        import keras

        from mlrecipe.components.architecture import parts

        units, share = self.units or 1, max(8, (self.units or 1) // 8)
        if spec.kind == "image":
            pixels = parts.rescaled_pixels(inputs, self.augment)
            return parts.convolutions(pixels, self.layers or 1, share, separable=True)
        if spec.kind != "vector":
            return parts.pooled(inputs, spec, share)
        return keras.layers.Dense(units, activation="relu")(inputs)

    def sizes(self) -> Iterator[Self]:
        return grown(self, ("layers", "units"), SIZES)


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Mixed]
