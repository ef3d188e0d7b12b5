"""Step 1: states the problem and its two hypotheses."""

from __future__ import annotations

from mlrecipe.errors import RecipeError
from mlrecipe.files import write_json
from mlrecipe.recipe.rules import check_rules
from mlrecipe.recipe.target_rules import default_target, fitting_targets
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
    targets = _advise_on_target(context)
    write_json(
        context.folder / "problem.json",
        {
            **problem.model_dump(mode="json"),
            "hypotheses": [{"statement": text, "state": "open"} for text in HYPOTHESES],
            "targets": targets,
        },
    )


def _advise_on_target(context: StepContext) -> dict[str, dict[str, list[str]]]:
    """Say what follows from the declared constraints for the place where the model runs.

    Returns:
        Registered target -> ``{"for": reasons, "against": reasons}``.
    """
    problem, registry = context.recipe.problem, context.registry
    found = {}
    for name in sorted(registry.components["target"]):
        target = default_target(name, registry)
        if target is not None:
            reasons = target.advantages(problem)
            found[name] = {"for": reasons, "against": target.objections(problem)}
    fitting = fitting_targets(problem, registry)
    if problem.constraints == type(problem.constraints)() or not fitting:
        return found  # nothing was declared that could favour one; or none fits, which is a fault
    chosen = [target.name for target in context.recipe.target]
    best = fitting[0]
    least = min((len(found[n]["for"]) for n in chosen if n in found), default=0)
    better = len(found[best]["for"]) > least and best not in chosen[:1]
    reasons = found[best]["for"] or ["nothing declared speaks against it"]
    ruled_out = [
        f"{name} is ruled out: {'; '.join(given['against'])}"
        for name, given in found.items()
        if given["against"]
    ]
    context.find(
        "target-advice",
        "note",
        f"By the declared constraints the target {best} fits best: {'; '.join(reasons)}."
        + "".join(f" {sentence[0].upper()}{sentence[1:]}." for sentence in ruled_out)
        + ("" if better else f" The recipe's choice, {', '.join(chosen)}, agrees."),
        evidence={"targets": found, "chosen": chosen},
        advice=f"Choose target=[{best}]." if better else "",
        section="6.3.2",
    )
    return found
