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

TEXTS_LOOKED_AT = 10_000
"""Texts whose words are counted to tell how long they are."""


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
    rows = round(len(frame) * (1 - test_share))
    return Facts(problem, schema, rows, values, words=mean_words(frame, schema))


def mean_words(frame: pd.DataFrame, schema: TableSchema) -> dict[str, float]:
    """Return the mean number of words in every column of texts, from rows all over the table."""
    every = max(1, len(frame) // TEXTS_LOOKED_AT)
    return {
        name: float(frame[name].iloc[::every].dropna().astype(str).str.split().str.len().mean())
        for name, column in schema.features().items()
        if column.kind == "text" and frame[name].notna().any()
    }
