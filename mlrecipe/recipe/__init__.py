"""The recipe: one component for every choice, checked as a whole, every fault at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any, Literal, get_args

from pydantic import Field, NonNegativeInt, PositiveInt

from mlrecipe.component import Component, Section
from mlrecipe.interfaces import (
    GROUPS,
    Architecture,
    Baseline,
    Check,
    Compression,
    Engine,
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

STEP_NAMES: tuple[str, ...] = get_args(StepName)
"""The workflow's steps in the order of the book."""


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
    report_rows: bool = Field(
        True,
        description="Whether the data report shows single rows: samples, words, points on a map.",
    )
    alternatives: tuple[str, ...] | None = Field(
        None,
        description="Architectures to try, in their smallest size, where the recipe's own beats no "
        "baseline, before the run is held; null: up to two that suit the inputs.",
    )
    rungs: PositiveInt = Field(4, description="Most rungs of the capacity ladder.")
    simplest: bool = Field(
        True,
        description="Whether the ladder's smallest rung within a standard error of the best one is "
        "taken; false takes the best one.",
    )
    looks: PositiveInt = Field(
        100,
        description="Looks at the validation rows of one data set, by all its runs, from which on "
        "a stronger protocol is advised.",
    )
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
    engine: Engine
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

    def choices(self, groups: Iterable[str] = GROUPS) -> dict[str, Any]:
        """Return the components of some groups, or of all, as plain data, without the sections."""
        return {group: self.section(group) for group in groups}

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
