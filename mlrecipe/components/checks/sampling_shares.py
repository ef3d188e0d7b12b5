"""Holds the shares of the sample against those of the population."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

import mlrecipe

if TYPE_CHECKING:
    from mlrecipe.interfaces import Inspection


class SamplingShares(mlrecipe.Check, name="sampling_shares"):
    """Columns whose shares in the sample are not those of the population (book, 6.1.2).

    The effect size is the largest difference between a share of the rows, as collected, and the
    declared one (``problem.population``); chance is ruled out by Pearson's χ² against these shares.
    """

    difference: float = Field(
        0.05, gt=0, lt=1, description="Difference between two shares that is reported."
    )
    chance: float = Field(
        0.001, gt=0, lt=1, description="Probability of the finding when the sample is a fair one."
    )

    def inspect(self, data: Inspection) -> list[mlrecipe.Finding]:
        found = []
        for name, population in data.problem.population.items():
            finding = self._column(data, name, population)
            if finding is not None:
                found.append(finding)
        return found

    def _column(
        self, data: Inspection, name: str, population: dict[str, float]
    ) -> mlrecipe.Finding | None:
        from scipy import stats

        from mlrecipe.comparison.summaries import design_effect, summarize_categories

        summary = summarize_categories(data.table.column(name))
        total = sum(population.values())
        shares = {v: (summary.shares.get(v, 0.0), s / total) for v, s in population.items()}
        worst = max(shares, key=lambda v: abs(shares[v][0] - shares[v][1]))
        sample, declared = shares[worst]
        chi2 = summary.present * sum((a - b) ** 2 / b for a, b in shares.values())
        p = float(stats.chi2.sf(chi2, max(1, len(shares) - 1)))
        if abs(sample - declared) < self.difference or p > self.chance:
            return None
        effect = design_effect(data.weights)
        return mlrecipe.Finding(
            "sampling-bias",
            "warning",
            f"{name} is {worst!r} in {sample:.1%} of the rows, but in {declared:.1%} of the "
            f"population. The weights that correct for it leave {data.table.rows / effect:.0f} "
            f"effective rows of {data.table.rows} (design effect {effect:.2f}).",
            {
                "column": name,
                "shares": {v: {"sample": a, "population": b} for v, (a, b) in shares.items()},
                "p": p,
                "design_effect": effect,
            },
            "Trust weighted figures alone, and find out how the sample was drawn: weights correct "
            "for declared columns, not for what else sets these people or things apart.",
            "6.1.2",
        )


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [SamplingShares]
