"""No hidden layer: the last layer reads the inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mlrecipe

if TYPE_CHECKING:
    import keras

    from mlrecipe.interfaces import TensorSpec


class Linear(mlrecipe.Network, name="linear"):
    """A weighted sum of the inputs; the smallest model there is."""

    def build(self, inputs: keras.KerasTensor, spec: TensorSpec) -> keras.KerasTensor:
        return inputs


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Linear]
