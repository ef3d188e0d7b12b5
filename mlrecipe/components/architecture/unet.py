"""A map of the image as fine as the image: down to coarse features, and up again with the fine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import Field

import mlrecipe
from mlrecipe.component import Search
from mlrecipe.components.architecture.growing import grown

if TYPE_CHECKING:
    import keras

    from mlrecipe.interfaces import TensorSpec

SIZES = ((1, 8), (2, 8), (2, 16), (3, 16), (4, 32))
"""Depth and filters of the capacity ladder."""


class UNet(
    mlrecipe.Network,
    name="unet",
    accepts=frozenset({"image"}),
    tasks=frozenset({"segmentation"}),
    gives="map",
):
    """A U-Net (Ronneberger, Fischer and Brox, 2015), with normalization, for any size of image.

    Features are halved ``depth`` times, and at each step up put beside the fine ones of the same
    size, so that what a pixel is follows from far around, and where it ends from close by.
    """

    depth: Annotated[int | None, Search(1, 4)] = Field(
        None,
        ge=1,
        le=6,
        description="How often the image is halved; null: the capacity ladder finds it.",
    )
    filters: Annotated[int | None, Search(8, 64, log=True)] = Field(
        None,
        ge=1,
        description="Filters at the image's own size, doubled by each halving; null: the capacity "
        "ladder finds it.",
    )
    separable: bool = Field(
        False,
        description="Whether a convolution looks at places and at channels one after the other: "
        "far fewer weights.",
    )
    dropout: Annotated[float, Search(0.0, 0.5)] = Field(
        0.0, ge=0, lt=1, description="Share of the coarsest features dropped in training."
    )

    def build(self, inputs: keras.KerasTensor, spec: TensorSpec) -> keras.KerasTensor:
        import keras

        from mlrecipe.components.architecture.parts_of_maps import convolved, resized

        size = next(self.sizes())
        filters, separable = size.filters or 1, self.separable
        tensor = keras.layers.Rescaling(1 / 255)(inputs)
        levels: list[keras.KerasTensor] = []
        for number in range(size.depth or 1):
            width = filters * 2**number
            tensor = convolved(tensor, width, separable=separable and number > 0)
            levels.append(convolved(tensor, width, separable=separable))
            tensor = keras.layers.MaxPooling2D(2, padding="same")(levels[-1])
        for _ in range(2):
            tensor = convolved(tensor, filters * 2 ** (size.depth or 1), separable=separable)
        if self.dropout:
            tensor = keras.layers.Dropout(self.dropout)(tensor)
        while levels:
            finer = levels.pop()
            tensor = keras.layers.Concatenate()([resized(tensor, finer), finer])
            for _ in range(2):
                tensor = convolved(tensor, finer.shape[-1], separable=separable)
        return tensor

    def sizes(self) -> Iterator[Self]:
        return grown(self, ("depth", "filters"), SIZES)


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [UNet]
