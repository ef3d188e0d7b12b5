"""The recipe: one component for every choice, checked as a whole, every fault at once."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, cast

from pydantic import Field, NonNegativeInt, PositiveInt, ValidationError

from mlrecipe.component import Choice, Component, Section
from mlrecipe.errors import Fault, MlrecipeError, RecipeError, nearest
from mlrecipe.interfaces import (
    GROUPS,
    MULTIPLE,
    Architecture,
    Baseline,
    Check,
    Compression,
    Facts,
    Metric,
    Objective,
    Preprocessing,
    Protocol,
    Schema,
    Source,
    Target,
    Task,
    Training,
    Tuner,
)
from mlrecipe.problem import Problem
from mlrecipe.registry import Registry

STEP_NAMES = (
    "frame",
    "collect",
    "understand",
    "protocol",
    "baseline",
    "power",
    "overfit",
    "tune",
    "finalize",
    "explain",
    "optimize",
    "ship",
)
"""The workflow's steps in the order of the book."""

StepName = Literal[
    "frame",
    "collect",
    "understand",
    "protocol",
    "baseline",
    "power",
    "overfit",
    "tune",
    "finalize",
    "explain",
    "optimize",
    "ship",
]


class Workflow(Section):
    """How the steps are carried out."""

    seed: NonNegativeInt = Field(0, description="Makes splits, weights and searches repeatable.")
    until: StepName = Field("ship", description="The last step to carry out.")
    waive: dict[str, str] = Field(
        {}, description="Blockers to pass in spite of the finding: code -> recorded reason."
    )
    test_share: float = Field(
        0.2, gt=0, lt=1, description="Share of the rows that is sealed as the test set."
    )
    confidence: float = Field(0.95, gt=0.5, lt=1, description="Level of every confidence interval.")
    rungs: PositiveInt = Field(4, description="Most rungs of the capacity ladder.")
    tolerance: float = Field(
        0.01,
        ge=0,
        lt=1,
        description="How much of the primary metric a smaller variant may lose, as a share.",
    )


@dataclass(frozen=True)
class Recipe:
    """The full set of choices for one project."""

    name: str
    problem: Problem
    workflow: Workflow
    task: Task
    source: Source
    schema: Schema
    checks: tuple[Check, ...]
    preprocessing: Preprocessing
    protocol: Protocol
    baseline: tuple[Baseline, ...]
    metric: tuple[Metric, ...]
    architecture: Architecture
    objective: Objective
    training: Training
    tuner: Tuner
    compression: tuple[Compression, ...]
    target: tuple[Target, ...]

    def mapping(self) -> dict[str, Any]:
        """Return the recipe as plain data, from which `parse_recipe` makes an equal one."""
        return {f.name: _plain(getattr(self, f.name)) for f in fields(self)}

    def section(self, name: str) -> Any:
        """Return one section or group as plain data."""
        return _plain(getattr(self, name))

    def components(self) -> list[Component]:
        """Return every component of the recipe, in the order of the workflow."""
        found: list[Component] = []
        for group in GROUPS:
            value = getattr(self, group)
            found.extend(value if isinstance(value, tuple) else [value])
        return found


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return {item.name: item.mapping() for item in value}
    if isinstance(value, Component):
        return value.mapping()
    return value.model_dump(mode="json") if isinstance(value, Section) else value


Origins = Mapping[str, str]
"""Dotted recipe key -> where its value came from."""


def parse_recipe(
    mapping: Mapping[str, Any], registry: Registry, origins: Origins | None = None
) -> Recipe:
    """Turn a composed mapping into a recipe.

    Args:
        mapping: plain data, one entry a section or group.
        registry: the components to choose from.
        origins: where values came from, for the messages.

    Raises:
        RecipeError: with every fault that was found.
    """
    parser = _Parser(registry, origins or {})
    parser.refuse_unknown(mapping, ("name", "problem", "workflow", *GROUPS), "")
    values: dict[str, Any] = {
        "name": str(mapping.get("name") or "recipe"),
        "problem": parser.section(Problem, mapping.get("problem") or {}, "problem"),
        "workflow": parser.section(Workflow, mapping.get("workflow") or {}, "workflow"),
    }
    for group in GROUPS:
        read = parser.several if group in MULTIPLE else parser.single
        values[group] = read(group, mapping.get(group))
    faults = parser.faults or [
        replace(fault, origin=origin_of(parser.origins, fault.path))
        for fault in check_rules(cast(Any, _Partial(values)))
    ]
    if faults:
        raise RecipeError(faults, values["name"])
    return Recipe(**values)


class _Partial:
    """Gives the rules the recipe's attributes before it is built."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.__dict__.update(values)


class _Parser:
    """Reads sections and components, and collects what is wrong with them."""

    def __init__(self, registry: Registry, origins: Origins) -> None:
        self.registry = registry
        self.origins = origins
        self.faults: list[Fault] = []

    def fault(self, path: str, problem: str, **details: str) -> None:
        details.setdefault("origin", origin_of(self.origins, path))
        self.faults.append(Fault(path, problem, **details))

    def refuse_unknown(
        self,
        mapping: Mapping[str, Any],
        known: Sequence[str],
        path: str,
        elsewhere: Mapping[str, str] | None = None,
    ) -> None:
        for key in mapping:
            if key in known:
                continue
            where = f"{path}.{key}" if path else str(key)
            if key == "_target_":
                self.fault(
                    where,
                    "a recipe names components, it never imports code",
                    received=repr(mapping[key]),
                    fix="choose a component by its name; own code enters as a plugin (--plugin)",
                )
            else:
                close = nearest(str(key), (*known, *(elsewhere or {})))
                option = (elsewhere or {}).get(close, "")
                self.fault(
                    where,
                    "there is no such key",
                    expected=f"one of {', '.join(known)}" if known else "no settings at all",
                    received=_short(mapping[key]),
                    nearest=close if close != key else "",
                    fix=f"choose the option that has {close}: {option}" if option else "",
                )

    def section(
        self,
        kind: type[Section],
        value: Any,
        path: str,
        elsewhere: Mapping[str, str] | None = None,
    ) -> Section | None:
        """Validate one section; unknown keys on every level are faults of their own."""
        if not isinstance(value, Mapping):
            self.fault(path, "is no mapping", expected="keys and values", received=_short(value))
            return None
        known = list(kind.model_fields)
        before = len(self.faults)
        self.refuse_unknown(value, known, path, elsewhere)
        try:
            parsed = kind.model_validate({k: v for k, v in value.items() if k in known})
        except ValidationError as error:
            for item in error.errors():
                self._pydantic(kind, item, path)
            return None
        return parsed if len(self.faults) == before else None

    def _pydantic(self, kind: type[Section], item: Any, path: str) -> None:
        where = ".".join([path, *(str(part) for part in item["loc"])])
        if item["type"] == "missing":
            field = kind.model_fields.get(str(item["loc"][0]))
            self.fault(
                where,
                "a value is missing",
                expected=(field.description if field else "") or "a value",
                fix=f"give it in the recipe, or on the command line: {where}=…",
            )
        elif item["type"] == "extra_forbidden":
            self.fault(where, "there is no such key", received=_short(item["input"]))
        else:
            message = str(item["msg"]).removeprefix("Input ").removeprefix("Value error, ")
            self.fault(
                where, "the value does not fit", expected=message, received=_short(item["input"])
            )

    def single(self, group: str, value: Any) -> Component | None:
        if value is None:
            self.fault(
                group,
                "nothing is chosen",
                expected=f"one of {', '.join(sorted(self.registry.components[group]))}",
                fix=f"choose one: {group}=NAME",
            )
            return None
        return self.component(group, value, group)

    def several(self, group: str, value: Any) -> tuple[Component, ...]:
        if not isinstance(value, Mapping):
            value = {} if value is None else {str(value): value}
        found = []
        for name, fields_ in value.items():
            path = f"{group}.{name}"
            if isinstance(fields_, Mapping) and "name" not in fields_:
                self.fault(
                    path,
                    f"{name!r} is not among the chosen",
                    expected=f"one of {', '.join(n for n in value if n != name) or 'none'}",
                    fix=f"choose it first: {group}=[…,{name}]",
                    nearest=nearest(name, [n for n in value if n != name]),
                )
                continue
            found.append(self.component(group, fields_, path))
        return tuple(item for item in found if item is not None)

    def component(self, group: str, value: Any, path: str) -> Component | None:
        if not isinstance(value, Mapping):
            self.fault(
                path,
                "a component cannot be given as a plain value",
                expected=f"a choice in the defaults list: - override /{group}: {value}",
                received=_short(value),
            )
            return None
        if "_target_" in value or "name" not in value:
            self.refuse_unknown({k: v for k, v in value.items() if k == "_target_"}, (), path)
            if "name" not in value:
                self.fault(path, "no component is chosen", fix=f"choose one: {group}=NAME")
            return None
        try:
            kind = self.registry.find(group, str(value["name"]))
        except MlrecipeError as error:
            self.fault(path, error.problem, expected=error.expected, fix=error.fix)
            return None
        missing = kind.missing_packages()
        if missing:
            self.fault(
                path,
                f"{group}={kind.name} needs a package that is not installed",
                fix=f"pip install {shlex.join(missing)}",
            )
            return None
        settings = {k: v for k, v in value.items() if k != "name"}
        elsewhere = self._fields_elsewhere(group) if kind.name == "auto" else {}
        return cast(Component | None, self.section(kind, settings, path, elsewhere))

    def _fields_elsewhere(self, group: str) -> dict[str, str]:
        """Return every field of a group's components, with the option that has it."""
        return {
            field: f"{group}={name}"
            for name, kind in self.registry.components[group].items()
            for field in kind.model_fields
        }


def origin_of(origins: Origins, path: str) -> str:
    """Return the origin of a key, of a key below it, or of the nearest key above it."""
    below = [origin for key, origin in origins.items() if key.startswith(f"{path}.")]
    if path not in origins and below:
        return below[-1]
    while path:
        if path in origins:
            return origins[path]
        path = path.rpartition(".")[0]
    return ""


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


# -- rules across sections --


def _objective_suits_task(recipe: Recipe) -> list[Fault]:
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


def _metrics_suit_task(recipe: Recipe) -> list[Fault]:
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


def _baselines_suit_task(recipe: Recipe) -> list[Fault]:
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


def _something_is_measured(recipe: Recipe) -> list[Fault]:
    return [
        Fault(group, "nothing is chosen", expected="at least one", fix=f"{group}=[auto]")
        for group in ("metric", "baseline", "target")
        if not getattr(recipe, group)
    ]


def _targets_fit_constraints(recipe: Recipe) -> list[Fault]:
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


def _target_is_no_input(recipe: Recipe) -> list[Fault]:
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


def _inputs_are_available(recipe: Recipe) -> list[Fault]:
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


def _positive_is_binary(recipe: Recipe) -> list[Fault]:
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


RULES: tuple[Callable[[Recipe], list[Fault]], ...] = (
    _objective_suits_task,
    _metrics_suit_task,
    _baselines_suit_task,
    _something_is_measured,
    _targets_fit_constraints,
    _target_is_no_input,
    _inputs_are_available,
    _positive_is_binary,
)
"""What must hold between sections; each rule returns what it finds wrong."""


def check_rules(recipe: Recipe) -> list[Fault]:
    """Return what contradicts itself between the sections of a recipe."""
    return [fault for rule in RULES for fault in rule(recipe)]


# -- choices that wait for the data --


def settle(
    recipe: Recipe, facts: Facts, registry: Registry
) -> tuple[Recipe, dict[str, list[Choice]]]:
    """Replace every ``auto`` by the component it stands for.

    Returns:
        The settled recipe, and the choices made by group.

    Raises:
        RecipeError: when the settled recipe contradicts itself.
    """
    made: dict[str, list[Choice]] = {}
    for group in GROUPS:
        value = getattr(recipe, group)
        items: tuple[Component, ...] = value if group in MULTIPLE else (value,)
        settled: dict[str, Component] = {}
        for item in items:
            choices = item.resolve(facts)
            if choices is None:
                settled[item.name] = item
                continue
            made.setdefault(group, []).extend(choices)
            for choice in choices:
                kind = registry.find(group, choice.name)
                settled.setdefault(choice.name, kind(**choice.fields))
        parts = tuple(settled.values())
        chosen: Any = parts if group in MULTIPLE else parts[0]
        recipe = replace(recipe, **{group: chosen})
        if group == "task":
            facts = replace(facts, task=recipe.task)
    faults = check_rules(recipe)
    if faults:
        raise RecipeError(faults, recipe.name)
    return recipe, made
