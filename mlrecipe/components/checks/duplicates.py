"""Looks for rows that occur twice, and for equal inputs with different targets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

import mlrecipe

if TYPE_CHECKING:
    from mlrecipe.interfaces import Inspection


class Duplicates(mlrecipe.Check, name="duplicates"):
    """Rows that occur twice; they make validation look better than it is (book, 6.2.2)."""

    share: float = Field(0.01, ge=0, le=1, description="Share of the rows from which on to warn.")

    def inspect(self, data: Inspection) -> list[mlrecipe.Finding]:
        inputs, targets = list(data.schema.inputs), list(data.schema.targets)
        rows = data.table.columns(inputs + targets)
        twice = rows.duplicated()
        groups = rows[~twice]
        conflicting = (
            groups[inputs].duplicated(keep=False) if data.task.classification else twice & False
        )
        found = []
        if twice.any():
            share = float(twice.mean())
            found.append(
                mlrecipe.Finding(
                    "duplicate-rows",
                    "warning" if share >= self.share else "note",
                    f"{int(twice.sum())} rows ({share:.1%}) repeat an earlier one.",
                    {"count": int(twice.sum()), "rows": twice[twice].index[:5].tolist()},
                    "Remove them from the source, unless the same case truly came twice; copies on "
                    "both sides of a split are a leak.",
                    "6.2.2",
                )
            )
        if conflicting.any():
            found.append(
                mlrecipe.Finding(
                    "conflicting-labels",
                    "warning",
                    f"{int(conflicting.sum())} rows have equal inputs and different labels.",
                    {"rows": groups.index[conflicting][:5].tolist()},
                    "Look at them: the labels are wrong, or an input is missing that tells them "
                    "apart.",
                    "6.1.2",
                )
            )
        return found


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Duplicates]
