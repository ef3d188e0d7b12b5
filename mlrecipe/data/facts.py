"""Gathers what `auto` components decide by."""

from __future__ import annotations

from typing import Any

import pandas as pd

from mlrecipe.data.lists import hashable, is_list
from mlrecipe.data.table_schema import TableSchema
from mlrecipe.interfaces import Facts
from mlrecipe.problem import Problem

MOST_TARGET_VALUES = 1000
"""Distinct target values that `auto` components are shown."""


def facts_of(
    frame: pd.DataFrame, schema: TableSchema, problem: Problem, test_share: float = 0.0
) -> Facts:
    """Return the facts of labelled rows, of which a share will be sealed for the test."""
    values: dict[str, list[Any]] = {}
    for name in schema.targets:
        distinct = frame[name][~hashable(frame[name]).duplicated()]
        plain = distinct.map(type).nunique() == 1 and not distinct.map(is_list).any()
        ordered = distinct.sort_values() if plain else distinct
        values[name] = ordered.head(MOST_TARGET_VALUES).tolist()
    return Facts(problem, schema, round(len(frame) * (1 - test_share)), values)
