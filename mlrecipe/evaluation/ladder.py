"""The capacity ladder: larger and larger models, until one overfits (book, 6.2.4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

RISE = 0.02
"""A validation loss this share above its lowest has turned; less is noise of the batches' order."""


def overfits(val_loss: Sequence[Sequence[float]]) -> bool:
    """Return whether validation got worse while training went on, in most folds.

    Args:
        val_loss: a validation loss an epoch, for each fold.
    """
    return sum(map(_turned, val_loss)) * 2 > len(val_loss)


def _turned(losses: Sequence[float]) -> bool:
    """Return whether the mean of the last three losses lies clearly above the lowest."""
    if not losses:  # fitted in one go
        return False
    lowest = int(np.argmin(losses))
    late = losses[lowest + 1 :][-3:]
    return bool(late) and float(np.mean(late)) > losses[lowest] * (1 + RISE)


def border(rungs: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """Return where underfitting ends: the first rung that overfits, and the epoch it turns at."""
    for number, rung in enumerate(rungs):
        if rung["overfits"]:
            epochs = rung["best_epochs"]
            return {
                "rung": number,
                "epoch": round(float(np.median(epochs))),
                "earliest": min(epochs),
                "latest": max(epochs),
            }
    return None


def statement(rungs: Sequence[dict[str, Any]], found: dict[str, Any] | None, primary: str) -> str:
    """Return what the ladder says, in a sentence."""
    if found is None:
        last = rungs[-1]
        return (
            f"No model up to {last['parameters']} parameters overfits within its epochs: "
            "the best capacity may lie higher."
        )
    rung = rungs[found["rung"]]
    score = rung["scores"][primary]["mean"]
    return (
        f"The border lies at {rung['parameters']} parameters, around epoch {found['epoch']} "
        f"({found['earliest']} to {found['latest']} across folds); {primary} there is {score:.4g}."
    )
