"""A compact detector without anchors: a map of the image, a quarter as fine."""

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

SIZES = ((1, 16), (2, 16), (2, 32), (3, 32), (3, 64))
"""Depth and filters of the capacity ladder."""


class Detector(
    mlrecipe.Network,
    name="detector",
    accepts=frozenset({"image"}),
    tasks=frozenset({"detection"}),
    gives="map",
):
    """Convolutions down to coarse features and up again to a quarter of the image's sides.

    What is where shows as peaks of the map, with no anchors to choose (Zhou, Wang and Krähenbühl
    2019, "Objects as points"); coarse features are added to fine ones as in feature pyramids (Lin
    et al., 2017).
    """

    depth: Annotated[int | None, Search(1, 3)] = Field(
        None,
        ge=0,
        le=5,
        description="How often the map is halved further, to see more around each place; null: "
        "the capacity ladder finds it.",
    )
    filters: Annotated[int | None, Search(8, 64, log=True)] = Field(
        None,
        ge=1,
        description="Filters of the map, doubled by each halving; null: the capacity ladder "
        "finds it.",
    )
    separable: bool = Field(
        True,
        description="Whether a convolution looks at places and at channels one after the other.",
    )

    def build(self, inputs: keras.KerasTensor, spec: TensorSpec) -> keras.KerasTensor:
        import keras

        from mlrecipe.components.architecture.parts_of_maps import pyramid

        size = next(self.sizes())
        pixels = keras.layers.Rescaling(1 / 255)(inputs)
        return pyramid(pixels, size.depth or 0, size.filters or 1, separable=self.separable)

    def sizes(self) -> Iterator[Self]:
        return grown(self, ("depth", "filters"), SIZES)


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Detector]
