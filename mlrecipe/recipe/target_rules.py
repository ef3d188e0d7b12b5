"""Where the model runs, against the limits of that place (book, 6.3.2)."""

from __future__ import annotations

from mlrecipe.errors import Fault
from mlrecipe.interfaces import Target
from mlrecipe.problem import Problem
from mlrecipe.recipe import Recipe
from mlrecipe.registry import Registry


def fitting_targets(problem: Problem, registry: Registry) -> list[str]:
    """Return every registered target that the problem's constraints allow.

    The one with the most in its favour comes first.
    """
    found = []
    for name in sorted(registry.components[Target.group]):
        target = default_target(name, registry)
        if target is not None and not target.objections(problem):
            found.append((-len(target.advantages(problem)), name))
    return [name for _, name in sorted(found)]


def default_target(name: str, registry: Registry) -> Target | None:
    """Return a target as it is without settings; None when it has mandatory ones."""
    kind = registry.components[Target.group][name]
    if any(info.is_required() for info in kind.model_fields.values()):
        return None
    target = kind()
    return target if isinstance(target, Target) else None


def _targets_fit_constraints(recipe: Recipe, registry: Registry) -> list[Fault]:
    objections = [(t, reason) for t in recipe.target for reason in t.objections(recipe.problem)]
    if not objections:
        return []
    fitting = fitting_targets(recipe.problem, registry)
    if fitting:
        expected = f"a target that fits: {', '.join(fitting)}"
        fix = f"target=[{fitting[0]}], or change problem.constraints"
    else:
        expected = f"constraints that one of {', '.join(registry.components['target'])} can meet"
        fix = "no registered target fits: relax problem.constraints, or install one that does"
    return [
        Fault(
            f"target.{target.name}",
            f"the problem's constraints rule out target={target.name}: {reason}",
            expected=expected,
            fix=fix,
        )
        for target, reason in objections
    ]


TARGET_RULES = (_targets_fit_constraints,)
