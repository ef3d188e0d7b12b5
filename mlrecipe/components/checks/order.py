"""Looks at what the order of the rows says about the target."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

import mlrecipe

if TYPE_CHECKING:
    from mlrecipe.interfaces import Array, Inspection

PARTS = 10
FEWEST_ROWS = 50


class Order(mlrecipe.Check, name="order"):
    """Rows sorted by the target, or a target that drifts from the first row to the last.

    Sorted: how much less often the class changes from row to row than in shuffled rows (runs, Wald
    and Wolfowitz, 1940). Drifting: the bias-corrected Cramér's V (Bergsma, 2013) between class and
    tenth of the table, or Spearman's rank correlation of a numeric target with the row's position.
    All are effect sizes in 0 … 1, 0 for shuffled rows.
    """

    runs: float = Field(
        0.3, gt=0, le=1, description="Missing share of class changes that is reported."
    )
    drift: float = Field(0.2, gt=0, le=1, description="Drift along the rows that is reported.")

    def inspect(self, data: Inspection) -> list[mlrecipe.Finding]:
        if data.table.rows < FEWEST_ROWS:
            return []
        found = []
        for name in data.schema.targets:
            sorted_by, drift = _effects(data, name)
            if sorted_by >= self.runs:
                found.append(_sorted(name, sorted_by))
            elif drift >= self.drift:
                found.append(_drifts(name, drift, time=data.problem.time))
        return found


def _effects(data: Inspection, name: str) -> tuple[float, float]:
    """Return by how much the rows are sorted by a target, and how much it drifts along them."""
    import numpy as np
    import pandas as pd

    from mlrecipe.exploration.association import codes_of, cramers_v

    if not data.task.simple:
        return 0.0, 0.0
    values = data.table.column(name)
    position = np.arange(len(values))
    if data.task.classification:
        codes = codes_of(values)
        return _missing_changes(codes), cramers_v(codes, position * PARTS // len(values))
    numbers = pd.to_numeric(values, errors="coerce")
    ranks = numbers.rank().to_numpy()
    drift = abs(float(np.corrcoef(position, ranks)[0, 1])) if np.ptp(ranks) else 0.0
    # Neighbours in a sorted column are of nearly one rank: a serial correlation close to 1.
    serial = float(np.corrcoef(ranks[1:], ranks[:-1])[0, 1]) if np.ptp(ranks) else 0.0
    return max(0.0, serial), drift


def _missing_changes(codes: Array) -> float:
    import numpy as np

    n = len(codes)
    counts = np.unique(codes, return_counts=True)[1].astype(float)
    expected = (n - 1) * (1 - float((counts * (counts - 1)).sum()) / (n * (n - 1)))
    changes = int(np.count_nonzero(codes[1:] != codes[:-1]))
    return 1 - changes / expected if expected >= 10 else 0.0


def _sorted(name: str, effect: float) -> mlrecipe.Finding:
    return mlrecipe.Finding(
        "rows-in-order",
        "advice",
        f"Neighbouring rows have similar {name}: the table is sorted by it, or by what goes with "
        f"it, to {effect:.0%}.",
        {"column": name, "sorted": effect},
        "Splits shuffle the rows: no harm where rows are independent. If neighbours come "
        "from one time, place or device, keep them together, or split by time (problem.time).",
        "6.2.2",
    )


def _drifts(name: str, effect: float, *, time: str | None) -> mlrecipe.Finding:
    return mlrecipe.Finding(
        "drift-along-rows",
        "advice",
        f"{name} changes from the first rows to the last ({effect:.2f} on a scale from 0 to 1).",
        {"column": name, "drift": effect},
        "If rows stand in the order of time, the newest say most about production: "
        + ("split by time." if time else "name the column in problem.time, and split by it."),
        "6.2.2",
    )


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Order]
