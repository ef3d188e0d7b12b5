"""Looks for values and rows that stand far from all others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pydantic import Field

import mlrecipe

if TYPE_CHECKING:
    from mlrecipe.exploration.profile import Numbers, Tail
    from mlrecipe.interfaces import Inspection

FEWEST_ROWS = 50
MOST_SHARE = 0.01
"""More rows than that on the far side of a gap are a second group, and no outliers."""

FEWEST_DISTINCT = 8
"""With fewer different values, one more is no outlier but another value."""


class Outliers(mlrecipe.Check, name="outliers"):
    """Infinities, values beyond a gap wider than the whole range of the others, odd combinations.

    Values: the widest gap near either end of the sorted column over the range on its other side
    (Dixon's ratio, 1950, for groups of up to a percent of the rows); unlike distance in deviations
    it keeps silent on skewed columns. Rows: the Mahalanobis distance (1936) of the columns' normal
    scores, a Gaussian copula (Liu, Lafferty and Wasserman, 2009), so that every column by itself is
    inconspicuous; beside the median distance, on at most 10,000 rows.
    """

    gap: float = Field(
        1.0, gt=0, description="A gap is reported from this multiple of the other values' range on."
    )
    distance: float = Field(
        7.0, gt=1, description="Distance of an odd row, as a multiple of the median distance."
    )

    def inspect(self, data: Inspection) -> list[mlrecipe.Finding]:
        from mlrecipe.exploration.profile import profile_table

        profiles = profile_table(data.table).columns
        found: list[mlrecipe.Finding] = []
        for name in (*data.schema.inputs, *data.schema.targets):
            numbers = profiles[name].numbers
            if numbers is not None and data.schema.columns[name].kind in (
                "numeric",
                "location",
                "target",
            ):
                found.extend(_infinite(name, numbers))
                if name in data.schema.inputs or data.task.regression:
                    found.extend(self._values(name, numbers, data.table.rows))
        return found + self._rows(data)

    def _values(self, name: str, numbers: Numbers, rows: int) -> Iterator[mlrecipe.Finding]:
        for tail in (numbers.low, numbers.high):
            few = tail.count <= max(1, rows * MOST_SHARE)
            if few and tail.gap >= self.gap and tail.distinct >= FEWEST_DISTINCT:
                yield _isolated(name, tail)

    def _rows(self, data: Inspection) -> list[mlrecipe.Finding]:
        import numpy as np

        from mlrecipe.data.table import SAMPLE_ROWS
        from mlrecipe.exploration.features import odd_combinations

        rows = data.table.sample(SAMPLE_ROWS, data.seed)
        names = [n for n, c in data.schema.features().items() if c.kind in ("numeric", "location")]
        if len(names) < 2 or len(rows) < FEWEST_ROWS:
            return []
        far = odd_combinations(rows, names)
        odd = far > self.distance
        if not odd.any():
            return []
        worst = np.argsort(-far, kind="stable")[: min(int(odd.sum()), 5)]
        return [
            mlrecipe.Finding(
                "outlier-rows",
                "advice",
                f"{int(odd.sum())} of {len(rows)} rows looked at combine values as no other does; "
                f"the farthest is row {int(rows.index[worst[0]])}.",
                {
                    "count": int(odd.sum()),
                    "rows": [int(i) for i in rows.index[worst]],
                    "distances": [round(float(far[i]), 2) for i in worst],
                },
                "Look at them: a mistake, another kind of case, or what matters most.",
                "6.1.2",
            )
        ]


def _infinite(name: str, numbers: Numbers) -> Iterator[mlrecipe.Finding]:
    if numbers.infinite:
        yield mlrecipe.Finding(
            "infinite-values",
            "warning",
            f"{name} is infinite in {numbers.infinite} rows.",
            {"column": name, "count": numbers.infinite},
            "A division by zero, mostly. Set them missing at the source, or by the schema: "
            "maximum: …, nullable: true, policy: set_missing.",
            "6.2.1",
        )


def _isolated(name: str, tail: Tail) -> mlrecipe.Finding:
    return mlrecipe.Finding(
        "isolated-values",
        "warning" if tail.gap >= 3 else "advice",
        f"{name} jumps from {tail.nearest:g} to {tail.value:g} in {tail.count} row(s): the gap is "
        f"up to {tail.gap:.1f} times as wide as the range of all others.",
        {
            "column": name,
            "gap": tail.gap,
            "count": tail.count,
            "value": tail.value,
            "nearest": tail.nearest,
        },
        "Another unit, a slip of the pen, a code for a missing value? Correct it at the source, or "
        f"set limits in the schema: minimum or maximum of {name}, with a policy.",
        "6.1.2",
    )


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Outliers]
