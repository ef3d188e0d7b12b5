"""Looks for single columns that give the target away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

import mlrecipe

if TYPE_CHECKING:
    from mlrecipe.interfaces import Inspection


class Leak(mlrecipe.Check, name="leak"):
    """Columns that alone predict the target too well to be true (book, 6.1.2).

    The statistic is the normalized predictive power of one column, out of fold, by a small decision
    tree: 2·AUC - 1 for classes, R² for numbers; after the predictive power score (Wetschoreck,
    2020). It sees thresholds, categories, yes/no columns, and whether a value is missing.
    """

    suspicious: float = Field(0.97, gt=0, le=1, description="Power from which on to warn.")
    certain: float = Field(0.995, gt=0, le=1, description="Power that holds the run.")

    def inspect(self, data: Inspection) -> list[mlrecipe.Finding]:
        from mlrecipe.data.power import column_powers

        powers = column_powers(data.table, data.schema, classification=data.task.classification)
        found = []
        for (name, what), power in powers.items():
            if power < self.suspicious:
                continue
            holds = power >= self.certain
            found.append(
                mlrecipe.Finding(
                    "target-leak" if holds else "suspicious-column",
                    "blocker" if holds else "warning",
                    f"{what} of {name} alone tells {', '.join(data.schema.targets)} with a power "
                    f"of {power:.3f} out of 1.",
                    {"column": name, "power": power},
                    f"Ask how {name} comes about, and whether it is known before the target is. "
                    f"If not: problem.not_in_production=[{name}].",
                    "6.1.2",
                )
            )
        return found


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Leak]
