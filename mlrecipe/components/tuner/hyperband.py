"""Hyperband by KerasTuner."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

import mlrecipe

if TYPE_CHECKING:
    from mlrecipe.component import Search
    from mlrecipe.interfaces import Oracle


class Hyperband(mlrecipe.Tuner, name="hyperband", short_fits=True):
    """Gives many settings a few epochs, and the better ones more (KerasTuner; Li et al., 2018)."""

    epochs: int = Field(
        30,
        ge=3,
        description="Parts of the epochs of a whole fit; the shortest is one.",
    )
    factor: int = Field(3, ge=2, description="How many times more epochs the better ones get.")
    rounds: int = Field(1, ge=1, description="How often the whole is gone through.")

    def oracle(
        self, space: Mapping[str, Search], *, greater_is_better: bool, folder: Path, seed: int
    ) -> Oracle:
        from mlrecipe.evaluation.keras_oracle import KerasOracle

        return KerasOracle(
            "HyperbandOracle",
            space,
            greater_is_better=greater_is_better,
            folder=folder,
            epochs=self.epochs,
            factor=self.factor,
            hyperband_iterations=self.rounds,
            seed=seed,
        )


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Hyperband]
