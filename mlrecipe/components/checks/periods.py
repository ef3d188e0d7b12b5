"""Holds the first period of the data against the last one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

import mlrecipe

if TYPE_CHECKING:
    from mlrecipe.interfaces import Inspection


class Periods(mlrecipe.Check, name="periods"):
    """Columns that changed between the first and the last period of the time column (book, 6.1.2).

    Effect sizes and limits are those of ``production_columns``.
    """

    periods: int = Field(
        4, ge=2, description="Periods of equally many rows; first and last are compared."
    )
    distance: float = Field(
        0.2,
        gt=0,
        lt=1,
        description="Kolmogorov-Smirnov's statistic, or Cramér's V, that is reported.",
    )
    shift: float = Field(
        0.5, gt=0, description="Wasserstein distance, in standard deviations, that is reported."
    )

    def inspect(self, data: Inspection) -> list[mlrecipe.Finding]:
        if data.problem.time is None:
            return []
        import numpy as np

        from mlrecipe.comparison.periods import cut, moments
        from mlrecipe.comparison.profiles import Limits, parts_differ, with_targets

        times = moments(data.table.column(data.problem.time))
        period = cut(times.values, self.periods)
        first, last = np.flatnonzero(period == 0), np.flatnonzero(period == period.max())
        if period.max() < 1:
            return []
        columns = with_targets(data.schema, data.task, data.problem.time)
        limits = Limits(distance=self.distance, shift=self.shift)
        differing = parts_differ(data.table.column, columns, data.weights, first, last, limits)
        until = times.name(float(np.max(times.values[first])))
        since = times.name(float(np.min(times.values[last])))
        return [
            mlrecipe.Finding(
                "time-drift",
                "warning",
                f"{d.column} changed between the rows up to {until} and those since {since}: "
                f"{d.words} ({d.distance.statistic} {d.distance.value:.2f}).",
                {**d.evidence(), "until": until, "since": since},
                "Validate on later rows than those trained on, and plan to train anew.",
                "6.1.2",
            )
            for d in differing
        ]


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Periods]
