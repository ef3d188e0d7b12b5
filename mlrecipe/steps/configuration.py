"""What the ledger tells looks and openings apart by: all that decides a score on the same data."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlrecipe.files import digest, read_json
from mlrecipe.recipe import Recipe
from mlrecipe.steps.context import StepContext

SECTIONS = ("task", "preprocessing", "architecture", "objective", "training", "protocol")
"""The choices that decide what is trained, and on which rows."""

PROBLEM = ("gaps_in_production", "time", "grouped_by", "weight", "population", "most_weight")
"""What of the problem decides rows and their weights; columns and target stand in the schema."""


def configuration(context: StepContext, recipe: Recipe) -> Mapping[str, Any]:
    """Return all that decides a score on the same data, as plain data.

    Two configurations that agree in it show the same number. Columns and target are taken as
    `collect` settled them, so that it does not matter how a recipe named them; two versions of a
    plugin are two configurations.
    """
    columns = read_json(context.artifact("collect", "schema.json"))
    target = read_json(context.artifact("collect", "target.json"))
    problem = recipe.section("problem")
    return {
        **{name: recipe.section(name) for name in SECTIONS},
        **{name: problem[name] for name in PROBLEM},
        "columns": columns,
        "target": target,
        "seed": recipe.workflow.seed,
        "test_share": recipe.workflow.test_share,
        "code": sorted(
            f"{component.group}={component.name}: {context.registry.provider(component)}"
            for component in recipe.components()
            if component.group in SECTIONS
        ),
    }


def fits_folder(context: StepContext, settings: Mapping[str, Any]) -> Path:
    """Return where a step keeps the state of a configuration's fits, so that killed ones go on."""
    return context.work / f"fits_{digest(settings)[:12]}"
