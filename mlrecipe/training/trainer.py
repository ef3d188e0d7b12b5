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

from mlrecipe.interfaces import Array, Objective, Tensors, Training
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
        self._loss = objective.loss()
        self._optimizer = training.optimizer()
        self._optimizer.build(model.trainable_variables)
        # Seeds of dropout count up while training; they start anew like the weights.
        self._variables = [*model.variables, *_seeds(model), *self._optimizer.variables]
        self._initial = [v.numpy() for v in self._variables]
        self._epoch, self._evaluate, self._predict = _compile(
            model, self._loss, self._optimizer, target, objective.order
        )

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
        """
        import tensorflow as tf

        self._reset()
        by_class = self.training.row_weights(y, self.labels)
        weights = _or_ones(weights, len(y)) * _or_ones(by_class, len(y))
        start_at_mean(self.model, y, weights)
        rows = _tensors(x, y, weights)
        batch = tf.constant(self.training.rows_per_step(len(y)))
        held_out = None if validation is None else _tensors(*validation)
        epochs = self.training.epochs if epochs is None else epochs
        patience = self.training.stops_after()
        history, best = History(), (float("inf"), self.model.get_weights())
        for number in range(1, epochs + 1):
            history.loss.append(float(self._epoch(*rows, batch, tf.constant([seed, number]))))
            losses = {"loss": history.loss[-1]}
            if held_out is None:
                history.best_epoch = number
            else:
                history.val_loss.append(self._mean_loss(*held_out))
                losses["val_loss"] = history.val_loss[-1]
                if history.val_loss[-1] < best[0]:
                    best = (history.val_loss[-1], self.model.get_weights())
                    history.best_epoch = number
            if listener is not None:
                listener(number, epochs, losses)
            if not np.isfinite(history.loss[-1]):
                break
            if held_out is not None and patience and number - history.best_epoch >= patience:
                break
        if held_out is not None:
            self.model.set_weights(best[1])
        return history

    def _mean_loss(self, x: Any, y: Any, weights: Any) -> float:
        """Return the mean loss of held-out rows, some thousand of them at a time."""
        rows, total = len(y), 0.0
        for start in range(0, rows, ANSWERED_AT_ONCE):
            part = slice(start, start + ANSWERED_AT_ONCE)
            some = x if rows <= ANSWERED_AT_ONCE else {n: v[part] for n, v in x.items()}
            total += float(self._evaluate(some, y[part], weights[part]))
        return total / float(weights.numpy().sum())

    def predict(self, x: Tensors) -> Array:
        """Return float32 outputs (rows, outputs) for prepared rows (rows, …)."""
        return answers(self._predict, x)

    def _reset(self) -> None:
        for variable, value in zip(self._variables, self._initial, strict=True):
            variable.assign(value)


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


def a_row(losses: Any) -> Any:
    """Return one loss a row (rows,) of losses (rows, …): a mask has one a pixel."""
    import tensorflow as tf

    return losses if losses.shape.rank == 1 else tf.reduce_mean(losses, range(1, losses.shape.rank))


def _tensors(x: Tensors, y: Array, weights: Array | None = None) -> tuple[Any, ...]:
    import tensorflow as tf

    held = {name: tf.constant(values) for name, values in x.items()}
    return held, tf.constant(y), tf.constant(_or_ones(weights, len(y)))


def _or_ones(weights: Array | None, rows: int) -> Array:
    return np.ones(rows, dtype=np.float32) if weights is None else weights


def _compile(
    model: keras.Model,
    loss: Any,
    optimizer: Any,
    target: tuple[int, ...],
    order_of: Callable[[Any, Any], Any],
) -> tuple[Any, Any, Any]:
    """Return graphs for one epoch, for the mean loss, and for outputs."""
    import tensorflow as tf

    x_spec = {
        name: tf.TensorSpec(tensor.shape, tensor.dtype) for name, tensor in model.input.items()
    }
    y_spec = tf.TensorSpec((None, *target), tf.float32)
    w_spec = tf.TensorSpec((None,), tf.float32)
    scalar, pair = tf.TensorSpec((), tf.int32), tf.TensorSpec((2,), tf.int32)
    weights = model.trainable_variables

    # AutoGraph turns the loop over the batches into a graph. All else is one already: converting
    # the source of Keras would only take time, and Keras itself leaves it out.
    @tf.autograph.experimental.do_not_convert
    def step(x: Any, y: Any, w: Any) -> Any:
        with tf.GradientTape() as tape:
            value = tf.reduce_mean(a_row(loss(y, model(x, training=True))) * w)
            if model.losses:
                value += tf.add_n(model.losses)
        optimizer.apply(tape.gradient(value, weights), weights)
        return value

    ordered = tf.autograph.experimental.do_not_convert(order_of)

    @tf.function(input_signature=[x_spec, y_spec, w_spec, scalar, pair])
    def epoch(x: Any, y: Any, w: Any, batch: Any, seed: Any) -> Any:
        rows = tf.shape(y)[0]
        order = ordered(y, seed)
        total = 0.0
        for start in tf.range(0, rows, batch):
            chosen = order[start : start + batch]
            part = {name: tf.gather(values, chosen) for name, values in x.items()}
            value = step(part, tf.gather(y, chosen), tf.gather(w, chosen))
            total += value * tf.cast(tf.size(chosen), tf.float32)
        return total / tf.cast(rows, tf.float32)

    @tf.function(input_signature=[x_spec, y_spec, w_spec], autograph=False)
    def evaluate(x: Any, y: Any, w: Any) -> Any:
        return tf.reduce_sum(a_row(loss(y, model(x, training=False))) * w)

    @tf.function(input_signature=[x_spec], autograph=False)
    def predict(x: Any) -> Any:
        return model(x, training=False)

    return epoch, evaluate, predict
