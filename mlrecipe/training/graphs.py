"""The compiled graphs of one Keras model: an epoch of training, its loss, its answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras

    from mlrecipe.interfaces import Array


class Graphs:
    """An epoch as one graph, and what it leaves behind.

    Args:
        model: a mapping of tensors to (batch, …).
        loss: the Keras loss, one value a row.
        optimizer: built for the model.
        target: shape of one row's encoded target.
        order: gives the order in which an epoch sees the rows; see `Objective.order`.
        averaged: whether running averages of the weights are kept.

    Attributes:
        averages: tf.Variables with the average of each trained weight; empty where none are kept.
        evaluate: maps rows, targets and weights to the sum of their losses.
        predict: maps rows to outputs.
    """

    def __init__(
        self,
        model: keras.Model,
        loss: Any,
        optimizer: Any,
        target: tuple[int, ...],
        order: Callable[[Any, Any], Any],
        *,
        averaged: bool,
    ) -> None:
        import tensorflow as tf

        self._weights = model.trainable_variables
        self.averages = [tf.Variable(w.value) for w in self._weights] if averaged else []
        x_spec = {
            name: tf.TensorSpec(tensor.shape, tensor.dtype) for name, tensor in model.input.items()
        }
        y_spec, w_spec = tf.TensorSpec((None, *target), tf.float32), tf.TensorSpec((None,))
        step = self._step(model, loss, optimizer)
        scalar, pair = tf.TensorSpec((), tf.int32), tf.TensorSpec((2,), tf.int32)
        share = tf.TensorSpec(())
        ordered = tf.autograph.experimental.do_not_convert(order)

        # AutoGraph turns the loop over the batches into a graph. All else is one already:
        # converting the source of Keras would only take time, and Keras itself leaves it out.
        @tf.function(input_signature=[x_spec, y_spec, w_spec, scalar, pair, w_spec, share])
        def epoch(x: Any, y: Any, w: Any, batch: Any, seed: Any, rates: Any, stays: Any) -> Any:
            rows = tf.shape(y)[0]
            ranks = ordered(y, seed)
            total = 0.0
            for start in tf.range(0, rows, batch):
                chosen = ranks[start : start + batch]
                part = {name: tf.gather(values, chosen) for name, values in x.items()}
                rate = rates[start // batch]
                value = step(part, tf.gather(y, chosen), tf.gather(w, chosen), rate, stays)
                total += value * tf.cast(tf.size(chosen), tf.float32)
            return total / tf.cast(rows, tf.float32)

        @tf.function(input_signature=[x_spec, y_spec, w_spec], autograph=False)
        def evaluate(x: Any, y: Any, w: Any) -> Any:
            return tf.reduce_sum(a_row(loss(y, model(x, training=False))) * w)

        @tf.function(input_signature=[x_spec], autograph=False)
        def predict(x: Any) -> Any:
            return model(x, training=False)

        @tf.function(autograph=False)
        def exchange() -> None:
            for weight, average in zip(self._weights, self.averages, strict=True):
                now = tf.identity(weight.value)
                weight.assign(average)
                average.assign(now)

        self._epoch, self._exchange = epoch, exchange
        self.evaluate, self.predict = evaluate, predict

    def _step(self, model: keras.Model, loss: Any, optimizer: Any) -> Any:
        """Return what trains on one batch and returns its loss."""
        import tensorflow as tf

        @tf.autograph.experimental.do_not_convert
        def step(x: Any, y: Any, w: Any, rate: Any, stays: Any) -> Any:
            with tf.GradientTape() as tape:
                outputs = model(x, training=True)
                value = tf.reduce_mean(a_row(loss(for_members(y, outputs), outputs)) * w)
                if model.losses:
                    value += tf.add_n(model.losses)
            optimizer.learning_rate.assign(rate)
            apply(optimizer, tape.gradient(value, self._weights), self._weights)
            # The first steps count less than they would in a running average that starts at 0.
            done = tf.cast(optimizer.iterations, tf.float32)
            stays = tf.minimum(stays, (1 + done) / (10 + done))
            for weight, average in zip(self._weights, self.averages, strict=bool(self.averages)):
                average.assign(stays * average + (1 - stays) * weight.value)
            return value

        return step

    def train(self, rows: Any, batch: int, order: Any, rates: Array, stays: float) -> float:
        """Train an epoch; return its mean loss.

        Args:
            rows: inputs, targets and weights, as tensors.
            batch: rows a step.
            order: int32 (2,), the seed of the rows' order.
            rates: learning rate of each step.
            stays: the part of the average that stays at every step.
        """
        import tensorflow as tf

        held = tf.constant(batch), order, tf.constant(rates), tf.constant(stays, tf.float32)
        return float(self._epoch(*rows, *held))

    def start_averages(self) -> None:
        """Let the averages begin at the weights as they are."""
        for weight, average in zip(self._weights, self.averages, strict=bool(self.averages)):
            average.assign(weight.value)

    def exchange(self) -> None:
        """Exchange the weights and their averages, where there are any."""
        if self.averages:
            self._exchange()


def apply(optimizer: Any, gradients: Sequence[Any], weights: Sequence[Any]) -> None:
    """Update weights by their gradients, as ``optimizer.apply`` does.

    It would first sum the gradients over devices, of which there is one here, and for that register
    a function in TensorFlow, which keeps the whole graph until the process ends (4 MB a fit). Where
    devices are merged already, it does not.
    """
    import tensorflow as tf

    def update(_: Any, merged: Sequence[Any]) -> None:
        optimizer.apply(merged, weights)

    tf.distribute.get_replica_context().merge_call(update, args=(gradients,))


def a_row(losses: Any) -> Any:
    """Return one loss a row (rows,) of losses (rows, …): a mask has one a pixel."""
    import tensorflow as tf

    return losses if losses.shape.rank == 1 else tf.reduce_mean(losses, range(1, losses.shape.rank))


def for_members(y: Any, outputs: Any) -> Any:
    """Return targets (rows, units) for outputs (rows, members, units) of an ensemble in training.

    Each member is held against the same target; other outputs have their targets already.
    """
    import tensorflow as tf

    if outputs.shape.rank != y.shape.rank + 1:
        return y
    return tf.repeat(y[:, tf.newaxis], outputs.shape[1], axis=1)
