"""Chooses between one validation set and folds by the number of rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mlrecipe

if TYPE_CHECKING:
    from mlrecipe.interfaces import Array, Divisible, Facts

ENOUGH_ROWS = 5000
"""From here on one holdout set of a fifth is large enough that its score hardly moves by chance:
the standard error of a share of 0.9 measured on 1000 rows is below 0.01."""


class Auto(mlrecipe.Protocol, name="auto"):
    """Chooses holdout for many rows and folds for few; the latest rows where there is a time."""

    def resolve(self, facts: Facts) -> tuple[mlrecipe.Choice, ...]:
        rows = f"about {facts.rows} development rows"
        grouped = facts.problem.grouped_by is not None or (
            facts.task is not None and facts.task.split_by_target
        )
        if facts.problem.time is not None and not grouped:
            reason = f"rows have a time ({facts.problem.time}): what comes later is to be predicted"
            return (mlrecipe.Choice("time_ordered", reason, self._kept()),)
        if facts.rows >= ENOUGH_ROWS:
            reason = f"{rows} are enough for one validation set"
            return (mlrecipe.Choice("holdout", reason, self._kept()),)
        reason = f"with {rows} the score of one validation set is unreliable"
        return (mlrecipe.Choice("kfold", reason, self._kept()),)

    def _kept(self) -> dict[str, str]:
        """Return what the recipe says of whatever protocol it will be."""
        return {} if self.copies == "auto" else {"copies": self.copies}

    def split(self, rows: Divisible) -> list[tuple[Array, Array]]:
        raise NotImplementedError  # the step collect puts the chosen protocol in its place


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Auto]
