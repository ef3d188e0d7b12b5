"""Holds rows to learn from against the schema, and does what its policies say."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from mlrecipe.data.lists import is_list, with_lists
from mlrecipe.data.sets import joined
from mlrecipe.data.table_schema import Column, TableSchema
from mlrecipe.data.validation import (
    Violation,
    broken,
    missing_columns,
    refuse,
    violation,
    wanted_columns,
)
from mlrecipe.findings import Finding

MOST_SHARE = 0.05
"""More rows than this dropped, or blanked, is a warning: what is left may represent nobody."""


@dataclass
class Enforced:
    """Rows that keep to the schema, and what was done to make them.

    Attributes:
        frame: the rows, indexed 0 … n-1, numbers as numbers and booleans as booleans.
        dropped: rules whose breakers were left out.
        blanked: rules whose breakers were set missing.
        dropped_rows: number of rows left out; a row may break several rules.
    """

    frame: pd.DataFrame
    dropped: list[Violation] = field(default_factory=list)
    blanked: list[Violation] = field(default_factory=list)
    dropped_rows: int = 0

    def findings(self, rows: int) -> list[Finding]:
        """Return what was done as findings; ``rows`` is how many there were before."""
        found = []
        if self.dropped:
            count, text = self.dropped_rows, "rows broke the schema and were left out"
            found.append(_finding("rows-dropped", count, rows, text, self.dropped))
        if self.blanked:
            count = sum(item.count for item in self.blanked)
            text = "values broke the schema and were set missing"
            found.append(_finding("values-set-missing", count, rows, text, self.blanked))
        return found


def enforce(frame: pd.DataFrame, schema: TableSchema) -> Enforced:
    """Return the rows that keep to the schema.

    Raises:
        MlrecipeError: naming every violation in a column whose policy is to fail.
    """
    wanted = wanted_columns(schema, targets=True)
    frame = with_lists(frame, schema)
    fatal = missing_columns(frame, wanted)
    result = Enforced(frame)
    drop = np.zeros(len(frame), dtype=bool)
    changed: dict[str, pd.Series] = {}
    for name, column in wanted.items():
        if name not in frame.columns:
            continue
        values, bad = frame[name], np.zeros(len(frame), dtype=bool)
        for rule, mask in broken(values, column):
            kept = {"fail": fatal, "drop_row": result.dropped, "set_missing": result.blanked}
            kept[column.policy].append(violation(name, rule, values, mask))
            bad |= mask
        if column.policy == "drop_row":
            drop |= bad
        elif column.policy == "set_missing" and bad.any():
            changed[name] = values.mask(bad)
    refuse(fatal)
    result.frame = frame.assign(**changed)
    result.dropped_rows = int(drop.sum())
    if drop.any():
        result.frame = result.frame[~drop].reset_index(drop=True)
    result.frame = result.frame.assign(**dict(_typed(result.frame, wanted)))
    return result


def _typed(frame: pd.DataFrame, wanted: dict[str, Column]) -> Any:
    """Yield the columns whose values are right but written otherwise: numbers as texts, say."""
    for name, column in wanted.items():
        values = frame[name]
        if column.type == "number" and not pd.api.types.is_numeric_dtype(values):
            yield name, pd.to_numeric(values)
        elif column.type == "boolean" and not pd.api.types.is_bool_dtype(values):
            yield name, values.map({True: True, False: False}, na_action="ignore")
        elif column.kind == "tags" and values.map(is_list).any():
            yield name, values.map(joined, na_action="ignore")


def unmixed(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with columns of several types written as strings, as a file has them.

    A reader that guesses types chunk by chunk yields 1 and "1" in one column; no column store
    keeps that. The check `mixed` tells of what such a column holds.
    """
    changed = {}
    for name in [n for n in frame.columns if frame[n].dtype == object]:
        present = frame[name].dropna()
        kinds = set(present.map(type))
        if len(kinds) > 1 and not kinds <= {int, float}:
            changed[name] = frame[name].map(str, na_action="ignore")
    return frame.assign(**changed) if changed else frame


def _finding(code: str, count: int, rows: int, text: str, rules: list[Violation]) -> Finding:
    share = count / rows
    return Finding(
        code,
        "warning" if share > MOST_SHARE else "advice",
        f"{count} {text} ({share:.1%} of {rows} rows): "
        + "; ".join(f"{item.column} {item.rule} ×{item.count}" for item in rules[:5])
        + (" …" if len(rules) > 5 else "."),
        {
            "count": count,
            "rules": [
                {
                    "column": item.column,
                    "rule": item.rule,
                    "count": item.count,
                    "rows": list(item.rows),
                    "examples": [str(value) for value in item.examples],
                }
                for item in rules
            ],
        },
        "Find out how such rows come about: production will have them too, and refuse them there.",
        "6.1.2",
    )
