"""A convolutional network with residual blocks, for images."""

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

SIZES = ((2, 16), (3, 16), (3, 32), (4, 32), (4, 64))
"""Blocks and filters of the capacity ladder; a block halves the sides and doubles the filters.

One block hardly learns: after five epochs on 8,000 digits of MNIST .62 are right, with two .96.
"""


class ConvNet(mlrecipe.Network, name="convnet", accepts=frozenset({"image"})):
    """Residual blocks of convolutions, then means over the image; the prior for images (9.3)."""

    blocks: Annotated[int | None, Search(1, 4)] = Field(
        None, ge=1, description="Number of blocks; null: the capacity ladder finds it."
    )
    filters: Annotated[int | None, Search(8, 64, log=True)] = Field(
        None,
        ge=1,
        description="Filters of the first block, doubled by each further one; null: the capacity "
        "ladder finds it.",
    )
    separable: bool = Field(
        False,
        description="Whether a convolution looks at places and at channels one after the other: "
        "a quarter of the weights, two thirds of the time, and less exact when training is short.",
    )
    augment: Annotated[Augment, Search(choices=("none", "light"))] = Field(
        "none",
        description="Vary training images by small shifts, turns, zooms and contrasts, never "
        "mirrored; light: up to 5 %, strong: 15 %. Answers are not touched by it.",
    )
    dropout: Annotated[float, Search(0.0, 0.6)] = Field(
        0.0, ge=0, lt=1, description="Share of the last features dropped in training."
    )

    def build(self, inputs: keras.KerasTensor, spec: TensorSpec) -> keras.KerasTensor:
        import keras

        from mlrecipe.components.architecture.parts import convolutions, rescaled_pixels

        size = next(self.sizes())
        tensor = rescaled_pixels(inputs, self.augment)
        tensor = convolutions(tensor, size.blocks or 1, size.filters or 1, separable=self.separable)
        return keras.layers.Dropout(self.dropout)(tensor) if self.dropout else tensor

    def merge(
        self, inputs: Mapping[str, keras.KerasTensor], specs: Mapping[str, TensorSpec]
    ) -> keras.KerasTensor:
        """Read several images, each by a network of its own."""
        import keras

        return keras.layers.Concatenate()([self.build(inputs[name], specs[name]) for name in specs])

    def sizes(self) -> Iterator[Self]:
        return grown(self, ("blocks", "filters"), SIZES)


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [ConvNet]
