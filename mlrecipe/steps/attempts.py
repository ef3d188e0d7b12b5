"""Small models of several architectures, each held against the baselines."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from mlrecipe.data.facts import facts_of
from mlrecipe.evaluation.answers import Answers, load_answers
from mlrecipe.evaluation.validation import Validation
from mlrecipe.interfaces import Architecture
from mlrecipe.recipe import Recipe
from mlrecipe.recipe.rules import check_rules
from mlrecipe.steps.baseline import against_baselines
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
        against: baseline -> the comparison at the level of the gate.
    """

    architecture: Architecture
    result: Validation
    against: dict[str, Any]

    def beats(self, names: list[str]) -> bool:
        """Return whether it is better than all of these baselines."""
        return all(self.against[name]["better"] for name in names)


def attempt(development: Development, recipe: Recipe, confidence: float) -> Attempt:
    """Validate the smallest size of the recipe's architecture."""
    small = next(recipe.architecture.sizes())
    result = development.look(replace(recipe, architecture=small))
    return Attempt(small, result, against_baselines(development, result.answers, confidence))


def alternatives(context: StepContext, development: Development) -> list[Recipe]:
    """Return the recipe with other architectures that suit task, objective and inputs.

    They are those of ``workflow.alternatives``; left open, at most two of `REASONABLE`.
    """
    recipe, registry = context.recipe, context.registry
    named = recipe.workflow.alternatives
    facts = facts_of(development.frame, development.schema, recipe.problem)
    tensors = recipe.preprocessing.gives(development.schema)
    facts = replace(facts, task=recipe.task, tensors=tensors)
    own = {recipe.architecture.name, *getattr(recipe.architecture, "members", {})}
    found = []
    for name in REASONABLE if named is None else named:
        if name in own:
            continue
        kind: Any = registry.find("architecture", name)
        other = replace(recipe, architecture=kind())
        if not check_rules(other, registry, facts):
            found.append(other)
    return found if named is not None else found[:MOST_ALTERNATIVES]


def learning_baseline(
    context: StepContext, development: Development, baselines: dict[str, Any]
) -> str:
    """Return a baseline that learns from the inputs and beats the best one that does not; or ""."""
    stored: dict[str, Answers] = load_answers(context.artifact("baseline", "outputs.npz"))
    best = stored[baselines["best_trivial"]]
    for row in baselines["baselines"]:
        if not row["trivial"] and development.compare(stored[row["name"]], best)["better"]:
            return str(row["name"])
    return ""
