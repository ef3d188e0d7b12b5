"""Tasks that are judged on things never seen before: no split may part the rows of a thing."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mlrecipe.component import Choice
from mlrecipe.errors import MlrecipeError
from mlrecipe.interfaces import Array
from mlrecipe.recipe import Recipe


def group_column(recipe: Recipe) -> str | None:
    """Return the column whose values stay whole on one side of every split; None: rows may part.

    It is ``problem.grouped_by``; left open, the target, where the task asks for that.
    """
    if recipe.problem.grouped_by is None and recipe.task.split_by_target:
        return recipe.problem.target[0]
    return recipe.problem.grouped_by


def group_of_rows(frame: pd.DataFrame, column: str | None) -> Array | None:
    """Return the number of the group (rows,) of every row; None where the problem names none.

    Rows without a value are a group each.
    """
    if column is None:
        return None
    groups = pd.factorize(frame[column])[0].astype(np.int64)
    alone = groups < 0
    groups[alone] = groups.max(initial=-1) + 1 + np.arange(alone.sum())
    return groups


def grouped_by_choice(recipe: Recipe) -> dict[str, list[Choice]]:
    """Return the choice of the target as group, for the log; empty where nothing was left open."""
    column = group_column(recipe)
    if column is None or column == recipe.problem.grouped_by:
        return {}
    reason = (
        f"{recipe.task.name} is judged on things that training never saw: all rows of one "
        f"{column} stay on one side of every split"
    )
    return {"problem.grouped_by": [Choice(column, reason)]}


def require_whole_things(frame: pd.DataFrame, recipe: Recipe) -> None:
    """Refuse groups that part the rows of a thing.

    Raises:
        MlrecipeError: naming a thing with rows in several groups.
    """
    groups = recipe.problem.grouped_by
    if groups is None or not recipe.task.split_by_target:
        return
    target = recipe.problem.target[0]
    if groups == target:
        return
    parted = frame.groupby(target, sort=False)[groups].nunique(dropna=False)
    parted = parted[parted > 1]
    if len(parted):
        raise MlrecipeError(
            f"{groups!r} parts {len(parted)} things: rows of {parted.index[0]!r} have "
            f"{parted.iloc[0]} values of it",
            where="problem.grouped_by",
            expected=f"the target itself, or a coarser column: one value for each {target}",
            fix=f"problem.grouped_by={target}, or leave it out",
        )
