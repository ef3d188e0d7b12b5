"""Later rows are predicted from earlier ones, as in production."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

import mlrecipe

if TYPE_CHECKING:
    from mlrecipe.interfaces import Array, Divisible


class TimeOrdered(mlrecipe.Protocol, name="time_ordered", by_time=True):
    """Validates on rows that are later than all that is trained on (problem.time).

    Forward chaining (Hyndman and Athanasopoulos, Forecasting: principles and practice, 5.10). The
    latest of all rows are sealed for the test. Rows of one moment stay together; rows without a
    time count as the earliest.
    """

    folds: int = Field(1, ge=1, description="Number of stretches of time to validate on, in turn.")
    share: float = Field(
        0.2, gt=0, lt=1, description="Share of the rows that all stretches hold together."
    )
    window: Literal["expanding", "sliding"] = Field(
        "expanding",
        description="expanding: train on all that came before; sliding: on as many rows as there "
        "are before the first stretch.",
    )
    gap: float = Field(
        0.0,
        ge=0,
        description="Time left out between training and validation, in days (or in the unit of "
        "problem.time), as long as it takes until outcomes are known.",
    )

    def split(self, rows: Divisible) -> list[tuple[Array, Array]]:
        import numpy as np

        times, groups = rows.times, rows.groups
        if times is None:
            raise mlrecipe.MlrecipeError(
                "there is no time to order the rows by",
                where="problem.time",
                fix="name the column that says when a row came about, or choose another protocol",
            )
        times = np.where(np.isfinite(times), times, -np.inf)
        starts = self._starts(times)
        begin = np.sort(times)[0]
        splits = []
        for start, end in zip(starts, [*starts[1:], np.inf], strict=True):
            valid = np.flatnonzero((times >= start) & (times < end))
            earliest = begin if self.window == "expanding" else self._slid(times, starts[0], start)
            train = np.flatnonzero((times < start - self.gap) & (times >= earliest))
            if groups is not None:
                train = train[~np.isin(groups[train], groups[valid])]
            splits.append((train, valid))
        if not all(len(train) and len(valid) for train, valid in splits):
            raise mlrecipe.MlrecipeError(
                f"{self.folds} stretch(es) of time leave a part without rows",
                where="protocol.folds",
                fix="choose fewer folds, another protocol.share or a shorter protocol.gap",
            )
        return splits

    def _starts(self, times: Array) -> list[float]:
        """Return when each stretch begins: they hold about equally many rows."""
        import numpy as np

        ordered = np.sort(times)
        places = 1 - self.share + self.share * np.arange(self.folds) / self.folds
        return [float(ordered[round(place * len(ordered))]) for place in places]

    def _slid(self, times: Array, first: float, start: float) -> float:
        """Return from when on to train, so that there are as many rows as before the first."""
        import numpy as np

        ordered = np.sort(times)
        many = int(np.searchsorted(ordered, first - self.gap))
        before = int(np.searchsorted(ordered, start - self.gap))
        return float(ordered[max(0, before - many)])


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [TimeOrdered]
