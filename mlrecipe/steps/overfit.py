"""Step 7: enlarges the model until it overfits, to find the border."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np

from mlrecipe.evaluation.answers import Answers
from mlrecipe.evaluation.ladder import (
    border,
    overfits,
    statement,
    still_falls,
    turned,
    why_uncrossed,
)
from mlrecipe.evaluation.scores import within_a_standard_error
from mlrecipe.evaluation.validation import Validation
from mlrecipe.files import write_json
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
    rungs: list[dict[str, Any]] = []
    answers: list[Answers] = []
    for configuration in _growing(recipe, rungs):
        result = development.look(configuration)  # known already where a kill came in between
        rungs.append(_rung(development, configuration, result))
        answers.append(result.answers)
        if rungs[-1]["overfits"]:
            break
    primary = development.primary
    sign = 1 if primary.greater_is_better else -1
    means = [sign * rung["scores"][primary.name]["mean"] for rung in rungs]
    best = means.index(max(means))
    taken = _simplest(development, answers, best) if recipe.workflow.simplest else best
    found = border(rungs)
    text = statement(rungs, found, primary.name)
    if found is None:
        text = _tell_uncrossed(context, development, rungs, text)
    if taken != best:
        smaller, larger = (rungs[number]["parameters"] for number in (taken, best))
        why = f"the best one, of {larger} parameters, is better by less than a standard error"
        text += f" The rung of {smaller} parameters is taken: {why}."
        context.run.event("choice", group="workflow", name=f"rung {taken}", reason=why)
    write_json(
        context.folder / "ladder.json",
        {
            "rungs": rungs,
            "border": found,
            "best_rung": best,
            "taken_rung": taken,
            "statement": text,
        },
    )


def _simplest(development: Development, answers: list[Answers], best: int) -> int:
    """Return the first rung that is within a standard error of the best one."""
    behind = (development.compare(answers[best], other) for other in answers[:best])
    near = (number for number, item in enumerate(behind) if within_a_standard_error(item))
    return next(near, best)


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


def _rung(development: Development, recipe: Recipe, result: Validation) -> dict[str, Any]:
    """Return what there is to say of a rung."""
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
