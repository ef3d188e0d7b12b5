"""Looks for rows that occur twice, nearly twice, or with different targets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

import mlrecipe

if TYPE_CHECKING:
    from mlrecipe.findings import Severity
    from mlrecipe.interfaces import Array, Inspection


class Duplicates(mlrecipe.Check, name="duplicates"):
    """Rows that occur twice; they make validation look better than it is (book, 6.2.2).

    Exact copies are found by a hash of every row. Near copies are found among the numbers of at
    most 10,000 rows, by the distance to the nearest neighbour beside the usual one (the rule of
    cleanlab's Datalab, and the two-neighbour dimension of Facco et al., 2017, for what chance
    gives), and in columns of text by equality but for case, punctuation and blanks.
    """

    share: float = Field(0.01, ge=0, le=1, description="Share of the rows from which on to warn.")
    closeness: float = Field(
        0.13, gt=0, lt=1, description="A near copy is closer than this part of the usual distance."
    )

    def inspect(self, data: Inspection) -> list[mlrecipe.Finding]:
        import numpy as np
        import pandas as pd

        from mlrecipe.exploration.repetition import conflicts, row_hashes

        inputs = row_hashes(data.table, data.schema.inputs)
        targets = row_hashes(data.table, data.schema.targets)
        twice = pd.Series(inputs ^ (targets * np.uint64(0x9E3779B97F4A7C15))).duplicated()
        found = self._exact(twice.to_numpy())
        if data.task.classification:
            found += _conflicting(conflicts(inputs, targets))
        return found + self._near_numbers(data) + self._near_texts(data)

    def _exact(self, twice: Array) -> list[mlrecipe.Finding]:
        count = int(twice.sum())
        if not count:
            return []
        return [
            mlrecipe.Finding(
                "duplicate-rows",
                self._severity(count / len(twice)),
                f"{count} rows ({count / len(twice):.1%}) repeat an earlier one.",
                {"count": count, "rows": _first(twice)},
                "Remove them from the source, unless the same case truly came twice; copies on "
                "both sides of a split are a leak.",
                "6.2.2",
            )
        ]

    def _near_numbers(self, data: Inspection) -> list[mlrecipe.Finding]:
        from mlrecipe.data.table import SAMPLE_ROWS
        from mlrecipe.exploration.features import standard_numbers
        from mlrecipe.exploration.repetition import near_rows

        rows = data.table.sample(SAMPLE_ROWS, data.seed)
        names = [n for n, c in data.schema.features().items() if c.kind in ("numeric", "location")]
        numbers = standard_numbers(rows, names)
        distinct = rows[names].drop_duplicates().index
        kept = rows.index.get_indexer(distinct)
        near, chance = near_rows(numbers[kept], self.closeness)
        count = int(near.sum())
        if count < 2 or count <= 3 * chance:
            return []
        return [
            mlrecipe.Finding(
                "near-duplicate-rows",
                self._severity(count / len(rows), "advice"),
                f"{count} of {len(rows)} rows looked at have a near copy: their numbers differ far "
                "less than those of neighbours do.",
                {"count": count, "rows": distinct[near][:5].tolist(), "by_chance": chance},
                "Look at them: the same case measured again, or a copy with noise. If so, such "
                "rows must stay on one side of a split.",
                "6.2.2",
            )
        ]

    def _near_texts(self, data: Inspection) -> list[mlrecipe.Finding]:
        from mlrecipe.exploration.repetition import same_texts

        found = []
        for name in data.schema.inputs:
            if data.schema.columns[name].kind != "text":
                continue
            near = same_texts(data.table.column(name))
            if near.any():
                share = float(near.mean())
                found.append(
                    mlrecipe.Finding(
                        "near-duplicate-texts",
                        self._severity(share, "advice"),
                        f"{int(near.sum())} rows ({share:.1%}) repeat an earlier {name} but for "
                        "case, punctuation and blanks.",
                        {"column": name, "count": int(near.sum()), "rows": _first(near)},
                        "Keep one of each, or keep them on one side of a split.",
                        "6.2.2",
                    )
                )
        return found

    def _severity(self, share: float, otherwise: Severity = "note") -> Severity:
        return "warning" if share >= self.share else otherwise


def _conflicting(rows: Array) -> list[mlrecipe.Finding]:
    count = int(rows.sum())
    if not count:
        return []
    return [
        mlrecipe.Finding(
            "conflicting-labels",
            "warning",
            f"{count} rows have equal inputs and different labels.",
            {"count": count, "rows": _first(rows)},
            "Look at them: the labels are wrong, or an input is missing that tells them apart.",
            "6.1.2",
        )
    ]


def _first(mask: Array) -> list[int]:
    import numpy as np

    return [int(i) for i in np.flatnonzero(mask)[:5]]


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Duplicates]
