"""Step 5: scores the simple answers that a model has to beat."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlrecipe.errors import MlrecipeError
from mlrecipe.evaluation.answers import Answers, load_answers, save_answers
from mlrecipe.files import read_json, write_json
from mlrecipe.interfaces import Baseline
from mlrecipe.steps.context import StepContext
from mlrecipe.steps.development import Development


def run(context: StepContext) -> None:
    """Write ``baselines.json`` and the out-of-fold outputs of every baseline."""
    recipe = context.recipe
    development = Development.of(context)
    outputs = _all_outputs(context, development)
    save_answers(context.folder / "outputs.npz", outputs)
    rows = [
        {
            "name": item.name,
            "trivial": item.trivial,
            "scores": development.scores(outputs[item.name]),
        }
        for item in recipe.baseline
        if item.name in outputs
    ]
    primary = development.primary
    sign = 1 if primary.greater_is_better else -1

    def best(candidates: list[dict[str, Any]]) -> str:
        ranked = max(candidates, key=lambda row: sign * row["scores"][primary.name]["mean"])
        return str(ranked["name"])

    write_json(
        context.folder / "baselines.json",
        {
            "primary": primary.name,
            "greater_is_better": primary.greater_is_better,
            "best_trivial": best([row for row in rows if row["trivial"]] or rows),
            "best": best(rows),
            "baselines": rows,
        },
    )


def against_baselines(development: Development, answers: Answers) -> dict[str, dict[str, Any]]:
    """Compare a model with every baseline, on the same rows of the same folds.

    Args:
        development: the rows.
        answers: the model's, fold by fold.

    Returns:
        Baseline -> what `Development.compare` says.
    """
    context = development.context
    rows = read_json(context.artifact("baseline", "baselines.json"))["baselines"]
    stored = load_answers(context.artifact("baseline", "outputs.npz"))
    return {row["name"]: development.compare(answers, stored[row["name"]]) for row in rows}


def _all_outputs(context: StepContext, development: Development) -> dict[str, Answers]:
    """Return the answers of every baseline; one that fails is left out, with a finding.

    Raises:
        MlrecipeError: when none is left.
    """
    found: dict[str, Answers] = {}
    why = ""
    for baseline in context.recipe.baseline:
        try:
            found[baseline.name] = _outputs(baseline, development)
        except MlrecipeError:
            raise  # the recipe, or the data, has to be mended
        except Exception as error:  # solvers and plugins fail in many ways; the others are there
            why = f"{type(error).__name__}: {error}".partition("\n")[0].rstrip(".")
            context.find(
                "baseline-failed",
                "warning",
                f"The baseline {baseline.name!r} failed and is left out: {why}.",
                evidence={"baseline": baseline.name, "error": why},
                advice="Models are held against the others alone. Leave it out of baseline=[…], or "
                "report the error to whoever wrote it.",
                section="6.2.3",
            )
    if not found:
        raise MlrecipeError(
            f"no baseline is left to hold a model against; the last one failed with {why}",
            where="baseline",
            expected="at least one",
            fix="baseline=[auto]",
        )
    return found


def _outputs(baseline: Baseline, development: Development) -> Answers:
    folds = development.folds(development.context.recipe.preprocessing)
    answers = [baseline.predict(fold.training, fold.validation.inputs()) for fold in folds]
    if not all(np.isfinite(answer).all() for answer in answers):
        raise ValueError("it answers with what is no number")
    return answers
