"""Holds the settled recipe against the values of the target: can this be trained at all?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from mlrecipe.errors import Fault, RecipeError, nearest
from mlrecipe.preparation.target_codec import TargetCodec, label_as_text
from mlrecipe.recipe import Recipe


def require_learnable(targets: pd.DataFrame, recipe: Recipe, codec: TargetCodec) -> None:
    """Refuse targets out of the last layer's reach, and weights of classes that nobody has.

    Args:
        targets: the target columns of all labelled rows.
        recipe: the settled recipe.
        codec: what was learnt of the targets.

    Raises:
        RecipeError: naming row and value, or the nearest label.
    """
    faults = [*_out_of_bounds(targets, recipe, codec), *_unknown_labels(recipe, codec)]
    if faults:
        raise RecipeError(faults, recipe.name)


def _out_of_bounds(targets: pd.DataFrame, recipe: Recipe, codec: TargetCodec) -> list[Fault]:
    low, high = recipe.objective.bounds
    if recipe.task.classification or not codec.scale or not np.isfinite([low, high]).any():
        return []
    found = []
    reach = f"{low:g} to {high:g}" if np.isfinite(high) else f"numbers from {low:g} on"
    for column in codec.columns:
        values = pd.to_numeric(targets[column])
        wrong = values[(values < low) | (values > high)]
        if len(wrong):
            more = f", and {len(wrong) - 1} more rows lie outside" if len(wrong) > 1 else ""
            found.append(
                Fault(
                    "objective",
                    f"{recipe.objective.name} answers with {reach} only: {column!r} is "
                    f"{wrong.iloc[0]:g} in row {wrong.index[0]}{more}",
                    expected=f"{column!r} within {reach} in every row",
                    received=recipe.objective.name,
                    fix=f"objective={recipe.task.objectives[0]}, or correct the rows",
                )
            )
    return found


def _unknown_labels(recipe: Recipe, codec: TargetCodec) -> list[Fault]:
    labels = [label_as_text(label) for label in codec.labels]
    given = getattr(recipe.training, "class_weights", {})
    return [
        Fault(
            f"training.class_weights.{name}",
            f"no row has the label {name!r}",
            expected=f"one of {', '.join(labels[:20])}",
            fix=f"training.class_weights={{{nearest(name, labels) or labels[0]}: {weight:g}}}",
        )
        for name, weight in given.items()
        if name not in labels
    ]
