"""Asks a model to tell training rows from production rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field, PositiveInt

import mlrecipe

if TYPE_CHECKING:
    from mlrecipe.comparison.domain import Domain
    from mlrecipe.interfaces import Inspection

FEWEST_ROWS = 20
"""Rows of each sample that five folds need."""


class ProductionJoint(mlrecipe.Check, name="production_joint"):
    """Training data that a model can tell from production rows: it does not represent them (6.1.2).

    Adversarial validation: gradient boosting on all columns together, scored by its AUC out of
    fold. It also sees what no column shows alone. The columns that give the samples away are found
    by permutation.
    """

    noticeable: float = Field(
        0.625,
        gt=0.5,
        lt=1,
        description="AUC that is reported (deepchecks' multivariate drift; NannyML takes 0.65).",
    )
    excellent: float = Field(
        0.8,
        gt=0.5,
        le=1,
        description="AUC that holds the run: excellent discrimination (Hosmer, Lemeshow and "
        "Sturdivant, 2013, section 5.2.4).",
    )
    rows: PositiveInt = Field(3000, description="Most rows of each sample that are looked at.")

    def inspect(self, data: Inspection) -> list[mlrecipe.Finding]:
        from mlrecipe.comparison.domain import tell_apart
        from mlrecipe.comparison.profiles import comparable

        sample = data.production
        if sample is None or min(sample.rows, data.table.rows) < FEWEST_ROWS:
            return []
        columns = {n: c for n, c in comparable(data.schema).items() if n in sample.names}
        ours = data.table.sample(self.rows, data.seed)
        domain = tell_apart(
            ours,
            sample.sample(self.rows, data.seed),
            columns,
            data.weights[ours.index.to_numpy()],
            data.seed,
        )
        if domain.auc < self.noticeable or domain.chance():
            return []
        return [_finding(domain, holds=domain.auc >= self.excellent)]


def _finding(domain: Domain, *, holds: bool) -> mlrecipe.Finding:
    named = ", ".join(domain.columns)
    gives = f"What gives them away: {named}" if named else "No column gives them away alone"
    if domain.auc_without is not None:
        gives += f"; without that it is {domain.auc_without:.2f}"
    return mlrecipe.Finding(
        "not-representative" if holds else "production-differs-jointly",
        "blocker" if holds else "warning",
        f"A model tells training rows from production rows with an AUC of {domain.auc:.2f} (0.5 "
        f"would be guessing). {gives}.",
        {
            "auc": domain.auc,
            "error_when_alike": domain.error,
            "columns": domain.columns,
            "auc_without": domain.auc_without,
            "rows": list(domain.rows),
        },
        "The test score will say nothing about production. Collect and label rows where the model "
        "will be used, at the very least for validation and test.",
        "6.1.2",
    )


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [ProductionJoint]
