"""Looks for inputs that say the same as another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

import mlrecipe

if TYPE_CHECKING:
    import pandas as pd

    from mlrecipe.data.table_schema import Column
    from mlrecipe.interfaces import Array, Inspection

MOST_PAIRS = 20


KINDS = ("numeric", "boolean", "categorical", "id", "location", "datetime")
"""Kinds of columns that are compared: of texts, pictures and lists, hardly any two are equal."""


class Correlation(mlrecipe.Check, name="correlation"):
    """Inputs that go together so closely that one of them would do.

    The statistics are Spearman's rank correlation between numbers (1904), the bias-corrected
    Cramér's V between categories (Bergsma, 2013), and the adjusted correlation ratio between a
    number and a category (Kelley, 1935), on at most 10,000 rows.
    """

    strength: float = Field(0.95, gt=0, le=1, description="From which on two columns are reported.")

    def inspect(self, data: Inspection) -> list[mlrecipe.Finding]:
        import numpy as np

        from mlrecipe.data.table import SAMPLE_ROWS
        from mlrecipe.exploration.association import connected

        features = {n: c for n, c in data.schema.features().items() if c.kind in KINDS}
        names, strengths = _strengths(data.table.sample(SAMPLE_ROWS, data.seed), features)
        linked = strengths >= self.strength
        groups = connected(names, linked)
        if not groups:
            return []
        first, second = np.nonzero(np.triu(linked, 1))
        order = np.argsort(-strengths[first, second], kind="stable")[:MOST_PAIRS]
        evidence = [
            [names[first[i]], names[second[i]], round(float(strengths[first[i], second[i]]), 4)]
            for i in order
        ]
        redundant = [name for group in groups for name in group[1:]]
        return [
            mlrecipe.Finding(
                "redundant-columns",
                "note",
                "Inputs say nearly the same: "
                + "; ".join(" ≈ ".join(group[:4]) for group in groups[:4])
                + (" …" if len(groups) > 4 else "."),
                {"pairs": evidence, "groups": groups[:20], "redundant": redundant[:50]},
                "One of each group would do: a model with fewer inputs asks less of production. "
                "Leave the others out of problem.inputs if scores stay the same.",
                "6.1.2",
            )
        ]


def _strengths(rows: pd.DataFrame, features: dict[str, Column]) -> tuple[list[str], Array]:
    """Return the columns, and how strongly each two go together (columns, columns)."""
    import numpy as np

    from mlrecipe.exploration.association import (
        codes_of,
        correlation_ratio,
        cramers_v,
        pairs,
        rank_correlations,
    )

    numeric = [
        n
        for n, c in features.items()
        if c.kind in ("numeric", "location") and rows[n].dtype.kind in "if"
    ]
    others = [name for name in features if name not in numeric]
    numbers = rows[numeric].astype(np.float64).replace([np.inf, -np.inf], np.nan)
    size, n = len(features), len(numeric)
    found = np.zeros((size, size))
    found[:n, :n] = np.abs(rank_correlations(numbers)) if n else 0
    codes = [codes_of(rows[name]) for name in others]
    for i, j in pairs(len(others)):
        found[n + i, n + j] = found[n + j, n + i] = cramers_v(codes[i], codes[j])
    ranks, values = numbers.rank().to_numpy(), numbers.to_numpy()
    for i, code in enumerate(codes):
        for j in range(n):
            # By value and by rank: the one sees through noise within groups, the other through
            # a few large numbers.
            found[n + i, j] = found[j, n + i] = max(
                correlation_ratio(code, values[:, j]), correlation_ratio(code, ranks[:, j])
            )
    np.fill_diagonal(found, 0)
    return numeric + others, found


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Correlation]
