"""Step 1: states the problem and its two hypotheses."""

from __future__ import annotations

from mlrecipe.errors import RecipeError
from mlrecipe.files import write_json
from mlrecipe.recipe.rules import check_rules
from mlrecipe.steps.context import StepContext

HYPOTHESES = (
    "The target can be predicted from the inputs.",
    "The data at hand is informative enough to learn how.",
)
"""What every project supposes until `power` has settled it (book, 6.1.2)."""


def run(context: StepContext) -> None:
    """Write ``problem.json``; refuse constraints that the target cannot meet."""
    recipe = context.recipe
    faults = check_rules(recipe, context.registry)
    if faults:
        raise RecipeError(faults, recipe.name)
    problem = recipe.problem
    if not problem.intended_use:
        context.find(
            "no-intended-use",
            "advice",
            "The recipe does not say what the model is for.",
            advice="State it, and what it must not do: problem.intended_use, problem.limits.",
            section="6.1.1",
        )
    if problem.volume_per_day is None:
        context.find(
            "no-volume",
            "advice",
            "The recipe does not say how many cases a day the model will see, so that the "
            "consequences are given in shares alone.",
            advice="Set problem.volume_per_day.",
            section="6.3.1",
        )
    write_json(
        context.folder / "problem.json",
        {
            **problem.model_dump(mode="json"),
            "hypotheses": [{"statement": text, "state": "open"} for text in HYPOTHESES],
        },
    )
