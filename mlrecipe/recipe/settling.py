"""Replaces every choice that waited for the data by the component it stands for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mlrecipe.component import Choice, Component
from mlrecipe.errors import RecipeError
from mlrecipe.interfaces import GROUPS, MULTIPLE, Facts
from mlrecipe.recipe import Recipe
from mlrecipe.recipe.preprocessing_rules import require_columns
from mlrecipe.recipe.rules import check_rules
from mlrecipe.registry import Registry


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
        named = {item.name for item in items}
        for item in items:
            choices = item.resolve(facts)
            if choices is None:
                settled[item.name] = item
                continue
            # What the recipe names itself has settings that `auto` does not know.
            choices = tuple(c for c in choices if c.name == item.name or c.name not in named)
            made.setdefault(group, []).extend(choices)
            for choice in choices:
                kind = registry.find(group, choice.name)
                settled.setdefault(choice.name, kind(**choice.fields))
        parts = tuple(settled.values())
        chosen: Any = parts if group in MULTIPLE else parts[0]
        recipe = replace(recipe, **{group: chosen})
        if group == "task":
            asked = None if recipe.objective.name == "auto" else recipe.objective
            facts = replace(facts, task=recipe.task, objective=asked)
        if group == "preprocessing":
            require_columns(recipe, facts)  # before anything is told from them
            facts = replace(facts, tensors=recipe.preprocessing.gives(facts.schema))
    faults = check_rules(recipe, registry, facts)
    if faults:
        raise RecipeError(faults, recipe.name)
    return recipe, made
