"""Trains one configuration on every fold and collects its answers for the validation rows."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from mlrecipe.evaluation.folds import Folds
from mlrecipe.interfaces import Architecture, Array, Objective, TensorSpec, Training
from mlrecipe.training.network import build_model
from mlrecipe.training.trainer import Listener, Trainer


@dataclass
class Validation:
    """What validation says of one configuration.

    Attributes:
        outputs: float32 (development rows, outputs) in the target's unit; NaN where a row is in no
            fold's validation part.
        parameters: number of trained weights.
        best_epochs: the best epoch of each fold, from 1 on.
        loss, val_loss: a list of losses an epoch, for each fold.
    """

    outputs: Array
    parameters: int = 0
    best_epochs: list[int] = field(default_factory=list)
    loss: list[list[float]] = field(default_factory=list)
    val_loss: list[list[float]] = field(default_factory=list)

    def curves(self) -> dict[str, list[list[float]]]:
        """Return the learning curves as plain data."""
        return {"loss": self.loss, "val_loss": self.val_loss}

    @property
    def finite(self) -> bool:
        """Whether training stayed within numbers."""
        return bool(np.isfinite([loss[-1] for loss in self.loss]).all())


def validate(
    folds: Folds,
    architecture: Architecture,
    objective: Objective,
    training: Training,
    *,
    seed: int,
    listener: Listener | None = None,
) -> Validation:
    """Train on every fold's training rows and answer its validation rows."""
    result = Validation(folds.empty_outputs())
    trainers: dict[tuple[TensorSpec, ...], Trainer] = {}
    for number, fold in enumerate(folds):
        specs = fold.specs
        if specs not in trainers:  # folds differ in width when a rare category is in few of them
            model = build_model(architecture, objective, specs, folds.y.shape[1], seed)
            trainers[specs] = Trainer(model, objective, training, folds.codec.labels)
        trainer = trainers[specs]
        history = trainer.fit(
            fold.training.x,
            to_unit_scale(fold.training.y, folds),
            (
                fold.validation.x,
                to_unit_scale(fold.validation.y, folds),
                fold.validation.weights,
            ),
            seed=seed + number,
            weights=fold.training.weights,
            listener=listener,
        )
        result.outputs[fold.valid] = from_unit_scale(trainer.predict(fold.validation.x), folds)
        result.parameters = int(trainer.model.count_params())
        result.best_epochs.append(history.best_epoch)
        result.loss.append(history.loss)
        result.val_loss.append(history.val_loss)
    return result


def to_unit_scale(y: Array, folds: Folds) -> Array:
    """Return regression targets with mean 0 and deviation 1; classes as they are."""
    codec = folds.codec
    if not codec.scale:
        return y
    return ((y - np.asarray(codec.shift)) / np.asarray(codec.scale)).astype(np.float32)


def from_unit_scale(outputs: Array, folds: Folds) -> Array:
    """Undo `to_unit_scale`."""
    codec = folds.codec
    if not codec.scale:
        return outputs
    return (outputs * np.asarray(codec.scale) + np.asarray(codec.shift)).astype(np.float32)
