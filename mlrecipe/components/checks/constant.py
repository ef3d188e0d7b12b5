"""Looks for columns that say the same in every row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

import mlrecipe

if TYPE_CHECKING:
    from mlrecipe.interfaces import Inspection


class Constant(mlrecipe.Check, name="constant"):
    """Input columns with one value, or nearly one, which tell hardly anything.

    The statistic is the share of the most frequent value, as in ydata-profiling's CONSTANT alert.
    """

    share: float = Field(
        0.99, gt=0.5, le=1, description="Share of one value from which on a column is reported."
    )

    def inspect(self, data: Inspection) -> list[mlrecipe.Finding]:
        from mlrecipe.exploration.profile import profile_table

        profiles = profile_table(data.table).columns
        found = []
        for name in data.schema.inputs:
            profile = profiles[name]
            # Beside one value there may be gaps, which say something: `missing` looks at those.
            value, count = profile.top[0] if profile.top else (None, profile.missing)
            share = count / max(profile.rows, 1)
            if share < self.share:
                continue
            whole = share == 1
            what = "missing" if value is None else repr(value)
            where = "every row" if whole else f"{share:.1%} of the rows"
            found.append(
                mlrecipe.Finding(
                    "constant-column" if whole else "nearly-constant-column",
                    "note",
                    f"{name} is {what} in {where}.",
                    {"column": name, "value": str(value), "share": share},
                    "Leave it out, unless the rare rows are what matters.",
                    "6.1.2",
                )
            )
        return found


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Constant]
