"""What a tuner searches: ranges that fields declare, changed by the recipe."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlrecipe.component import Search, searches
from mlrecipe.interfaces import Estimator
from mlrecipe.recipe import Recipe
from mlrecipe.recipe.parsing import parse_recipe
from mlrecipe.recipe.space_rules import as_search
from mlrecipe.registry import Registry
from mlrecipe.steps.context import TUNED_GROUPS


def search_space(recipe: Recipe) -> dict[str, Search]:
    """Return recipe key -> range.

    Searched are fields that declare a range and that the recipe leaves at their defaults; then
    those of ``tuner.space``, which may also leave some out.
    """
    space = {}
    for group in TUNED_GROUPS:
        component = getattr(recipe, group)
        if group == "training" and isinstance(recipe.architecture, Estimator):
            continue  # its own algorithm fits it
        for name, found in searches(component).items():
            default = type(component).model_fields[name].get_default()
            if getattr(component, name) == default:
                space[f"{group}.{name}"] = found
    for key, given in recipe.tuner.space.items():
        if given is None:
            space.pop(key, None)
        else:
            space[key] = as_search(given)
    return space


def with_overrides(recipe: Recipe, values: Mapping[str, Any], registry: Registry) -> Recipe:
    """Return the recipe with some keys changed, checked like any other."""
    mapping = recipe.mapping()
    for key, value in values.items():
        group, _, name = key.partition(".")
        mapping[group] = {**mapping[group], name: value}
    return parse_recipe(mapping, registry)
