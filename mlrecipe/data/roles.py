"""Columns with a role of their own: they are kept with the rows, and are no model input."""

from __future__ import annotations

import pandas as pd

from mlrecipe.data.table_schema import TableSchema, named_columns
from mlrecipe.problem import Problem


def role_columns(problem: Problem) -> dict[str, str]:
    """Return column -> why a model must not read it."""
    found = {}
    if problem.existing is not None and problem.existing.column:
        found[problem.existing.column] = (
            "holds the decision of today (problem.existing.column), which the model replaces"
        )
    if problem.time is not None:
        found[problem.time] = "says when a row came about (problem.time)"
    if problem.grouped_by is not None:
        found[problem.grouped_by] = "says which rows belong together (problem.grouped_by)"
    if problem.weight is not None:
        found[problem.weight] = "says how much a row counts (problem.weight)"
    return found


def without_roles(schema: TableSchema, frame: pd.DataFrame, problem: Problem) -> TableSchema:
    """Return the schema without role columns among its inputs.

    Raises:
        MlrecipeError: for a role or group column that the data has not.
    """
    if problem.existing is not None and problem.existing.column:
        named_columns((problem.existing.column,), frame, "problem.existing.column")
    for key in ("time", "weight", "grouped_by"):
        name = getattr(problem, key)
        if name is not None:
            named_columns((name,), frame, f"problem.{key}")
    named_columns(problem.groups, frame, "problem.groups")
    roles = role_columns(problem)
    return schema.model_copy(
        update={"inputs": tuple(name for name in schema.inputs if name not in roles)}
    )
