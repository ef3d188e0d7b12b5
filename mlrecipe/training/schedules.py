"""How the learning rate goes on while training."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mlrecipe.interfaces import Array, Progress

LAST = 0.01
"""Of the learning rate that is left at the end of an exponential schedule."""

RISING = 0.3
"""Share of the epochs in which one_cycle rises (Smith and Topin, 2018)."""

WAITED, CUT = 5, 0.5
"""Epochs without a better validation loss after which plateau cuts the rate, and to what part."""


def rates(schedule: str, rate: float, warmup: float, progress: Progress) -> Array:
    """Return the learning rate of every step of the next epoch, float32 (steps,).

    Args:
        schedule: constant, cosine, exponential, one_cycle or plateau.
        rate: the highest rate.
        warmup: epochs in which it rises from 0 in a straight line.
        progress: where training stands.
    """
    epoch = progress.epoch + np.arange(progress.steps) / progress.steps
    part = np.minimum(epoch / progress.epochs, 1.0)
    factor = np.ones(progress.steps)
    if schedule == "cosine":  # Loshchilov and Hutter (2017), one cycle
        factor = (1 + np.cos(np.pi * part)) / 2
    elif schedule == "exponential":
        factor = LAST**part
    elif schedule == "one_cycle":
        rising, falling = part / RISING, (1 - part) / (1 - RISING)
        factor = np.maximum(np.minimum(rising, falling), 1 / (progress.steps * progress.epochs))
    elif schedule == "plateau":
        factor = np.full(progress.steps, CUT ** cuts(progress.val_loss))
    if warmup:
        factor = factor * np.minimum((epoch + 1 / progress.steps) / warmup, 1.0)
    return (rate * factor).astype(np.float32)


def cuts(losses: Sequence[float]) -> int:
    """Return how often a validation loss an epoch stood still for `WAITED` epochs."""
    best, waited, count = float("inf"), 0, 0
    for loss in losses:
        waited = 0 if loss < best else waited + 1
        best = min(best, loss)
        if waited == WAITED:
            count, waited = count + 1, 0
    return count
