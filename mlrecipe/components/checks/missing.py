"""Looks for missing values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

import mlrecipe

if TYPE_CHECKING:
    from mlrecipe.interfaces import Inspection


class Missing(mlrecipe.Check, name="missing"):
    """Input columns with many missing values (book, 6.1.2)."""

    share: float = Field(0.05, ge=0, le=1, description="Share of the rows that is reported.")
    most: float = Field(0.5, ge=0, le=1, description="Share from which on a column says little.")

    def inspect(self, data: Inspection) -> list[mlrecipe.Finding]:
        found = []
        for name in data.schema.inputs:
            share = float(data.table.column(name).isna().mean())
            if share < self.share or share == 0:
                continue
            found.append(
                mlrecipe.Finding(
                    "missing-values",
                    "warning" if share >= self.most else "advice",
                    f"{name} is missing in {share:.1%} of the rows.",
                    {"column": name, "share": share},
                    "Find out why, and whether it will be so in production; "
                    + (
                        f"leave it out: problem.inputs without {name}."
                        if share >= self.most
                        else "gaps are filled and marked (preprocessing.indicator)."
                    ),
                    "6.1.2",
                )
            )
        return found


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Missing]
