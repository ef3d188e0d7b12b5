"""What must hold between the sections of a recipe: one small function a rule."""

from __future__ import annotations

from collections.abc import Callable

from mlrecipe.errors import Fault
from mlrecipe.recipe import Recipe
from mlrecipe.registry import Registry

Rule = Callable[[Recipe, Registry], list[Fault]]


def _objective_suits_task(recipe: Recipe, registry: Registry) -> list[Fault]:
    task, objective = recipe.task, recipe.objective
    if "auto" in (task.name, objective.name) or task.name in objective.tasks:
        return []
    return [
        Fault(
            "objective",
            f"{objective.name} cannot train a {task.name} task: {objective.summary()}",
            expected=f"one of {', '.join(task.objectives)} for task={task.name}",
            received=objective.name,
            fix=f"objective={task.objectives[0]}, or leave objective=auto",
        )
    ]


def _metrics_suit_task(recipe: Recipe, registry: Registry) -> list[Fault]:
    if recipe.task.name == "auto":
        return []
    return [
        Fault(
            f"metric.{metric.name}",
            f"{metric.name} cannot score a {recipe.task.name} task",
            expected=f"say, {', '.join(recipe.task.metrics)}",
            fix=f"metric=[{','.join(recipe.task.metrics)}], or leave metric=[auto]",
        )
        for metric in recipe.metric
        if metric.name != "auto" and recipe.task.name not in metric.tasks
    ]


def _baselines_suit_task(recipe: Recipe, registry: Registry) -> list[Fault]:
    if recipe.task.name == "auto":
        return []
    side = "classification" if recipe.task.classification else "regression"
    return [
        Fault(
            f"baseline.{item.name}",
            f"{item.name} is no baseline for {side}",
            expected=f"say, {', '.join(recipe.task.baselines)}",
            fix=f"baseline=[{','.join(recipe.task.baselines)}], or leave baseline=[auto]",
        )
        for item in recipe.baseline
        if item.name != "auto" and side not in item.suits
    ]


def _something_is_measured(recipe: Recipe, registry: Registry) -> list[Fault]:
    return [
        Fault(group, "nothing is chosen", expected="at least one", fix=f"{group}=[auto]")
        for group in ("metric", "baseline", "target")
        if not getattr(recipe, group)
    ]


def _targets_fit_constraints(recipe: Recipe, registry: Registry) -> list[Fault]:
    return [
        Fault(
            f"target.{target.name}",
            f"the problem's constraints rule out target={target.name}: {reason}",
            expected="a target that fits, such as "
            + ("device" if target.name == "rest" else "rest"),
            fix="change target, or problem.constraints",
        )
        for target in recipe.target
        for reason in target.objections(recipe.problem)
    ]


def _target_is_no_input(recipe: Recipe, registry: Registry) -> list[Fault]:
    both = sorted(set(recipe.problem.inputs or ()) & set(recipe.problem.target))
    return (
        [
            Fault(
                "problem.inputs",
                f"{', '.join(both)} cannot be an input and the target at once",
                fix="take it out of problem.inputs or of problem.target",
            )
        ]
        if both
        else []
    )


def _inputs_are_available(recipe: Recipe, registry: Registry) -> list[Fault]:
    late = sorted(set(recipe.problem.inputs or ()) & set(recipe.problem.not_in_production))
    return (
        [
            Fault(
                "problem.inputs",
                f"{', '.join(late)} will not be known in production (problem.not_in_production)",
                fix="take it out of problem.inputs, or out of problem.not_in_production",
            )
        ]
        if late
        else []
    )


def _positive_is_binary(recipe: Recipe, registry: Registry) -> list[Fault]:
    if recipe.problem.positive is None or recipe.task.name in ("auto", "binary"):
        return []
    return [
        Fault(
            "problem.positive",
            f"task={recipe.task.name} has no positive class",
            received=repr(recipe.problem.positive),
            fix="leave problem.positive out, or choose task=binary",
        )
    ]


def _weight_is_no_input(recipe: Recipe, registry: Registry) -> list[Fault]:
    weight = recipe.problem.weight
    if weight is None or weight not in (recipe.problem.inputs or ()):
        return []
    return [
        Fault(
            "problem.inputs",
            f"{weight} says how much a row counts (problem.weight) and is no input",
            fix="take it out of problem.inputs",
        )
    ]


def _population_shares_sum_to_one(recipe: Recipe, registry: Registry) -> list[Fault]:
    sums = {name: sum(shares.values()) for name, shares in recipe.problem.population.items()}
    return [
        Fault(
            f"problem.population.{name}",
            f"the shares sum to {total:g}",
            expected="1, up to rounding (0.01)",
            fix="declare the share of every value that the column can have",
        )
        for name, total in sums.items()
        if abs(total - 1) > 0.01
    ]


RULES: tuple[Rule, ...] = (
    _objective_suits_task,
    _metrics_suit_task,
    _baselines_suit_task,
    _something_is_measured,
    _targets_fit_constraints,
    _target_is_no_input,
    _inputs_are_available,
    _positive_is_binary,
    _weight_is_no_input,
    _population_shares_sum_to_one,
)
"""What must hold between sections; each rule returns what it finds wrong."""


def check_rules(recipe: Recipe, registry: Registry) -> list[Fault]:
    """Return what contradicts itself between the sections of a recipe."""
    return [fault for rule in RULES for fault in rule(recipe, registry)]
