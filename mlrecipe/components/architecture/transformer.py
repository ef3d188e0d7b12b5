"""A small Transformer encoder, for tokens and signals."""

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

SIZES = ((1, 16), (1, 32), (2, 64), (2, 128), (4, 256))
"""Blocks and units of the capacity ladder (book, 6.2.4)."""


class Transformer(mlrecipe.Network, name="transformer", accepts={"tokens", "signal"}):
    """Every step attends to every other one; then the mean over the steps (book, 11.4).

    Vectors of tokens plus learned vectors of positions, blocks of multi-head attention and dense
    layers (Vaswani et al., 2017, "Attention is all you need"). It has to see many short texts, or a
    bag of words does better (book, 11.3); its cost grows with the square of the length.
    """

    blocks: Annotated[int | None, Search(1, 3)] = Field(
        None, ge=1, description="Blocks of attention; null: the ladder finds it."
    )
    units: Annotated[int | None, Search(choices=(16, 32, 64, 128))] = Field(
        None, ge=4, description="Numbers in each step's vector; null: the ladder finds it."
    )
    heads: Annotated[int, Search(1, 4)] = Field(
        2, ge=1, description="Ways of attending, side by side; they share the units."
    )
    dropout: Annotated[float, Search(0.0, 0.5)] = Field(
        0.1, ge=0, lt=1, description="Share of what each half of a block adds dropped in training."
    )

    def build(self, inputs: keras.KerasTensor, spec: TensorSpec) -> keras.KerasTensor:
        import keras

        from mlrecipe.components.architecture import sequences

        size = next(self.sizes())
        steps, there = sequences.steps_of(inputs, spec, size.units or 1)
        steps = sequences.with_positions(steps)
        steps = keras.layers.Dropout(self.dropout)(steps) if self.dropout else steps
        for _ in range(size.blocks or 1):
            steps = sequences.transformer_block(steps, there, self.heads, self.dropout)
        return sequences.pooled(steps, there)

    def merge(
        self, inputs: Mapping[str, keras.KerasTensor], specs: Mapping[str, TensorSpec]
    ) -> keras.KerasTensor:
        """Read several texts or signals, each by a network of its own."""
        import keras

        return keras.layers.Concatenate()([self.build(inputs[name], specs[name]) for name in specs])

    def sizes(self) -> Iterator[Self]:
        return grown(self, ("blocks", "units"), SIZES)


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Transformer]
