"""Bayesian optimization by KerasTuner."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

import mlrecipe

if TYPE_CHECKING:
    from mlrecipe.component import Search
    from mlrecipe.interfaces import Oracle


class BayesianSearch(mlrecipe.Tuner, name="bayesian"):
    """Tries what a model of the scores so far expects most of (KerasTuner; Snoek et al., 2012).

    A Gaussian process with an upper confidence bound. For up to some ten settings, and trials that
    take long.
    """

    trials: int = Field(16, ge=1, description="How many settings to try.")
    explore: float = Field(
        2.6, ge=0, description="How much an uncertain setting is worth, in standard deviations."
    )

    def oracle(
        self, space: Mapping[str, Search], *, greater_is_better: bool, folder: Path, seed: int
    ) -> Oracle:
        from mlrecipe.evaluation.keras_oracle import KerasOracle

        return KerasOracle(
            "BayesianOptimizationOracle",
            space,
            greater_is_better=greater_is_better,
            folder=folder,
            max_trials=self.trials,
            seed=seed,
            beta=self.explore,
        )


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [BayesianSearch]
