"""Small models of several architectures, each held against the baselines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from mlrecipe.data.facts import facts_of
from mlrecipe.evaluation.answers import Answers
from mlrecipe.evaluation.validation import Validation
from mlrecipe.interfaces import Architecture
from mlrecipe.recipe import Recipe
from mlrecipe.recipe.rules import check_rules
from mlrecipe.steps.context import StepContext
from mlrecipe.steps.development import Development

REASONABLE = (
    "penalized_linear",
    "boosted_trees",
    "dense",
    "convnet",
    "text_convnet",
    "signal_convnet",
    "recurrent",
    "mixed",
    "linear",
)
"""Architectures to try next, those that err in other ways first; unfit ones are passed over."""

MOST_ALTERNATIVES = 2


@dataclass(frozen=True)
class Attempt:
    """What a small model of one architecture showed.

    Attributes:
        architecture: its smallest size.
        result: what validation said.
        against: baseline that ignores the inputs -> the comparison at the level of the gate.
    """

    architecture: Architecture
    result: Validation
    against: dict[str, Any]

    @property
    def learns(self) -> bool:
        """Whether it is better than all answers that ignore the inputs."""
        return all(comparison["better"] for comparison in self.against.values())


@dataclass(frozen=True)
class Gate:
    """What models are held against, to see whether there is anything to learn.

    Attributes:
        development: the rows.
        ignoring: baseline that ignores the inputs -> its answers.
        level: of each comparison.
    """

    development: Development
    ignoring: dict[str, Answers]
    level: float

    def attempt(self, recipe: Recipe) -> Attempt:
        """Validate the smallest size of the recipe's architecture."""
        small = next(recipe.architecture.sizes())
        result = self.development.look(replace(recipe, architecture=small))
        return Attempt(small, result, self.against(result.answers))

    def against(self, answers: Answers) -> dict[str, Any]:
        """Compare answers with every baseline that ignores the inputs."""
        return {
            name: self.development.compare_with_nothing(answers, theirs, self.level)
            for name, theirs in self.ignoring.items()
        }


def alternatives(context: StepContext, development: Development) -> list[Recipe]:
    """Return the recipe with other architectures that suit task, objective and inputs.

    They are those of ``workflow.alternatives``; left open, at most two of `REASONABLE`.
    """
    recipe, registry = context.recipe, context.registry
    named = recipe.workflow.alternatives
    facts = facts_of(development.frame, development.schema, recipe.problem)
    tensors = recipe.preprocessing.gives(development.schema)
    facts = replace(facts, task=recipe.task, tensors=tensors)
    members = getattr(recipe.architecture, "members", None)
    own = {recipe.architecture.name, *(members if isinstance(members, Mapping) else ())}
    found = []
    for name in REASONABLE if named is None else named:
        if name in own:
            continue
        kind: Any = registry.find("architecture", name)
        other = replace(recipe, architecture=kind())
        if not check_rules(other, registry, facts):
            found.append(other)
    return found if named is not None else found[:MOST_ALTERNATIVES]
