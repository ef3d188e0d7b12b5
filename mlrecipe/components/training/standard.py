"""Minibatch gradient descent with early stopping."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

import mlrecipe
from mlrecipe.component import Search

if TYPE_CHECKING:
    import keras

    from mlrecipe.interfaces import Array

STEPS_AN_EPOCH = 20
SMALLEST_BATCH, LARGEST_BATCH = 16, 256


class Standard(mlrecipe.Training, name="standard"):
    """Minibatch gradient descent that stops when validation no longer gains."""

    algorithm: Literal["adam", "rmsprop", "sgd"] = Field(
        "adam", description="Optimizer; sgd has a momentum of 0.9."
    )
    learning_rate: Annotated[float, Search(3e-4, 1e-2, log=True)] = Field(
        1e-3, gt=0, description="Size of the optimizer's steps."
    )
    batch_size: int | None = Field(
        None,
        ge=1,
        description="Rows a step; null: about 20 steps an epoch, a power of two in 16 … 256.",
    )
    epochs: int = Field(100, ge=1, description="Most passes over the training rows.")
    patience: int | None = Field(
        10,
        ge=1,
        description="Epochs without a better validation loss after which to stop; null: never.",
    )
    class_weight: Literal["none", "balanced"] = Field(
        "none", description="balanced: rows of rare classes weigh more, all classes alike."
    )

    def optimizer(self) -> keras.optimizers.Optimizer:
        import keras

        if self.algorithm == "sgd":
            return keras.optimizers.SGD(self.learning_rate, momentum=0.9)
        kinds = {"adam": keras.optimizers.Adam, "rmsprop": keras.optimizers.RMSprop}
        return kinds[self.algorithm](self.learning_rate)

    def rows_per_step(self, rows: int) -> int:
        if self.batch_size is not None:
            return min(self.batch_size, rows)
        power = 2 ** max(0, (rows // STEPS_AN_EPOCH).bit_length() - 1)
        return min(max(power, SMALLEST_BATCH), LARGEST_BATCH, rows)

    def stops_after(self) -> int | None:
        return self.patience

    def row_weights(self, y: Array) -> Array | None:
        import numpy as np

        if self.class_weight == "none":
            return None
        if y.ndim > 2:
            raise mlrecipe.MlrecipeError(
                "class_weight=balanced weighs rows by their one class, and a map has many",
                where="training.class_weight",
                expected="none",
                fix="for classes of few pixels, objective=pixel_dice",
            )
        index = y[:, 0].astype(int) if y.shape[1] == 1 else y.argmax(axis=1)
        counts = np.bincount(index, minlength=max(2, y.shape[1]))
        weights = len(y) / (np.count_nonzero(counts) * np.maximum(counts, 1))
        return weights[index].astype(np.float32)


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Standard]
