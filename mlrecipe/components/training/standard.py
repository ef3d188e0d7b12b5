"""Minibatch gradient descent with early stopping."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, PositiveFloat

import mlrecipe
from mlrecipe.component import Search
from mlrecipe.preparation.target_codec import label_as_text

if TYPE_CHECKING:
    import keras

    from mlrecipe.interfaces import Array, Progress

Algorithm = Literal["adam", "adamw", "nadam", "rmsprop", "sgd", "nesterov", "lion"]
Schedule = Literal["constant", "cosine", "exponential", "one_cycle", "plateau"]

MOST_EPOCHS = 100
"""Most epochs, where the recipe leaves them open; the ladder may double them."""

STEPS_AN_EPOCH = 20
SMALLEST_BATCH, LARGEST_BATCH = 16, 256


def _by_text(value: Any) -> Any:
    """Let labels be numbers and truths: ``{1: 20}``, ``{true: 20}``."""
    return {label_as_text(k): v for k, v in value.items()} if isinstance(value, dict) else value


class Standard(mlrecipe.Training, name="standard"):
    """Minibatch gradient descent that stops when validation no longer gains."""

    algorithm: Algorithm | None = Field(
        None,
        description="Optimizer; null: what the architecture prefers, else adam. sgd and nesterov "
        "have a momentum of 0.9.",
    )
    learning_rate: Annotated[float | None, Search(3e-4, 1e-2, log=True)] = Field(
        None,
        gt=0,
        description="Size of the optimizer's steps; null: what the architecture prefers, else "
        "0.001, for sgd and nesterov 0.01.",
    )
    schedule: Schedule | None = Field(
        None,
        description="How the learning rate goes on: cosine: down to 0 at the last epoch; "
        "exponential: down to a hundredth; one_cycle: up for 30 % of the epochs, then down; "
        "plateau: halved after each 5 epochs without a better validation loss. null: what the "
        "architecture prefers, else constant.",
    )
    warmup: float | None = Field(
        None, ge=0, description="Epochs over which the learning rate rises from 0; null: none."
    )
    weight_decay: Annotated[float | None, Search(1e-5, 1e-1, log=True)] = Field(
        None,
        ge=0,
        description="Share of each weight, times the learning rate, taken off at a step; biases "
        "and scales are left alone. null: what the architecture prefers, else none.",
    )
    clip_norm: float | None = Field(
        None,
        gt=0,
        description="Largest norm of the gradient of all weights together; null: what the "
        "architecture prefers, else no limit.",
    )
    averaging: float | None = Field(
        None,
        ge=0,
        description="Epochs over which a running average of the weights reaches; it is what "
        "answers. 0: the weights themselves; null: what the architecture prefers, else 0.",
    )
    precision: Literal["float32", "mixed_bfloat16"] = Field(
        "float32",
        description="What networks compute in while they train. mixed_bfloat16: activations of 16 "
        "bits, weights of 32; faster on processors made for it, slower on others. The finished "
        "model is one of 32 bits.",
    )
    batch_size: int | None = Field(
        None,
        ge=1,
        description="Rows a step; null: about 20 steps an epoch, a power of two in 16 … 256.",
    )
    epochs: int = Field(MOST_EPOCHS, ge=1, description="Most passes over the training rows.")
    patience: int | None = Field(
        10,
        ge=1,
        description="Epochs without a better validation loss after which to stop; null: never.",
    )
    class_weight: Literal["none", "balanced"] = Field(
        "none", description="balanced: rows of rare classes weigh more, all classes alike."
    )
    class_weights: Annotated[dict[str, PositiveFloat], BeforeValidator(_by_text)] = Field(
        {}, description="Weight of a row by its label, `{fraud: 20}`; labels left out weigh 1."
    )

    def longer(self) -> Self | None:
        if self.epochs % MOST_EPOCHS:  # the recipe says how many
            return None
        return self.model_copy(update={"epochs": 2 * self.epochs})

    def preferring(self, settings: Mapping[str, Any]) -> Self:
        return super().preferring(settings).open_filled()

    def open_filled(self) -> Self:
        """Return the component with every setting that is still open at its default."""
        algorithm = self.algorithm or "adam"
        defaults: dict[str, Any] = {
            "algorithm": algorithm,
            "learning_rate": 1e-2 if algorithm in ("sgd", "nesterov") else 1e-3,
            "schedule": "constant",
            "warmup": 0.0,
            "weight_decay": 0.0,
            "averaging": 0.0,
        }
        return super().preferring(defaults)

    def optimizer(self) -> keras.optimizers.Optimizer:
        from mlrecipe.training.optimizers import optimizer

        filled = self.open_filled()
        assert filled.algorithm is not None
        return optimizer(
            filled.algorithm,
            filled.learning_rate or 0.0,
            weight_decay=filled.weight_decay or 0.0,
            clip_norm=filled.clip_norm,
        )

    def learning_rates(self, progress: Progress) -> Array | None:
        from mlrecipe.training.schedules import rates

        filled = self.open_filled()
        assert filled.schedule is not None
        return rates(filled.schedule, filled.learning_rate or 0.0, filled.warmup or 0.0, progress)

    def computes_in(self) -> str:
        return self.precision

    def averaged_epochs(self) -> float:
        return self.averaging or 0.0

    def rows_per_step(self, rows: int) -> int:
        if self.batch_size is not None:
            return min(self.batch_size, rows)
        power = 2 ** max(0, (rows // STEPS_AN_EPOCH).bit_length() - 1)
        return min(max(power, SMALLEST_BATCH), LARGEST_BATCH, rows)

    def stops_after(self) -> int | None:
        return self.patience

    def row_weights(self, y: Array, labels: Sequence[Any] = ()) -> Array | None:
        import numpy as np

        if self.class_weight == "none" and not self.class_weights:
            return None
        if y.ndim > 2:
            raise mlrecipe.MlrecipeError(
                "class_weight=balanced weighs rows by their one class, and a map has many",
                where="training.class_weight",
                expected="none",
                fix="for classes of few pixels, objective=pixel_dice",
            )
        index = y[:, 0].astype(int) if y.shape[1] == 1 else y.argmax(axis=1)
        if self.class_weights:
            given = self.class_weights
            by_label = np.array([given.get(label_as_text(label), 1.0) for label in labels])
            weights = by_label[index]
            return (weights / weights.mean()).astype(np.float32)
        counts = np.bincount(index, minlength=max(2, y.shape[1]))
        weights = len(y) / (np.count_nonzero(counts) * np.maximum(counts, 1))
        return weights[index].astype(np.float32)


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Standard]
