"""Step 7: enlarges the model until it overfits, to find the border."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np

from mlrecipe.evaluation.ladder import (
    border,
    overfits,
    statement,
    still_falls,
    turned,
    why_uncrossed,
)
from mlrecipe.files import read_json, write_json
from mlrecipe.interfaces import Estimator
from mlrecipe.recipe import Recipe
from mlrecipe.steps.context import StepContext
from mlrecipe.steps.development import Development

MOST_DOUBLINGS = 2
"""How often the largest model may train twice as long, when its epochs end before it turns."""


def run(context: StepContext) -> None:
    """Write ``ladder.json``; a rung that was climbed before a kill is not climbed again."""
    recipe = context.recipe
    development = Development.of(context)
    context.work.mkdir(parents=True, exist_ok=True)
    rungs: list[dict[str, Any]] = []
    for number, configuration in enumerate(_growing(recipe, rungs)):
        kept = context.work / f"rung_{number}.json"
        if not kept.exists():
            write_json(kept, _climb(development, configuration))
        rungs.append(read_json(kept))
        if rungs[-1]["overfits"]:
            break
    primary = development.primary
    sign = 1 if primary.greater_is_better else -1
    means = [sign * rung["scores"][primary.name]["mean"] for rung in rungs]
    found = border(rungs)
    text = statement(rungs, found, primary.name)
    if found is None:
        text = _tell_uncrossed(context, development, rungs, text)
    write_json(
        context.folder / "ladder.json",
        {
            "rungs": rungs,
            "border": found,
            "best_rung": means.index(max(means)),
            "statement": text,
        },
    )


def _growing(recipe: Recipe, rungs: list[dict[str, Any]]) -> Iterator[Recipe]:
    """Yield the recipe with larger and larger models, then the largest one trained longer.

    Args:
        rungs: those climbed so far; the caller adds to them.
    """
    for size in islice(recipe.architecture.sizes(), recipe.workflow.rungs):
        recipe = replace(recipe, architecture=size)
        yield recipe
    for _ in range(MOST_DOUBLINGS):
        longer = recipe.training.longer()
        if longer is None or not still_falls(rungs[-1]):
            return
        recipe = replace(recipe, training=longer)
        yield recipe


def _climb(development: Development, recipe: Recipe) -> dict[str, Any]:
    """Validate one rung, and return what there is to say of it."""
    result = development.look(recipe)
    folds = [
        turned(loss, val_loss) for loss, val_loss in zip(result.loss, result.val_loss, strict=True)
    ]
    own_way = isinstance(recipe.architecture, Estimator)
    return {
        "architecture": recipe.architecture.mapping(),
        "training": recipe.training.mapping(),
        "epochs": None if own_way else recipe.training.epochs,
        "parameters": result.parameters,
        "scores": development.scores(result.answers),
        "best_epochs": result.best_epochs,
        "turned": folds,
        "overfits": overfits(folds),
        "curves": result.curves(),
    }


def _tell_uncrossed(
    context: StepContext, development: Development, rungs: list[dict[str, Any]], text: str
) -> str:
    """Say why the border was not crossed; return the statement with the reason."""
    primary = development.primary
    best = max(rung["scores"][primary.name]["mean"] for rung in rungs)
    if not primary.greater_is_better:
        best = min(rung["scores"][primary.name]["mean"] for rung in rungs)
    solved = _solved(development, best)
    why, advice = why_uncrossed(rungs, solved, context.recipe.workflow.rungs)
    context.find(
        "no-overfitting",
        "advice",
        f"{text} {why}.",
        evidence={
            "parameters": rungs[-1]["parameters"],
            "epochs": rungs[-1]["epochs"],
            "solved": None if np.isnan(solved) else solved,
        },
        advice=advice,
        section="6.2.4",
    )
    return f"{text} {why}."


def _solved(development: Development, score: float) -> float:
    """Return how much of the way from a constant answer to a perfect one a score is; NaN: unknown.

    The constant is the mean of the targets: shares of classes, or the mean number.
    """
    if not development.context.recipe.task.simple:
        return float("nan")
    y, weights = development.y, development.weights
    constant = np.broadcast_to(np.average(y, axis=0, weights=weights), y.shape).astype(np.float32)
    low, high = (development.primary.score(y, o, weights) for o in (constant, y))
    return (score - low) / (high - low) if high != low else float("nan")
