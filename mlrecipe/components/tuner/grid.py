"""Every combination of some values, by KerasTuner."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

import mlrecipe

if TYPE_CHECKING:
    from mlrecipe.component import Search
    from mlrecipe.interfaces import Oracle


class GridSearch(mlrecipe.Tuner, name="grid"):
    """Tries every combination (KerasTuner), a range at a few places: for two or three settings."""

    trials: int | None = Field(None, ge=1, description="Most settings to try; null: all of them.")
    places: int = Field(3, ge=2, description="Values of a range that are tried, ends included.")

    def oracle(
        self, space: Mapping[str, Search], *, greater_is_better: bool, folder: Path, seed: int
    ) -> Oracle:
        from mlrecipe.evaluation.keras_oracle import KerasOracle

        return KerasOracle(
            "GridSearchOracle",
            {key: self._listed(item) for key, item in space.items()},
            greater_is_better=greater_is_better,
            folder=folder,
            max_trials=self.trials,
            seed=seed,
        )

    def _listed(self, item: Search) -> Search:
        """Return a range as the list of its places, evenly apart on its scale."""
        from mlrecipe.component import Search

        if item.choices:
            return item
        shares = [place / (self.places - 1) for place in range(self.places)]
        if item.log:
            values = [item.low * (item.high / item.low) ** share for share in shares]
        else:
            values = [item.low + share * (item.high - item.low) for share in shares]
        if isinstance(item.low, int) and isinstance(item.high, int):
            values = sorted({round(value) for value in values})
        return Search(choices=tuple(values))


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [GridSearch]
