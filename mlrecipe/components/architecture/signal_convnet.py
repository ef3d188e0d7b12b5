"""Convolutions over time, for signals: lists of measurements in order."""

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

SIZES = ((1, 8), (2, 16), (3, 32), (4, 64), (5, 128))
"""Blocks and filters of the capacity ladder (book, 6.2.4)."""

SHORTEST = 4
"""Steps below which a signal is not halved any more."""


class SignalConvnet(mlrecipe.Network, name="signal_convnet", accepts={"signal"}):
    """Residual blocks of convolutions over time, then mean and largest answer of each filter.

    Each block halves the number of steps, so that later ones see longer stretches; the residual
    form is that of Wang, Yan and Oates (2017, "Time series classification from scratch").
    """

    blocks: Annotated[int | None, Search(1, 4)] = Field(
        None, ge=1, description="Number of blocks; null: the ladder finds it."
    )
    filters: Annotated[int | None, Search(8, 128, log=True)] = Field(
        None, ge=1, description="Filters of each convolution; null: the ladder finds it."
    )
    width: Annotated[int, Search(3, 9)] = Field(
        5, ge=1, description="Neighbouring steps that a filter looks at."
    )
    dropout: Annotated[float, Search(0.0, 0.6)] = Field(
        0.0, ge=0, lt=1, description="Share of the filters' answers dropped in training."
    )

    def build(self, inputs: keras.KerasTensor, spec: TensorSpec) -> keras.KerasTensor:
        import keras

        size = next(self.sizes())
        tensor = keras.layers.Dense(size.filters)(inputs)
        for _ in range(size.blocks or 1):
            tensor = self._block(tensor, size.filters or 1)
        tensor = keras.layers.Concatenate()(
            [
                keras.layers.GlobalAveragePooling1D()(tensor),
                keras.layers.GlobalMaxPooling1D()(tensor),
            ]
        )
        return keras.layers.Dropout(self.dropout)(tensor) if self.dropout else tensor

    def merge(
        self, inputs: Mapping[str, keras.KerasTensor], specs: Mapping[str, TensorSpec]
    ) -> keras.KerasTensor:
        """Read several signals, each by a network of its own."""
        import keras

        return keras.layers.Concatenate()([self.build(inputs[name], specs[name]) for name in specs])

    def _block(self, steps: keras.KerasTensor, filters: int) -> keras.KerasTensor:
        """Map (batch, steps, filters) to half the steps, where there are enough."""
        import keras

        from mlrecipe.components.architecture.parts import MOMENTUM

        tensor = steps
        for _ in range(2):
            tensor = keras.layers.Conv1D(filters, self.width, padding="same", use_bias=False)(
                tensor
            )
            tensor = keras.layers.BatchNormalization(momentum=MOMENTUM)(tensor)
            tensor = keras.layers.Activation("relu")(tensor)
        steps = keras.layers.Add()([steps, tensor])
        return keras.layers.MaxPooling1D(2)(steps) if steps.shape[1] >= SHORTEST else steps

    def sizes(self) -> Iterator[Self]:
        return grown(self, ("blocks", "filters"), SIZES)


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [SignalConvnet]
