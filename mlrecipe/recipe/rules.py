"""What must hold between the sections of a recipe: one small function a rule."""

from __future__ import annotations

from collections.abc import Callable

from mlrecipe.component import Component
from mlrecipe.errors import Fault
from mlrecipe.interfaces import Architecture, Facts, Task
from mlrecipe.recipe import Recipe
from mlrecipe.recipe.ethics_rules import ETHICS_RULES
from mlrecipe.recipe.executor_rules import preparation_runs_on_targets
from mlrecipe.recipe.existing_rules import EXISTING_RULES
from mlrecipe.recipe.preprocessing_rules import settings_fit
from mlrecipe.recipe.problem_rules import PROBLEM_RULES
from mlrecipe.recipe.target_rules import TARGET_RULES
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


def _architecture_accepts_what_it_is_given(
    recipe: Recipe, registry: Registry, facts: Facts
) -> list[Fault]:
    architecture = recipe.architecture
    if architecture.tasks and recipe.task.name not in architecture.tasks:
        return [_made_for_others(recipe, registry)]
    if not _can_do(type(architecture), recipe.task):
        return [_made_for_others(recipe, registry)]
    wanted = "mixed" if len(facts.tensors) > 1 else next(iter(facts.tensors), "vector")
    if wanted in architecture.accepts:
        return []
    fitting = sorted(
        name
        for name, kind in registry.components["architecture"].items()
        if name != "auto" and wanted in getattr(kind, "accepts", ()) and _can_do(kind, recipe.task)
    )
    what = " and ".join(sorted(facts.tensors))
    return [
        Fault(
            "architecture",
            f"{architecture.name} reads {', '.join(sorted(architecture.accepts))}; "
            f"preprocessing={recipe.preprocessing.name} makes {what} of these columns",
            expected=f"one of {', '.join(fitting)}" if fitting else "an architecture that reads it",
            fix="leave architecture=auto, or prepare the columns in another way"
            if fitting
            else "install a plugin that provides one, or prepare the columns in another way",
        )
    ]


def _made_for_others(recipe: Recipe, registry: Registry) -> Fault:
    """Say that an architecture cannot do the task, and which ones can."""
    architecture, task = recipe.architecture, recipe.task
    fitting = sorted(
        name
        for name, kind in registry.components["architecture"].items()
        if name != "auto" and _can_do(kind, task)
    )
    made_for = ", ".join(sorted(architecture.tasks))
    if made_for:
        why = f"{architecture.name} is made for {made_for}, not for {task.name}"
    elif task.reads == "inputs":
        why = f"{architecture.name} gives a vector a row, and {task.name} takes an algorithm for it"
    else:
        why = f"{architecture.name} gives a vector a row, and {task.name} needs a map of the image"
    return Fault(
        "architecture",
        why,
        expected=f"one of {', '.join(fitting)}" if fitting else "an architecture for this task",
        fix="leave architecture=auto" if fitting else "install a plugin that provides one",
    )


def _can_do(kind: type[Component], task: Task) -> bool:
    assert issubclass(kind, Architecture)
    if kind.tasks or task.reads == "inputs":
        return task.name in kind.tasks
    return getattr(kind, "gives", task.reads) == task.reads


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
    task = recipe.task
    side = "classification" if task.classification else "regression" if task.regression else ""
    suited = {side, task.name}
    return [
        Fault(
            f"baseline.{item.name}",
            f"{item.name} is no baseline for {side or task.name}",
            expected=f"say, {', '.join(recipe.task.baselines)}",
            fix=f"baseline=[{','.join(recipe.task.baselines)}], or leave baseline=[auto]",
        )
        for item in recipe.baseline
        if item.name != "auto" and not suited & item.suits
    ]


def _something_is_measured(recipe: Recipe, registry: Registry) -> list[Fault]:
    return [
        Fault(group, "nothing is chosen", expected="at least one", fix=f"{group}=[auto]")
        for group in ("metric", "baseline", "target")
        if not getattr(recipe, group)
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


RULES: tuple[Rule, ...] = (
    _objective_suits_task,
    _metrics_suit_task,
    _baselines_suit_task,
    _something_is_measured,
    _target_is_no_input,
    _inputs_are_available,
    *PROBLEM_RULES,
    *EXISTING_RULES,
    settings_fit,
    *TARGET_RULES,
    *ETHICS_RULES,
)
"""What must hold between sections; each rule returns what it finds wrong."""


FACT_RULES = (_architecture_accepts_what_it_is_given, preparation_runs_on_targets)
"""What must hold once the columns are known."""


def check_rules(recipe: Recipe, registry: Registry, facts: Facts | None = None) -> list[Fault]:
    """Return what contradicts itself between the sections of a recipe, and with its data."""
    found = [fault for rule in RULES for fault in rule(recipe, registry)]
    if facts is None:
        return found + preparation_runs_on_targets(recipe, registry)
    return found + [fault for rule in FACT_RULES for fault in rule(recipe, registry, facts)]
