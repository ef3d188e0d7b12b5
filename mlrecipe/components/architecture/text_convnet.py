"""Convolutions over tokens in order, for texts whose order of words matters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import Field

import mlrecipe
from mlrecipe.component import Search
from mlrecipe.components.architecture.growing import grown

if TYPE_CHECKING:
    import keras

    from mlrecipe.interfaces import TensorSpec

SIZES = ((8, 8), (32, 32), (64, 128), (128, 256), (256, 512))
"""Numbers of each token's vector and filters of the capacity ladder: make them bigger (6.2.4)."""


class TextConvnet(mlrecipe.Network, name="text_convnet", accepts={"tokens"}):
    """Vectors of tokens, convolutions, and the largest answer of each filter.

    A filter answers to a phrase wherever it stands (Kim 2014, "Convolutional neural networks for
    sentence classification"). Padding has a vector of its own, learnt like those of tokens: texts
    are padded alike wherever the model runs, and what a filter answers to padding alone is the
    same for all of them, so that it can only hide answers that are weaker still.
    """

    embedding: Annotated[int | None, Search(8, 128, log=True)] = Field(
        None, ge=1, description="Numbers in each token's vector; null: the ladder finds it."
    )
    filters: Annotated[int | None, Search(16, 256, log=True)] = Field(
        None, ge=1, description="Filters of each convolution; null: the ladder finds it."
    )
    width: Annotated[int, Search(2, 5)] = Field(
        3, ge=1, description="Neighbouring tokens that a filter looks at."
    )
    layers: Annotated[int, Search(1, 2)] = Field(
        1, ge=1, description="Convolutions, one upon the other."
    )
    dropout: Annotated[float, Search(0.0, 0.6)] = Field(
        0.2, ge=0, lt=1, description="Share of the filters' answers dropped in training."
    )

    def build(self, inputs: keras.KerasTensor, spec: TensorSpec) -> keras.KerasTensor:
        import keras

        size = next(self.sizes())
        tensor = keras.layers.Embedding(spec.sizes[0], size.embedding)(inputs)
        for _ in range(self.layers):
            tensor = keras.layers.Conv1D(
                size.filters, self.width, padding="same", activation="relu"
            )(tensor)
        tensor = keras.layers.GlobalMaxPooling1D()(tensor)
        return keras.layers.Dropout(self.dropout)(tensor) if self.dropout else tensor

    def merge(
        self, inputs: Mapping[str, keras.KerasTensor], specs: Mapping[str, TensorSpec]
    ) -> keras.KerasTensor:
        """Read several texts, each by a network of its own."""
        import keras

        return keras.layers.Concatenate()([self.build(inputs[name], specs[name]) for name in specs])

    def sizes(self) -> Iterator[Self]:
        return grown(self, ("embedding", "filters"), SIZES)


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [TextConvnet]
