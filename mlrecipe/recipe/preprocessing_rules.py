"""What the preparation is asked to do has to be possible, before and after the table is known."""

from __future__ import annotations

from dataclasses import replace

from mlrecipe.errors import Fault, RecipeError
from mlrecipe.interfaces import Facts
from mlrecipe.recipe import Recipe
from mlrecipe.registry import Registry


def settings_fit(recipe: Recipe, registry: Registry) -> list[Fault]:
    """Ask the preprocessing what of its settings contradicts the problem."""
    return _below(recipe.preprocessing.faults(recipe.problem))


def require_columns(recipe: Recipe, facts: Facts) -> None:
    """Raise a `RecipeError` when settings of the preprocessing contradict the table."""
    faults = _below(recipe.preprocessing.faults(recipe.problem, facts.schema))
    if faults:
        raise RecipeError(faults, recipe.name)


def _below(faults: list[Fault]) -> list[Fault]:
    return [replace(fault, path=f"preprocessing.{fault.path}") for fault in faults]
