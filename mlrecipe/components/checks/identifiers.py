"""Looks for inputs that name a row, or a group of rows, instead of describing it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pydantic import Field

import mlrecipe

if TYPE_CHECKING:
    from mlrecipe.data.table_schema import Column
    from mlrecipe.exploration.profile import Profile
    from mlrecipe.interfaces import Inspection

NAMES = re.compile(r"(^|[_\W])(id|ids|uuid|guid|key|nr|no)$|(?<=[a-z])(Id|ID|Key|Nr)$")
"""How columns that name something are called: ``patient_id``, ``orderId``, ``key``."""

DIFFERING = ("datetime", "location", "tags", "sequence", "image", "text")
"""Kinds whose values may well differ from row to row, and tell something nevertheless."""


class Identifiers(mlrecipe.Check, name="identifiers"):
    """Inputs that a model would learn by heart, for they name the row (book, 6.1.2).

    The statistics are the share of distinct values, after ydata-profiling's UNIQUE alert, and for
    whole numbers how densely they fill their range: numbers given one after the other fill it.
    """

    share: float = Field(
        0.98, gt=0, le=1, description="Share of distinct values from which on a column names rows."
    )
    density: float = Field(
        0.5, gt=0, le=1, description="Share of the range that running numbers fill at least."
    )

    def inspect(self, data: Inspection) -> list[mlrecipe.Finding]:
        from mlrecipe.exploration.profile import profile_table

        profiles = profile_table(data.table).columns
        return [
            _finding(name, profiles[name])
            for name, column in data.schema.features().items()
            if column.kind not in DIFFERING
            and not _declared_id(column)
            and self._names_rows(name, profiles[name])
        ]

    def _names_rows(self, name: str, profile: Profile) -> bool:
        present = profile.rows - profile.missing
        share = profile.distinct / max(present, 1)
        if present < 50:
            return False
        called_so = NAMES.search(name) is not None
        if profile.numbers is None:
            return share >= self.share or (called_so and profile.distinct > 50)
        if not profile.numbers.whole:
            return False
        low, *_, high = profile.numbers.quantiles
        dense = profile.distinct / (high - low + 1) >= self.density
        return (share >= self.share and (dense or called_so)) or (
            called_so and profile.distinct > 50
        )


def _declared_id(column: Column) -> bool:
    """Return whether somebody said that the column is an id to learn from."""
    return column.kind == "id" and not column.reason


def _finding(name: str, profile: Profile) -> mlrecipe.Finding:
    present = profile.rows - profile.missing
    repeated = profile.distinct < 0.9 * present
    return mlrecipe.Finding(
        "identifier-as-input",
        "warning",
        f"{name} looks like an identifier: {profile.distinct} distinct values in {present} rows.",
        {"column": name, "distinct": profile.distinct, "present": present},
        f"A model learns it by heart. Leave it out: schema.kinds.{name}=identifier."
        + (
            f" Rows with the same {name} belong together: a split must not part them."
            if repeated
            else ""
        ),
        "6.1.2",
    )


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Identifiers]
