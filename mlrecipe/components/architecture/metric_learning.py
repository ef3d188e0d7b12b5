"""A trunk by the kind of input, and an embedding: for tasks that compare rows."""

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

SIZES = ((1, 16), (2, 16), (3, 24), (3, 48))
"""Blocks (or dense layers) and filters of the capacity ladder."""

UNITS = 8
"""Units of a dense layer of a trunk, for each filter of an image's first block."""


class MetricLearning(
    mlrecipe.Network,
    name="metric_learning",
    accepts=frozenset({"vector", "tokens", "codes", "image", "signal", "mixed"}),
    tasks=frozenset({"similarity_ranking"}),
):
    """A trunk an input by its kind, then an embedding in which alike rows lie side by side.

    Images go through residual convolutions, vectors through dense layers, tokens and codes through
    embeddings of their own, signals through convolutions in time.
    """

    blocks: Annotated[int | None, Search(1, 4)] = Field(
        None,
        ge=1,
        description="Blocks of convolutions, or dense layers; null: the capacity ladder finds it.",
    )
    filters: Annotated[int | None, Search(8, 64, log=True)] = Field(
        None,
        ge=1,
        description=f"Filters of the first block, doubled by each further one; a dense layer has "
        f"{UNITS} times as many units. null: the capacity ladder finds it.",
    )
    dimensions: int = Field(64, ge=2, description="Length of the embedding.")
    separable: bool = Field(
        True, description="Whether a convolution looks at places and at channels one by one."
    )
    augment: Annotated[Augment, Search(choices=("none", "light", "strong"))] = Field(
        "none", description="Vary training images, as in architecture=convnet."
    )
    turned: bool = Field(
        False,
        description="Turn training images by any angle and mirror them: for pictures that have no "
        "upright, as those taken from above.",
    )
    dropout: Annotated[float, Search(0.0, 0.5)] = Field(
        0.0, ge=0, lt=1, description="Share of the trunk's features dropped in training."
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
        if self.dropout:
            tensor = keras.layers.Dropout(self.dropout)(tensor)
        return keras.layers.Dense(self.dimensions)(tensor)

    def trunk(self, inputs: keras.KerasTensor, spec: TensorSpec) -> keras.KerasTensor:
        """Map one input (batch, *spec.shape) to features (batch, n), by its kind."""
        import keras

        from mlrecipe.components.architecture import parts

        blocks, filters = self.blocks or 1, self.filters or 1
        if spec.kind == "image":
            pixels = parts.rescaled_pixels(inputs, self.augment)
            if self.turned:
                pixels = keras.layers.RandomFlip()(pixels)
                pixels = keras.layers.RandomRotation(0.5, fill_mode="reflect")(pixels)
            return parts.convolutions(pixels, blocks, filters, separable=self.separable)
        if spec.kind != "vector":
            return parts.pooled(inputs, spec, filters)
        tensor = inputs
        for _ in range(blocks):
            tensor = keras.layers.Dense(UNITS * filters, activation="relu")(tensor)
        return tensor

    def sizes(self) -> Iterator[Self]:
        return grown(self, ("blocks", "filters"), SIZES)


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [MetricLearning]
