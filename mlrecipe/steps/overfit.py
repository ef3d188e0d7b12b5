"""Step 7: enlarges the model until it overfits, to find the border."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import Any

from mlrecipe.evaluation.ladder import border, overfits, statement
from mlrecipe.files import read_json, write_json
from mlrecipe.steps.context import StepContext
from mlrecipe.steps.development import Development


def run(context: StepContext) -> None:
    """Write ``ladder.json``; a rung that was climbed before a kill is not climbed again."""
    recipe = context.recipe
    development = Development.of(context)
    context.work.mkdir(parents=True, exist_ok=True)
    rungs: list[dict[str, Any]] = []
    for number, size in enumerate(islice(recipe.architecture.sizes(), recipe.workflow.rungs)):
        kept = context.work / f"rung_{number}.json"
        if not kept.exists():
            result = development.look(replace(recipe, architecture=size))
            rung = {
                "architecture": size.mapping(),
                "parameters": result.parameters,
                "scores": development.scores(result.answers),
                "best_epochs": result.best_epochs,
                "overfits": overfits(result.val_loss),
                "curves": result.curves(),
            }
            write_json(kept, rung)
        rungs.append(read_json(kept))
        if rungs[-1]["overfits"]:
            break
    primary = development.primary
    sign = 1 if primary.greater_is_better else -1
    means = [sign * rung["scores"][primary.name]["mean"] for rung in rungs]
    found = border(rungs)
    text = statement(rungs, found, primary.name)
    if found is None:
        context.find(
            "no-overfitting",
            "advice",
            text,
            evidence={"parameters": rungs[-1]["parameters"]},
            advice="Climb higher or train longer: workflow.rungs, architecture.units, "
            "training.epochs.",
            section="6.2.4",
        )
    write_json(
        context.folder / "ladder.json",
        {
            "rungs": rungs,
            "border": found,
            "best_rung": means.index(max(means)),
            "statement": text,
        },
    )
