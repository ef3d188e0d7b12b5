"""The model as trained."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import mlrecipe

if TYPE_CHECKING:
    import keras

    from mlrecipe.interfaces import Array, Tensors, Variant


class NoCompression(mlrecipe.Compression, name="none"):
    """The model as trained, in 32-bit numbers; what the others are compared with."""

    def compress(
        self,
        model: keras.Model,
        x: Tensors,
        y: Array,
        loss: Callable[[Any, Any], Any],
        batch_size: int,
    ) -> Variant:
        from mlrecipe.components.compression.litert import to_litert
        from mlrecipe.interfaces import Variant

        return Variant("float32", to_litert(model), "as trained, in 32-bit numbers")


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [NoCompression]
