"""What metrics share that are the mean of a value for every row."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

import mlrecipe

if TYPE_CHECKING:
    from mlrecipe.interfaces import Array


class RowMean(mlrecipe.Metric):
    """The mean of a value for every row; a bootstrap computes the values once."""

    @abstractmethod
    def row_scores(self, y: Array, outputs: Array) -> Array:
        """Return the values (rows,) of outputs (rows, outputs) against y (rows, outputs)."""

    def score(self, y: Array, outputs: Array) -> float:
        return float(self.row_scores(y, outputs).mean(dtype="float64"))

    def score_samples(self, y: Array, outputs: Array, positions: Array) -> Array:
        return self.row_scores(y, outputs)[positions].mean(axis=1, dtype="float64")
