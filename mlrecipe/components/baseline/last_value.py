"""What came last will come again: the answer of a time series (the random walk's forecast)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

import mlrecipe

if TYPE_CHECKING:
    import pandas as pd

    from mlrecipe.interfaces import Array, Facts, Inputs, Samples


class LastValue(mlrecipe.Baseline, name="last_value"):
    """Answers with the target of the latest training row before, in the order of problem.time.

    Rows of the same moment do not count as earlier. A row before which nothing is known, in its
    series, gets the training rows' mean, and so does one without a time. Also called persistence,
    or the naive forecast (Hyndman and Athanasopoulos, 2021, "Forecasting", 5.2).
    """

    time: str = Field("", description="The column with the time; empty: problem.time.")
    by: str = Field(
        "", description="The column that tells series apart, such as a shop; empty: one series."
    )

    def resolve(self, facts: Facts) -> tuple[mlrecipe.Choice, ...] | None:
        from mlrecipe.errors import nearest

        columns = facts.schema.columns
        if self.by and self.by not in columns:
            close = nearest(self.by, columns)
            raise mlrecipe.MlrecipeError(
                f"there is no column {self.by!r}" + (f"; did you mean {close!r}?" if close else ""),
                where="baseline.last_value.by",
                expected=f"one of {', '.join(list(columns)[:20])}",
            )
        if self.time:
            return None
        if facts.problem.time is None:
            raise mlrecipe.MlrecipeError(
                "baseline=last_value does not know in which order rows came",
                where="problem.time",
                expected="the column that says when a row came about",
                fix="problem.time=COLUMN, or leave last_value out of baseline",
            )
        return (last_value_choice(facts, self.by),)

    def predict(self, training: Samples, rows: Inputs) -> Array:
        import numpy as np

        known = self._ordered(training.frame, np.arange(len(training.y)))
        asked = self._ordered(rows.frame, np.arange(len(rows.frame)))
        latest = _latest(known, asked)
        mean = np.average(training.y, axis=0, weights=training.weights)
        outputs = np.tile(mean.astype(np.float32), (len(rows.frame), 1))
        outputs[latest["row"].to_numpy()] = training.y[latest["last"].to_numpy()]
        return outputs

    def _ordered(self, frame: pd.DataFrame, numbers: Array) -> pd.DataFrame:
        """Return the rows whose time is known, in order: number, moment and series."""
        import numpy as np
        import pandas as pd

        from mlrecipe.comparison.periods import moments

        times = moments(frame[self.time]).values
        series = frame[self.by].astype(str).to_numpy() if self.by else np.full(len(frame), "")
        table = pd.DataFrame({"row": numbers, "time": times, "series": series})
        return table.dropna(subset="time").sort_values("time", kind="stable")


def _latest(known: pd.DataFrame, asked: pd.DataFrame) -> pd.DataFrame:
    """Return the asked rows that have an earlier one of their series, in ``last``."""
    import pandas as pd

    found = pd.merge_asof(
        asked,
        known.rename(columns={"row": "last"}),
        on="time",
        by="series",
        allow_exact_matches=False,
    )
    found = found.dropna(subset="last")
    return found.astype({"last": "int64"})


def last_value_choice(facts: Facts, by: str = "") -> mlrecipe.Choice:
    """Return the last value as a baseline, with its settings."""
    time = facts.problem.time
    series = f" of the same {by}" if by else ""
    reason = f"rows have a time, {time}: the last known answer{series} may be the next one"
    return mlrecipe.Choice("last_value", reason, {"time": time, "by": by})


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [LastValue]
