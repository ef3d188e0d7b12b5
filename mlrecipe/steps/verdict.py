"""Whether to use the model at all: against what is done today, and against its makers' answer."""

from __future__ import annotations

from typing import Any

from mlrecipe.evaluation.answers import Answers, load_answers
from mlrecipe.steps.context import StepContext
from mlrecipe.steps.development import Development

EXISTING = "existing"
"""Name of the baseline that answers as is done today."""


def existing_in_words(comparison: dict[str, Any], metric: str, model: str) -> str:
    """Return a paired comparison with the existing solution as a sentence."""
    if comparison["better"]:
        how = "better than"
    elif comparison["high"] < 0:
        how = "worse than"
    else:
        how = "not clearly better than"
    difference = comparison["difference"]
    return (
        f"{model} is {how} what is done today: its {metric} is "
        f"{'better' if difference >= 0 else 'worse'} by {abs(difference):.4g} "
        f"({comparison['confidence']:.0%} interval of its lead {comparison['low']:.4g} to "
        f"{comparison['high']:.4g})."
    )


def against_existing(context: StepContext, tuned: Answers) -> dict[str, Any] | None:
    """Compare the tuned model with what is done today on validation rows, row by row.

    A model that is not better is a blocker, so that nothing is shipped without a reason.

    Args:
        context: the step; it gets the finding.
        tuned: the tuned model's answers, fold by fold.
    """
    existing = load_answers(context.artifact("baseline", "outputs.npz")).get(EXISTING)
    if existing is None:
        return None
    development = Development.of(context)
    primary = development.primary.name
    comparison = development.compare(tuned, existing)
    statement = existing_in_words(comparison, primary, "The tuned model")
    if not comparison["better"]:
        context.find(
            "keep-what-you-have",
            "blocker",
            f"Keep what you have. {statement}",
            evidence=comparison,
            advice="Machine learning is not the answer here, or not yet: collect more or better "
            "data, and compare again. Or say what else the model is worth.",
            section="6.1.1",
        )
    return {**comparison, "statement": statement, "keep": not comparison["better"]}


def hold_what_must_not_be_used(context: StepContext) -> None:
    """Hold the run before anything is shipped that its makers say must not be used."""
    if context.recipe.problem.ethics.verdict != "must_not_be_used":
        return
    harm = context.recipe.problem.ethics.harm
    context.find(
        "must-not-be-used",
        "blocker",
        "The recipe's own verdict is that this model must not be put to use."
        + (f" A wrong answer does this: {harm}" if harm else ""),
        advice="Stop here; report and card say so, too.",
        section="6",
    )
