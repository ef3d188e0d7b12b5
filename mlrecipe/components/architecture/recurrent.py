"""A recurrent network, for tokens and signals: it reads step by step and remembers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field

import mlrecipe
from mlrecipe.component import Search
from mlrecipe.components.architecture.growing import grown

if TYPE_CHECKING:
    import keras

    from mlrecipe.interfaces import TensorSpec

SIZES = ((8, 8), (32, 32), (64, 64), (128, 128), (128, 256))
"""Numbers of each step's vector and units of the state: the capacity ladder (book, 6.2.4)."""


class Recurrent(mlrecipe.Network, name="recurrent", accepts={"tokens", "signal"}):
    """A GRU or LSTM over the steps, from both ends (book, 10.4 and 11.3.3).

    What is read afterwards is its last state and the largest value of each unit. Padding tokens
    leave the state as it is.
    """

    cell: Annotated[Literal["gru", "lstm"], Search(choices=("gru", "lstm"))] = Field(
        "gru", description="What remembers; a GRU has three quarters of an LSTM's weights."
    )
    embedding: Annotated[int | None, Search(8, 128, log=True)] = Field(
        None, ge=1, description="Numbers in each step's vector; null: the ladder finds it."
    )
    units: Annotated[int | None, Search(8, 128, log=True)] = Field(
        None, ge=1, description="Numbers in the state; null: the ladder finds it."
    )
    bidirectional: bool = Field(
        True, description="Whether a second layer reads from the end to the beginning."
    )
    dropout: Annotated[float, Search(0.0, 0.6)] = Field(
        0.2, ge=0, lt=1, description="Share of the vectors and of the last state dropped."
    )

    def build(self, inputs: keras.KerasTensor, spec: TensorSpec) -> keras.KerasTensor:
        import keras

        from mlrecipe.components.architecture.sequences import steps_of
        from mlrecipe.training.recurrence import Recurrence

        size = next(self.sizes())
        steps, there = steps_of(inputs, spec, size.embedding or 1)
        steps = keras.layers.Dropout(self.dropout)(steps) if self.dropout else steps
        read = [steps] if there is None else [steps, keras.layers.Reshape((-1, 1))(there)]
        ends = (False, True) if self.bidirectional else (False,)
        found = [Recurrence(size.units or 1, self.cell, backwards)(read) for backwards in ends]
        tensor = keras.layers.Concatenate()(found) if len(found) > 1 else found[0]
        return keras.layers.Dropout(self.dropout)(tensor) if self.dropout else tensor

    def merge(
        self, inputs: Mapping[str, keras.KerasTensor], specs: Mapping[str, TensorSpec]
    ) -> keras.KerasTensor:
        """Read several texts or signals, each by a network of its own."""
        import keras

        return keras.layers.Concatenate()([self.build(inputs[name], specs[name]) for name in specs])

    def sizes(self) -> Iterator[Self]:
        return grown(self, ("embedding", "units"), SIZES)


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Recurrent]
