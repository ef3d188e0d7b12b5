"""Keras optimizers by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras

NOT_DECAYED = ("bias", "scale", "gamma", "beta")
"""Parts of the names of weights that decay leaves alone: pulling them to 0 regularizes nothing."""


def optimizer(
    algorithm: str, learning_rate: float, *, weight_decay: float, clip_norm: float | None
) -> keras.optimizers.Optimizer:
    """Return a fresh Keras optimizer.

    Args:
        algorithm: adam, adamw, nadam, rmsprop, sgd, nesterov or lion.
        learning_rate: size of the steps; schedules change it.
        weight_decay: decoupled from the gradient (Loshchilov and Hutter, 2019), whichever the
            algorithm; 0: none.
        clip_norm: largest norm of all gradients together; None: no limit.
    """
    import keras

    settings: dict[str, Any] = {
        "weight_decay": weight_decay or None,
        "global_clipnorm": clip_norm,
    }
    if algorithm in ("sgd", "nesterov"):
        settings |= {"momentum": 0.9, "nesterov": algorithm == "nesterov"}
    kinds = {
        "adam": keras.optimizers.Adam,
        "adamw": keras.optimizers.Adam,  # Keras decouples the decay of Adam, too
        "nadam": keras.optimizers.Nadam,
        "rmsprop": keras.optimizers.RMSprop,
        "sgd": keras.optimizers.SGD,
        "nesterov": keras.optimizers.SGD,
        "lion": keras.optimizers.Lion,
    }
    found = kinds[algorithm](learning_rate, **settings)
    if weight_decay:
        found.exclude_from_weight_decay(var_names=list(NOT_DECAYED))
    return found
