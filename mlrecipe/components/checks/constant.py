"""Looks for columns that say the same in every row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

import mlrecipe

if TYPE_CHECKING:
    from mlrecipe.interfaces import Inspection


class Constant(mlrecipe.Check, name="constant"):
    """Input columns with one value, or nearly one."""

    share: float = Field(
        0.99, gt=0.5, le=1, description="Share of one value from which on a column is reported."
    )

    def inspect(self, data: Inspection) -> list[mlrecipe.Finding]:
        found = []
        for name in data.schema.inputs:
            counts = data.table.column(name).value_counts(dropna=False)
            share = float(counts.iloc[0] / data.table.rows)
            if share < self.share:
                continue
            whole = len(counts) == 1
            where = "every row" if whole else f"{share:.1%} of the rows"
            value = counts.index.tolist()[0]  # a Python value: NumPy's repr names its type
            what = "missing" if value is None or value != value else repr(value)
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
