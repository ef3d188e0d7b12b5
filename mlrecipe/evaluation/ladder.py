"""The capacity ladder: larger and larger models, until one overfits (book, 6.2.4).

A rung is plain data: ``parameters``, ``scores``, ``best_epochs`` (a fold), ``turned`` (a fold),
``overfits``, ``epochs`` (the most that a fit may take; None where an algorithm of its own fits),
``curves``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

RISE = 0.02
"""A validation loss this share above its lowest has turned; less is noise of the batches' order."""

END = 0.1
"""Share of the epochs that counts as the end of a fit."""

EASY = 0.99
"""Share of the way from a constant answer to a perfect one from which on data is too easy."""


def turned(loss: Sequence[float], val_loss: Sequence[float]) -> bool:
    """Return whether validation got worse while training still got better.

    It did when the mean of its last three losses lies clearly above the lowest, and training's last
    loss below that of the same epoch.
    """
    if not val_loss:  # fitted in one go
        return False
    lowest = int(np.argmin(val_loss))
    late = val_loss[lowest + 1 :][-3:]
    worse = bool(late) and float(np.mean(late)) > val_loss[lowest] * (1 + RISE)
    return worse and (len(loss) <= lowest or loss[-1] < loss[lowest])


def overfits(folds: Sequence[bool]) -> bool:
    """Return whether validation turned in most folds."""
    return sum(folds) * 2 > len(folds)


def still_falls(rung: Mapping[str, Any]) -> bool:
    """Return whether most folds were at their best when the epochs ended: a longer fit may turn."""
    most = rung["epochs"]
    fits = [losses for losses in rung["curves"]["val_loss"] if losses]
    if most is None or not fits:
        return False
    ended = [len(f) >= most and int(np.argmin(f)) >= (1 - END) * len(f) - 1 for f in fits]
    return sum(ended) * 2 > len(ended)


def border(rungs: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Return where underfitting ends: the first rung that overfits, and the epoch it turns at.

    The epoch is the median of the folds that turned, with the earliest and the latest of them; how
    many did says how sure the rung is.
    """
    for number, rung in enumerate(rungs):
        if rung["overfits"]:
            epochs = [e for e, yes in zip(rung["best_epochs"], rung["turned"], strict=True) if yes]
            return {
                "rung": number,
                "epoch": round(float(np.median(epochs))),
                "earliest": min(epochs),
                "latest": max(epochs),
                "folds": len(epochs),
                "of": len(rung["turned"]),
            }
    return None


def statement(
    rungs: Sequence[Mapping[str, Any]], found: Mapping[str, Any] | None, primary: str
) -> str:
    """Return what the ladder says, in a sentence."""
    if found is None:
        last = rungs[-1]
        return f"No model up to {last['parameters']} parameters overfits."
    rung = rungs[found["rung"]]
    score = rung["scores"][primary]["mean"]
    spread = f"{found['earliest']} to {found['latest']} across folds"
    below = sum(rungs[found["rung"] - 1]["turned"]) if found["rung"] else None
    less = "" if below is None else f", of the next smaller one in {below}"
    return (
        f"The border lies at {rung['parameters']} parameters, around epoch {found['epoch']} "
        f"({spread}); {primary} there is {score:.4g}. Validation turned in {found['folds']} of "
        f"{found['of']} folds{less}."
    )


def why_uncrossed(rungs: Sequence[Mapping[str, Any]], solved: float, most: int) -> tuple[str, str]:
    """Return why no rung overfits, and what to do about it.

    Args:
        solved: share of the way from a constant answer to a perfect one that validation reached;
            NaN: nobody knows.
        most: number of rungs that were allowed.
    """
    last = rungs[-1]
    if solved >= EASY:
        return (
            "The data is too easy for that: validation comes within a hundredth of a perfect score",
            "Take the smallest rung that reaches it. See that no input gives the answer away.",
        )
    if still_falls(last):
        return (
            f"The budget is too small for that: validation still got better when the fit ended "
            f"after {last['epochs']} epochs",
            f"training.epochs={4 * last['epochs']}",
        )
    if not any(last["curves"]["val_loss"]):
        return (
            "The model is fitted in one go, so that there are no epochs to turn at",
            "architecture=dense climbs further.",
        )
    if len(rungs) >= most:
        return (
            f"The ladder ended at {most} rung{'' if most == 1 else 's'}, and the best capacity "
            "may lie higher",
            f"workflow.rungs={most + 2}, or fewer fixed sizes in architecture.",
        )
    return (
        "This architecture has no larger size, as the recipe sets it",
        "Leave its sizes open, or choose a larger one.",
    )
