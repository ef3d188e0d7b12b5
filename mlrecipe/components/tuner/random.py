"""Random search by KerasTuner."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

import mlrecipe

if TYPE_CHECKING:
    from mlrecipe.component import Search
    from mlrecipe.interfaces import Oracle


class RandomSearch(mlrecipe.Tuner, name="random"):
    """Draws settings at random (KerasTuner; Bergstra and Bengio, 2012): it needs no assumption."""

    trials: int = Field(8, ge=1, description="How many settings to try.")

    def oracle(
        self, space: Mapping[str, Search], *, greater_is_better: bool, folder: Path, seed: int
    ) -> Oracle:
        from mlrecipe.evaluation.keras_oracle import KerasOracle

        return KerasOracle(
            "RandomSearchOracle",
            space,
            greater_is_better=greater_is_better,
            folder=folder,
            max_trials=self.trials,
            seed=seed,
        )


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [RandomSearch]
