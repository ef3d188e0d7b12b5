"""What must hold within the problem section, and between it and the task."""

from __future__ import annotations

from mlrecipe.errors import Fault
from mlrecipe.recipe import Recipe
from mlrecipe.registry import Registry

SHARES_OFF = 0.01
"""Shares of a population that sum to within this of 1 were rounded; others miss a group."""

MANY_GROUPS = 20
"""Columns of groups; more of them are no list that somebody thought about."""

WITH_POSITIVE = ("auto", "binary", "detection")
"""Tasks with cases of one kind to find, and so with missed ones and false alarms."""


def target_is_named(recipe: Recipe, registry: Registry) -> list[Fault]:
    """See that there is a target, unless the task goes without one."""
    named, task = recipe.problem.target, recipe.task
    if task.targeted and not named:
        return [
            Fault(
                "problem.target",
                "a value is missing: no column is named to predict",
                expected="Column, or columns, to predict.",
                fix="problem.target=…; only task=clustering goes without one",
            )
        ]
    if named and not task.targeted:
        return [
            Fault(
                "problem.target",
                f"task={task.name} has no target: it would not look at {', '.join(named)}",
                expected="no column",
                fix="problem.target=[]; columns that are not to be read: problem.inputs",
            )
        ]
    return []


def _positive_is_binary(recipe: Recipe, registry: Registry) -> list[Fault]:
    if recipe.problem.positive is None or recipe.task.name in WITH_POSITIVE:
        return []
    return [
        Fault(
            "problem.positive",
            f"task={recipe.task.name} has no positive class",
            received=repr(recipe.problem.positive),
            fix="leave problem.positive out, or choose task=binary",
        )
    ]


def _gaps_are_in_inputs(recipe: Recipe, registry: Registry) -> list[Fault]:
    problem = recipe.problem
    no_inputs = {*problem.target, *problem.not_in_production}
    if problem.inputs is not None:
        no_inputs |= set(problem.gaps_in_production) - set(problem.inputs)
    return [
        Fault(
            f"problem.gaps_in_production.{name}",
            f"{name!r} is no input: whether it is missing makes no difference",
            expected="an input column",
            fix="take it out, or add it to problem.inputs",
        )
        for name in problem.gaps_in_production
        if name in no_inputs
    ]


def _availability_is_clear(recipe: Recipe, registry: Registry) -> list[Fault]:
    problem = recipe.problem
    both = sorted(set(problem.in_production) & set(problem.not_in_production))
    return [
        Fault(
            "problem.not_in_production",
            f"{name!r} is both in and not in production",
            expected="one answer to: is it known when a prediction is asked for?",
            fix="take it out of problem.in_production or of problem.not_in_production",
        )
        for name in both
    ]


def _roles_are_apart(recipe: Recipe, registry: Registry) -> list[Fault]:
    """See that columns with a role of their own are neither inputs nor targets."""
    problem = recipe.problem
    roles = {
        "problem.existing.column": problem.existing.column if problem.existing else "",
        "problem.time": problem.time or "",
        "problem.weight": problem.weight or "",
    }
    found = []
    for key, name in roles.items():
        for place in ("inputs", "target"):
            if name and name in (getattr(problem, place) or ()):
                if (key, place) == ("problem.existing.column", "target"):
                    continue  # has a rule and a message of its own
                found.append(
                    Fault(
                        f"problem.{place}",
                        f"{name!r} is {key}, and cannot be in problem.{place} as well",
                        fix=f"take it out of problem.{place}, or leave {key} out",
                    )
                )
    return found


def _groups_are_groups(recipe: Recipe, registry: Registry) -> list[Fault]:
    problem, found = recipe.problem, []
    twice = sorted({name for name in problem.groups if problem.groups.count(name) > 1})
    for name in sorted(set(problem.groups) & set(problem.target)):
        found.append(
            Fault(
                "problem.groups",
                f"{name!r} is the target: its groups are the classes themselves",
                fix="take it out of problem.groups; the report shows every class anyway",
            )
        )
    for name in twice:
        found.append(Fault("problem.groups", f"{name!r} is named twice", fix="name it once"))
    if len(problem.groups) > MANY_GROUPS:
        found.append(
            Fault(
                "problem.groups",
                f"{len(problem.groups)} columns of groups: by chance alone some would differ",
                expected=f"at most {MANY_GROUPS}, chosen for a reason",
            )
        )
    return found


def _costs_make_sense(recipe: Recipe, registry: Registry) -> list[Fault]:
    """See that a right answer is not dearer than a wrong one for the same case."""
    costs, found = recipe.problem.costs, []
    pairs = (
        ("true_positive", "false_negative", "finding a positive case", "missing it"),
        ("true_negative", "false_positive", "recognizing a negative case", "a false alarm"),
    )
    for right, wrong, doing, failing in pairs:
        if getattr(costs, right) > getattr(costs, wrong):
            found.append(
                Fault(
                    f"problem.costs.{right}",
                    f"{doing} costs more ({getattr(costs, right):g}) than {failing} "
                    f"({getattr(costs, wrong):g}): the cheapest model would always be wrong",
                    expected=f"at most problem.costs.{wrong}; a gain is a cost below 0",
                    fix=f"raise problem.costs.{wrong}, or see that the two are not swapped",
                )
            )
    return found


def _costs_suit_task(recipe: Recipe, registry: Registry) -> list[Fault]:
    """See that no cost is stated that the task has no use for."""
    if recipe.task.name in WITH_POSITIVE:
        return []
    given = recipe.problem.costs.model_fields_set
    confusion = {"false_positive", "false_negative", "true_positive", "true_negative"}
    useless = confusion if "regression" in recipe.task.name else confusion | {"per_unit"}
    defaults = type(recipe.problem.costs)()
    return [
        Fault(
            f"problem.costs.{name}",
            f"task={recipe.task.name} has no such kind of answer",
            fix="a regression's costs are problem.costs.per_unit; leave the others out",
        )
        for name in sorted(given & useless)
        if getattr(recipe.problem.costs, name) != getattr(defaults, name)
    ]


def _shares_sum_to_one(recipe: Recipe, registry: Registry) -> list[Fault]:
    return [
        Fault(
            f"problem.population.{column}",
            f"the shares sum to {sum(shares.values()):.3g}",
            expected="shares of the whole population, which sum to 1",
            received=", ".join(f"{value}: {share:g}" for value, share in shares.items()),
            fix="add the values that are missing; percentages are shares times 100",
        )
        for column, shares in recipe.problem.population.items()
        if abs(sum(shares.values()) - 1) > SHARES_OFF
    ]


def _order_has_a_time(recipe: Recipe, registry: Registry) -> list[Fault]:
    if not recipe.protocol.by_time or recipe.problem.time is not None:
        return []
    return [
        Fault(
            "problem.time",
            f"protocol={recipe.protocol.name} orders rows by a time that is not named",
            expected="the column that says when a row came about",
            fix="problem.time=COLUMN, or choose protocol=holdout or kfold",
        )
    ]


PROBLEM_RULES = (
    _order_has_a_time,
    target_is_named,
    _positive_is_binary,
    _availability_is_clear,
    _gaps_are_in_inputs,
    _roles_are_apart,
    _groups_are_groups,
    _costs_make_sense,
    _costs_suit_task,
    _shares_sum_to_one,
)
