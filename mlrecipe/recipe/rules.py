"""What must hold between the sections of a recipe: one small function a rule."""

from __future__ import annotations

from collections.abc import Callable

from mlrecipe.component import Component
from mlrecipe.errors import Fault, nearest
from mlrecipe.interfaces import Architecture, Estimator, Facts, Task
from mlrecipe.recipe import Recipe
from mlrecipe.recipe.ethics_rules import ETHICS_RULES
from mlrecipe.recipe.executor_rules import preparation_runs_on_targets
from mlrecipe.recipe.existing_rules import EXISTING_RULES
from mlrecipe.recipe.objective_rules import OBJECTIVE_RULES
from mlrecipe.recipe.preprocessing_rules import settings_fit
from mlrecipe.recipe.problem_rules import PROBLEM_RULES
from mlrecipe.recipe.space_rules import space_can_be_searched
from mlrecipe.recipe.target_rules import TARGET_RULES
from mlrecipe.registry import Registry

Rule = Callable[[Recipe, Registry], list[Fault]]


def _architecture_accepts_what_it_is_given(
    recipe: Recipe, registry: Registry, facts: Facts
) -> list[Fault]:
    architecture = recipe.architecture
    if architecture.tasks and recipe.task.name not in architecture.tasks:
        return [_made_for_others(recipe, registry)]
    if not _can_do(type(architecture), recipe.task):
        return [_made_for_others(recipe, registry)]
    if _takes(architecture.accepts, facts):
        return []
    fitting = sorted(
        name
        for name, kind in registry.components["architecture"].items()
        if name != "auto"
        and _takes(getattr(kind, "accepts", frozenset()), facts)
        and _can_do(kind, recipe.task)
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


def _takes(accepts: frozenset[str], facts: Facts) -> bool:
    """Return whether an architecture that accepts these kinds takes the inputs that there are."""
    kinds = facts.tensors or frozenset({"vector"})
    if len(kinds) == 1:
        return kinds <= accepts
    named = accepts - {"mixed"}
    return "mixed" in accepts and (not named or kinds <= named)


def _architecture_can_be_fitted_for_the_objective(
    recipe: Recipe, registry: Registry
) -> list[Fault]:
    able, objective = recipe.architecture.objectives, recipe.objective.name
    if not able or objective == "auto" or objective in able:
        return []
    return [
        Fault(
            "objective",
            f"{recipe.architecture.name} cannot be fitted for {objective}",
            expected=f"one of {', '.join(sorted(able))}",
            fix="leave objective=auto, or choose a network: architecture=dense",
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


def _alternatives_are_known(recipe: Recipe, registry: Registry) -> list[Fault]:
    known = sorted(registry.components["architecture"])
    return [
        Fault(
            "workflow.alternatives",
            f"there is no architecture {name!r}",
            expected=f"names among {', '.join(known)}",
            fix=f"did you mean {close!r}?" if (close := nearest(name, known)) else "",
        )
        for name in recipe.workflow.alternatives or ()
        if name not in known
    ]


def _members_can_be_fitted_for_the_objective(recipe: Recipe, registry: Registry) -> list[Fault]:
    if recipe.objective.name == "auto":
        return []
    unfit = recipe.architecture.unfit(recipe.objective)
    if not unfit:
        return []
    members = getattr(recipe.architecture, "members", {})
    left = [name for name in members if name not in unfit] or ["dense"]
    return [
        Fault(
            "architecture.members",
            f"{', '.join(unfit)} cannot be fitted for objective={recipe.objective.name}",
            expected="members that can",
            fix=f"architecture.members={{{', '.join(f'{name}: {{}}' for name in left)}}}, or leave "
            "architecture=auto",
        )
    ]


def _short_fits_need_epochs(recipe: Recipe, registry: Registry) -> list[Fault]:
    if not recipe.tuner.short_fits or not isinstance(recipe.architecture, Estimator):
        return []
    return [
        Fault(
            "tuner",
            f"{recipe.tuner.name} judges settings by fits of few epochs, and "
            f"architecture={recipe.architecture.name} is fitted by an algorithm of its own",
            expected="a tuner of whole fits",
            fix="tuner=random or tuner=bayesian",
        )
    ]


def _precision_is_of_networks(recipe: Recipe, registry: Registry) -> list[Fault]:
    own_way = isinstance(recipe.architecture, Estimator)
    if not own_way or recipe.training.computes_in() == "float32":
        return []
    return [
        Fault(
            "training.precision",
            f"architecture={recipe.architecture.name} is fitted by an algorithm of its own, in the "
            "precision that this has",
            expected="float32",
            fix="training.precision=float32, or a network: architecture=dense",
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


def _places_survive_resizing(recipe: Recipe, registry: Registry) -> list[Fault]:
    """See that what a target says of places in an image holds of what the model is given."""
    images = getattr(recipe.preprocessing, "image", None)
    resize = getattr(images, "resize", "stretch")
    if recipe.task.name not in ("detection", "segmentation") or resize == "stretch":
        return []
    return [
        Fault(
            "preprocessing.image.resize",
            f"{resize} moves what is in an image, and a {recipe.task.name} target says where it is",
            expected="stretch",
            received=resize,
            fix="preprocessing.image.resize=stretch, or crop images and targets alike beforehand",
        )
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
    *OBJECTIVE_RULES,
    _architecture_can_be_fitted_for_the_objective,
    _members_can_be_fitted_for_the_objective,
    _alternatives_are_known,
    space_can_be_searched,
    _short_fits_need_epochs,
    _precision_is_of_networks,
    _metrics_suit_task,
    _baselines_suit_task,
    _places_survive_resizing,
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
