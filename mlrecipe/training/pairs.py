"""Losses of all pairs of a batch, and batches in which pairs of one thing meet."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras

FAR = 1e9
"""Stands for minus infinity where an infinity would make gradients NaN."""

LEAST = 1e-6
"""Added below square roots: their slope at 0 is infinite."""


def of_embeddings(loss: Callable[[Any, Any], Any], name: str) -> keras.losses.Loss:
    """Return a Keras loss, a value a row, of things (batch,) and embeddings (batch, n)."""
    import keras

    class OfEmbeddings(keras.losses.Loss):  # type: ignore[misc]
        """Looks at all rows of a batch together."""

        def call(self, y_true: Any, y_pred: Any) -> Any:
            return loss(y_true[:, 0], y_pred)

    return OfEmbeddings(name=name, reduction="none")


def supervised_contrastive(things: Any, embeddings: Any, temperature: float) -> Any:
    """Return the loss of every row (batch,): Khosla et al. (2020), equation 2.

    Minus the mean, over the other rows of its thing, of the logarithm of their share among all
    other rows, by the exponentials of cosines over the temperature. 0 for a row that is alone.

    Args:
        things: number of the thing of each row (batch,).
        embeddings: of length 1 (batch, n).
    """
    from keras import ops

    same, other = _pairs(things)
    logits = ops.matmul(embeddings, ops.transpose(embeddings)) / temperature
    logits = ops.where(other, logits, -FAR)  # a row is not compared with itself
    shares = logits - ops.logsumexp(logits, axis=1, keepdims=True)
    positives = ops.cast(same, "float32")
    counts = ops.sum(positives, axis=1)
    return -ops.sum(positives * ops.where(same, shares, 0.0), axis=1) / ops.maximum(counts, 1.0)


def triplet(things: Any, embeddings: Any, margin: float | None, mining: str) -> Any:
    """Return the loss of every row (batch,): Schroff et al. (2015), Hermans et al. (2017).

    The Euclidean distance to a row of its thing should be less than that to a row of another, by
    the margin; without one, log(1 + exp(difference)), the soft margin. 0 for a row that is alone,
    or has no others to be told from.

    Args:
        things: number of the thing of each row (batch,).
        embeddings: of length 1 (batch, n).
        margin: a distance; at most 2 lie between two rows.
        mining: "semi_hard": each row of the thing against the nearest of another thing that is
            farther than it, or the farthest where none is; the mean over the thing's rows.
            "hard": the farthest of the thing against the nearest of all others.
    """
    from keras import ops

    same, other = _pairs(things)
    cosines = ops.matmul(embeddings, ops.transpose(embeddings))
    distances = ops.sqrt(ops.maximum(2 - 2 * cosines, 0.0) + LEAST)
    different = ops.logical_and(other, ops.logical_not(same))
    if mining == "hard":
        farthest = ops.max(ops.where(same, distances, -FAR), axis=1)
        nearest = ops.min(ops.where(different, distances, FAR), axis=1)
        counts = ops.logical_and(ops.any(same, axis=1), ops.any(different, axis=1))
        return ops.where(counts, _short(ops.where(counts, farthest - nearest, 0.0), margin), 0.0)
    # (row, row of its thing, row of another): which of the last is told from the second.
    beyond = ops.logical_and(different[:, None, :], distances[:, None, :] > distances[:, :, None])
    nearest = ops.min(ops.where(beyond, distances[:, None, :], FAR), axis=2)
    last = ops.max(ops.where(different, distances, -FAR), axis=1, keepdims=True)
    against = ops.where(ops.any(beyond, axis=2), nearest, last)
    counted = ops.logical_and(same, ops.any(different, axis=1, keepdims=True))
    losses = ops.where(counted, _short(ops.where(counted, distances - against, 0.0), margin), 0.0)
    pairs = ops.sum(ops.cast(counted, "float32"), axis=1)
    return ops.sum(losses, axis=1) / ops.maximum(pairs, 1.0)


def _short(gap: Any, margin: float | None) -> Any:
    """Return by how much a distance is too large, for its lead over another."""
    from keras import ops

    return ops.softplus(gap) if margin is None else ops.relu(gap + margin)


def _pairs(things: Any) -> tuple[Any, Any]:
    """Return which pairs are of one thing, and which are of two rows, both bool (batch, batch)."""
    from keras import ops

    things = ops.reshape(things, (-1,))
    number = ops.arange(ops.shape(things)[0])
    other = ops.not_equal(number[:, None], number[None])
    return ops.logical_and(ops.equal(things[:, None], things[None]), other), other


def in_pieces(things: Any, together: int, seed: Any) -> Any:
    """Return an order of the rows, int32 (rows,): pieces of one thing, by chance.

    Rows of each thing are shuffled and cut into pieces of ``together`` rows, the last one shorter;
    the pieces come in random order.

    Args:
        things: number of the thing that each row shows (rows,), a tensor.
        together: rows a piece.
        seed: int32 (2,), a tensor.
    """
    import tensorflow as tf

    rows = tf.range(tf.shape(things)[0])
    shuffled = tf.random.experimental.stateless_shuffle(rows, seed)
    by_thing = tf.gather(shuffled, tf.argsort(tf.gather(things, shuffled), stable=True))
    sorted_things = tf.gather(things, by_thing)
    first = tf.searchsorted(sorted_things, sorted_things, side="left")
    begins = tf.cast((rows - first) % together == 0, tf.int32)
    piece = tf.cumsum(begins) - 1
    places = tf.random.experimental.stateless_shuffle(rows, seed + 1)
    return tf.gather(by_thing, tf.argsort(tf.gather(places, piece), stable=True))
