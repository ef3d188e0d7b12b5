"""8-bit weights, and 8-bit activations when asked for (LiteRT post-training quantization)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

import mlrecipe

if TYPE_CHECKING:
    import keras

    from mlrecipe.interfaces import Array, Tensors, Variant


class Int8(mlrecipe.Compression, name="int8"):
    """Weights in 8 bits: about a quarter of the size at nearly the same quality (book, 6.3.2)."""

    activations: Literal["float", "int8"] = Field(
        "float",
        description="float: weights alone are 8-bit, multiplied on the fly; int8: activations too, "
        "calibrated on development rows, for devices that compute in integers.",
    )
    calibration_rows: int = Field(
        200, ge=1, description="Rows that the ranges of 8-bit activations are measured on."
    )

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

        if self.activations == "float":
            # LiteRT leaves tensors of fewer than 1024 numbers alone: they would not get smaller.
            small = sum(w.size < 1024 for w in model.get_weights() if w.ndim > 1)
            notes = "weights in 8 bits, one scale a channel"
            notes += f"; {small} layer(s) below 1024 weights stay in 32 bits" if small else ""
            return Variant(self.name, to_litert(model, eight_bit=True), notes)
        examples = {name: values[: self.calibration_rows] for name, values in x.items()}
        calibrated = min(len(y), self.calibration_rows)
        return Variant(
            self.name,
            to_litert(model, eight_bit=True, examples=examples),
            f"weights and activations in 8 bits, calibrated on {calibrated} development rows",
        )


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Int8]
