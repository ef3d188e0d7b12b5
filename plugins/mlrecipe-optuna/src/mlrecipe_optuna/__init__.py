"""Searches by Optuna: ``tuner=optuna``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

import mlrecipe

if TYPE_CHECKING:
    from mlrecipe.component import Search
    from mlrecipe.interfaces import Oracle


class OptunaSearch(mlrecipe.Tuner, name="optuna", requires={"optuna": "optuna>=4.5"}):
    """Tries what a Tree-structured Parzen estimator expects most of (Optuna).

    Bergstra et al., 2011; settings are modelled together, as Falkner et al., 2018, do.
    """

    trials: int = Field(24, ge=1, description="How many settings to try.")
    startup: int = Field(8, ge=1, description="Settings drawn at random before scores are used.")

    def oracle(
        self, space: Mapping[str, Search], *, greater_is_better: bool, folder: Path, seed: int
    ) -> Oracle:
        from mlrecipe_optuna.oracle import OptunaOracle

        return OptunaOracle(
            space,
            greater_is_better=greater_is_better,
            trials=self.trials,
            startup=self.startup,
            seed=seed,
        )


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [OptunaSearch]
