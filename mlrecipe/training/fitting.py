"""Fits the recipe's architecture to rows, whichever way it is fitted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from mlrecipe.interfaces import (
    Architecture,
    Array,
    Assignment,
    Estimator,
    Fitted,
    Network,
    Objective,
    Samples,
    Task,
    Tensors,
    TensorSpec,
    Training,
)
from mlrecipe.preparation.target_codec import TargetCodec
from mlrecipe.training import layers, runtime
from mlrecipe.training.keeping import Kept
from mlrecipe.training.network import answer_in_unit, build_model
from mlrecipe.training.trainer import Listener, Trainer, answers

NEVER = -20.0
"""Log odds of a class that no training row has."""

EPOCHS = "epochs"
"""What validation finds for a network: how many epochs to train."""


@dataclass
class Fitter:
    """Fits one configuration, as often as asked; folds of the same width share a compiled graph.

    Attributes:
        task, architecture, objective, training: the recipe's components.
        codec: labels or scale of the target.
        seed: of the initial weights.
        listener: called after every epoch.
        folder: where fits keep their state, so that killed ones go on; None: nowhere.
        used: the training component with what the architecture prefers; None before the first
            fit of a network.
    """

    task: Task
    architecture: Architecture
    objective: Objective
    training: Training
    codec: TargetCodec
    seed: int
    listener: Listener | None = None
    folder: Path | None = None
    used: Training | None = None
    _models: dict[tuple[TensorSpec, ...], Any] = field(default_factory=dict)
    _trainers: dict[tuple[TensorSpec, ...], Trainer] = field(default_factory=dict)
    _shared: dict[Any, Any] = field(default_factory=dict)

    def fit(
        self,
        rows: Samples,
        specs: tuple[TensorSpec, ...],
        features: tuple[str, ...],
        validation: Samples | None = None,
        found: Mapping[str, float] | None = None,
        *,
        seed: int,
    ) -> tuple[Fitted, Callable[[Tensors], Array]]:
        """Return the fitted model, and what answers prepared rows in the target's own unit.

        Args:
            rows: training rows; targets in their own unit.
            specs, features: the inputs, and the names of the columns of the tensor "vector".
            validation: rows that decide when to stop; None for the last training.
            found: for the last training, the medians of what the folds found.
            seed: of this fit: the order of the rows, and whatever else is drawn.
        """
        runtime.start()
        layers.register()
        if isinstance(self.architecture, Estimator):
            work = Assignment(
                self.task,
                self.objective,
                self.training,
                self.codec,
                specs,
                features,
                seed,
                self.listener,
                self._shared,
            )
            fitted = self.architecture.fit(rows, validation, work, found or {})
            return fitted, answering(fitted.model)
        assert isinstance(self.architecture, Network)
        return self._train(self.architecture, rows, specs, validation, found or {}, seed)

    def _train(
        self,
        network: Network,
        rows: Samples,
        specs: tuple[TensorSpec, ...],
        validation: Samples | None,
        found: Mapping[str, float],
        seed: int,
    ) -> tuple[Fitted, Callable[[Tensors], Array]]:
        codec = self.codec
        if specs not in self._trainers:  # folds differ in width when a rare category is in few
            network = network.seen(rows.x, specs)
            model = build_model(network, self.objective, specs, self.task, codec, self.seed)
            self.used = self.training.preferring(network.prefers)
            policy, trained = self.used.computes_in(), model
            if policy != "float32":
                trained = build_model(
                    network, self.objective, specs, self.task, codec, self.seed, policy
                )
            self._models[specs] = model
            self._trainers[specs] = Trainer(
                trained, self.objective, self.used, rows.y.shape[1:], codec.labels
            )
        trainer = self._trainers[specs]
        held_out = None
        if validation is not None:
            y = to_unit_scale(validation.y, codec)
            held_out = (validation.x, y, validation.weights)
        history = trainer.fit(
            rows.x,
            to_unit_scale(rows.y, codec),
            held_out,
            seed=seed,
            weights=rows.weights,
            epochs=max(1, round(found[EPOCHS])) if EPOCHS in found else None,
            listener=self.listener,
            kept=self._kept(seed),
        )
        model = self._models[specs]
        if model is not trainer.model:
            model.set_weights(trainer.model.get_weights())
        fitted = Fitted(
            model,
            {EPOCHS: float(history.best_epoch)},
            history.loss,
            history.val_loss,
            history.best_epoch,
        )
        predict = trainer.predict if model is trainer.model else answering(model)
        return fitted, lambda x: from_unit_scale(predict(x), codec)

    def _kept(self, seed: int) -> Kept | None:
        """Return where this fit keeps its state."""
        return None if self.folder is None else Kept(self.folder / f"fit_{seed}.npz")

    def finish(self, fitted: Fitted) -> Callable[[Tensors], Array]:
        """Let the model itself answer in the target's unit; return what answers by it."""
        for specs, model in self._models.items():
            if model is fitted.model:
                answer_in_unit(model, self.codec)
                trainer = self._trainers[specs]
                # Where it trained itself, its graph is there already.
                return trainer.predict if trainer.model is model else answering(model)
        return answering(fitted.model)


def answering(model: object) -> Callable[[Tensors], Array]:
    """Return what answers prepared rows by a Keras model, compiled."""
    import tensorflow as tf

    graph = tf.function(lambda x: model(x, training=False), reduce_retracing=True, autograph=False)  # type: ignore[operator]
    return lambda x: answers(graph, x)


def to_unit_scale(y: Array, codec: TargetCodec) -> Array:
    """Return regression targets with mean 0 and deviation 1; others as they are."""
    if not codec.scale:
        return y
    return ((y - np.asarray(codec.shift)) / np.asarray(codec.scale)).astype(np.float32)


def from_unit_scale(outputs: Array, codec: TargetCodec) -> Array:
    """Undo `to_unit_scale`."""
    if not codec.scale:
        return outputs
    return (outputs * np.asarray(codec.scale) + np.asarray(codec.shift)).astype(np.float32)
