"""Every row is validated on several times, in other company each time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

import mlrecipe

if TYPE_CHECKING:
    from mlrecipe.interfaces import Array, Divisible


class IteratedKFold(mlrecipe.Protocol, name="iterated_kfold"):
    """K-fold validation several times over, shuffled anew each time (book, 6.2.2).

    For few rows, where the luck of one split would decide. It trains ``folds`` times ``repeats``
    models for each look. Answers to the same row by several models are no new rows: intervals do
    not narrow by them, but the score no longer hangs on one way to split.
    """

    folds: int = Field(5, ge=2, description="Number of folds.")
    repeats: int = Field(3, ge=2, description="How often the rows are shuffled and split.")
    stratified: bool = Field(True, description="Whether classes and tags keep their shares.")

    def split(self, rows: Divisible) -> list[tuple[Array, Array]]:
        import numpy as np

        from mlrecipe.evaluation.splitting import k_folds

        seeds = np.random.SeedSequence(rows.seed).generate_state(self.repeats) >> 1
        return [
            split
            for seed in seeds.tolist()
            for split in k_folds(rows, self.folds, seed, stratified=self.stratified)
        ]


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [IteratedKFold]
