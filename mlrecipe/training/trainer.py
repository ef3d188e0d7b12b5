"""Fits a Keras model to arrays: a whole epoch is one compiled graph.

Feeding arrays batch by batch through ``Model.fit`` spends most of a small model's time outside the
model. Here the rows lie in one tensor, and one graph shuffles them, walks over the batches and
updates the weights. The trainer is compiled once and used for every fold of the same width.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from mlrecipe.interfaces import Array, Objective, Progress, Tensors, Training
from mlrecipe.training.graphs import Graphs
from mlrecipe.training.keeping import Kept
from mlrecipe.training.prior import start_at_mean

if TYPE_CHECKING:
    import keras

ANSWERED_AT_ONCE = 4096
"""Rows that a model answers in one go: activations of more would fill the memory."""

Listener = Callable[[int, int, Mapping[str, float]], None]
"""Called after every epoch with its number from 1 on, the number of epochs, and the losses."""


@dataclass
class History:
    """What happened in one fit.

    Attributes:
        loss: mean training loss of every epoch, penalties included.
        val_loss: mean validation loss after every epoch; empty without validation rows.
        best_epoch: the epoch, from 1 on, whose weights the model has now.
    """

    loss: list[float] = field(default_factory=list)
    val_loss: list[float] = field(default_factory=list)
    best_epoch: int = 0


class Trainer:
    """Trains one Keras model, as often as asked, each time from the same initial weights.

    Only the bias of the last layer starts where the rows are, see `start_at_mean`.

    Args:
        model: a freshly built model, a mapping of tensors to (batch, …).
        objective: gives the loss.
        training: gives optimizer, batch size, epochs and patience.
        target: shape of one row's encoded target.
        labels: what the classes are called, for weights by label.
    """

    def __init__(
        self,
        model: keras.Model,
        objective: Objective,
        training: Training,
        target: tuple[int, ...],
        labels: Sequence[Any] = (),
    ) -> None:
        self.model = model
        self.training = training
        self.labels = labels
        optimizer = training.optimizer()
        optimizer.build(model.trainable_variables)
        averaged = training.averaged_epochs() > 0
        self._graphs = Graphs(
            model, objective.loss(), optimizer, target, objective.order, averaged=averaged
        )
        # Seeds of dropout count up while training; they start anew like the weights.
        self._variables = [
            *model.variables,
            *_seeds(model),
            *optimizer.variables,
            *self._graphs.averages,
        ]
        self._initial = [v.numpy() for v in self._variables]
        self._optimizer = optimizer
        self._rate = float(optimizer.learning_rate.numpy())

    def fit(
        self,
        x: Tensors,
        y: Array,
        validation: tuple[Any, ...] | None = None,
        *,
        seed: int,
        weights: Array | None = None,
        epochs: int | None = None,
        listener: Listener | None = None,
        kept: Kept | None = None,
    ) -> History:
        """Train from the initial weights; keep the weights of the best epoch.

        Without validation rows the weights of the last epoch are kept.

        Args:
            x, y: prepared training rows (n, …) and float32 targets (n, outputs).
            validation: the same for validation rows, and, unless they count alike, their weights;
                they decide when to stop.
            seed: for the order of the rows.
            weights: how much each row counts, float32 (n,); None: all alike. The training
                component's own weights, by class, come on top.
            epochs: most epochs; by default those of the training component.
            kept: where the state is kept, so that a fit that was killed goes on with the same
                result; None: nowhere.
        """
        import tensorflow as tf

        self._reset(x)
        by_class = self.training.row_weights(y, self.labels)
        weights = _or_ones(weights, len(y)) * _or_ones(by_class, len(y))
        start_at_mean(self.model, y, weights)
        self._graphs.start_averages()
        rows = _tensors(x, y, weights)
        held_out = None if validation is None else _tensors(*validation)
        size = self.training.rows_per_step(len(y))
        epochs = self.training.epochs if epochs is None else epochs
        history, best = History(), self.model.get_weights() if held_out else []
        if kept is not None:
            best = kept.restore(self._variables, history) or best
        for number in range(len(history.loss) + 1, epochs + 1):
            if self._ended(history):
                break
            rates = self._rates(history, -(-len(y) // size))
            order = tf.constant([seed, number])
            history.loss.append(self._graphs.train(rows, size, order, rates, self._averaged(rates)))
            self._graphs.exchange()  # from here on the model has the averaged weights
            losses = {"loss": history.loss[-1]}
            if held_out is not None:
                history.val_loss.append(self._mean_loss(*held_out))
                losses["val_loss"] = history.val_loss[-1]
            if held_out is None:
                history.best_epoch = number
            elif history.val_loss[-1] == min(history.val_loss[history.best_epoch - 1 :]):
                best, history.best_epoch = self.model.get_weights(), number
            self._graphs.exchange()
            if listener is not None:
                listener(number, epochs, losses)
            if kept is not None:
                last = number == epochs or self._ended(history)
                kept.keep(self._variables, history, best, whatever=last)
        if held_out is None:
            self._graphs.exchange()
        else:
            self.model.set_weights(best)
        return history

    def _ended(self, history: History) -> bool:
        """Return whether training has nothing more to gain."""
        if not history.loss:
            return False
        patience = self.training.stops_after()
        done = len(history.loss)
        waited = history.val_loss and patience and done - history.best_epoch >= patience
        return bool(waited) or not np.isfinite(history.loss[-1])

    def _rates(self, history: History, steps: int) -> Array:
        """Return the learning rate of each step of the next epoch, float32 (steps,)."""
        progress = Progress(len(history.loss), self.training.epochs, steps, history.val_loss)
        rates = self.training.learning_rates(progress)
        return np.full(steps, self._rate, np.float32) if rates is None else rates

    def _averaged(self, rates: Array) -> float:
        """Return the part of the average that stays at every step."""
        steps = self.training.averaged_epochs() * len(rates)
        return float(np.exp(-1 / steps)) if steps else 0.0

    def _mean_loss(self, x: Any, y: Any, weights: Any) -> float:
        """Return the mean loss of held-out rows, some thousand of them at a time."""
        rows, total = len(y), 0.0
        for start in range(0, rows, ANSWERED_AT_ONCE):
            part = slice(start, start + ANSWERED_AT_ONCE)
            some = x if rows <= ANSWERED_AT_ONCE else {n: v[part] for n, v in x.items()}
            total += float(self._graphs.evaluate(some, y[part], weights[part]))
        return total / float(weights.numpy().sum())

    def predict(self, x: Tensors) -> Array:
        """Return float32 outputs (rows, outputs) for prepared rows (rows, …)."""
        return answers(self._graphs.predict, x)

    def _reset(self, x: Tensors) -> None:
        """Go back to the initial weights; layers that look at the rows do it now."""
        for variable, value in zip(self._variables, self._initial, strict=True):
            variable.assign(value)
        for layer in self.model.layers:
            if type(layer).__module__.startswith("mlrecipe.") and hasattr(layer, "adapt"):
                layer.adapt(x[layer.input.name])


def _seeds(model: keras.Model) -> list[Any]:
    """Return the state of the model's random layers, which `Model.variables` leaves out."""
    known = {id(v) for v in model.variables}
    names = ("seed_generator", "generator")  # of dropout, and of layers that vary images
    generators = [getattr(layer, name, None) for layer in model.layers for name in names]
    states = [g.state for g in generators if g is not None]
    return [state for state in states if id(state) not in known]


def answers(predict: Callable[[Any], Any], x: Tensors) -> Array:
    """Return float32 outputs (rows, outputs) for prepared rows, some thousand rows at a time.

    Args:
        predict: maps a batch to its outputs. Of a Keras model, call it with ``training=False``:
            left out, layers that vary images take it for true.
        x: the rows.
    """
    import tensorflow as tf

    rows = len(next(iter(x.values())))
    parts = []
    for start in range(0, max(rows, 1), ANSWERED_AT_ONCE):
        part = {name: tf.constant(v[start : start + ANSWERED_AT_ONCE]) for name, v in x.items()}
        parts.append(np.asarray(predict(part)))
    return np.concatenate(parts)


def _tensors(x: Tensors, y: Array, weights: Array | None = None) -> tuple[Any, ...]:
    import tensorflow as tf

    held = {name: tf.constant(values) for name, values in x.items()}
    return held, tf.constant(y), tf.constant(_or_ones(weights, len(y)))


def _or_ones(weights: Array | None, rows: int) -> Array:
    return np.ones(rows, dtype=np.float32) if weights is None else weights
