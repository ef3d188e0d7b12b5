"""Artificial gaps: copies of training rows with entries dropped, where production will have gaps.

A network that never saw a missing value has not learnt to ignore one (book, 6.2.1).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mlrecipe.data.table_schema import TableSchema, named_columns
from mlrecipe.interfaces import Array

KEY = "problem.gaps_in_production"


def expecting_gaps(
    schema: TableSchema, frame: pd.DataFrame, rates: Mapping[str, float]
) -> TableSchema:
    """Return the schema with the columns of the rates allowed to be missing.

    Raises:
        MlrecipeError: for a column that the data has not.
    """
    named_columns(tuple(rates), frame, KEY)
    columns = {
        name: column.model_copy(update={"nullable": True}) if name in rates else column
        for name, column in schema.columns.items()
    }
    return schema.model_copy(update={"columns": columns})


@dataclass(frozen=True)
class Gaps:
    """How copies with gaps are made.

    Attributes:
        rates: column -> share of production's rows in which it is missing.
        seed: which copies lose what.
    """

    rates: Mapping[str, float]
    seed: int = 0

    def missing_in(self, frame: pd.DataFrame) -> dict[str, float]:
        """Return the rates of the columns that have no gap in the rows: those it is up to us."""
        return {name: rate for name, rate in self.rates.items() if not frame[name].isna().any()}

    def added(
        self, frame: pd.DataFrame, y: Array, weights: Array
    ) -> tuple[pd.DataFrame, Array, Array]:
        """Return the rows, followed by copies of some of them with entries dropped.

        Afterwards every column of the rates is missing in about that share of all rows. As many
        copies are made as the largest rate needs; the rows themselves stay as they are.

        Args:
            frame: raw training rows.
            y, weights: their targets (rows, outputs) and weights (rows,).
        """
        rates = self.missing_in(frame)
        largest = max(rates.values(), default=0.0)
        copies = round(len(frame) * largest / (1 - largest))
        if not copies:
            return frame, y, weights
        draws = np.random.default_rng(self.seed)
        whole, rest = divmod(copies, len(frame))
        chosen = np.concatenate(
            [np.tile(np.arange(len(frame)), whole), draws.permutation(len(frame))[:rest]]
        )
        dropped = frame.iloc[chosen].copy()
        share = (len(frame) + copies) / copies
        for name, rate in rates.items():
            gone = draws.random(copies) < rate * share
            dropped[name] = _without(dropped[name], gone)
        together = pd.concat([frame, dropped], ignore_index=True)
        return together, np.concatenate([y, y[chosen]]), np.concatenate([weights, weights[chosen]])


def _without(values: pd.Series, gone: Array) -> Any:
    """Return a column without some of its values, in a type that has room for gaps."""
    if values.dtype.kind in "bi":
        values = values.astype("boolean" if values.dtype.kind == "b" else "float64")
    return values.mask(gone)
