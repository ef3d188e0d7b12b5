"""What metrics share that score all samples of a bootstrap at once."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

import mlrecipe

if TYPE_CHECKING:
    from mlrecipe.interfaces import Array


class Sampled(mlrecipe.Metric):
    """Scores all samples at once; a single score is a sample that drew every row once."""

    @abstractmethod
    def score_samples(self, y: Array, outputs: Array, draws: Array) -> Array:
        """Return the scores (samples,); see `mlrecipe.Metric.score_samples`."""

    def score(self, y: Array, outputs: Array, weights: Array | None = None) -> float:
        import numpy as np

        draws = np.ones((1, len(y))) if weights is None else weights[None]
        return float(self.score_samples(y, outputs, draws.astype(np.float64))[0])


class RowMean(Sampled):
    """The mean of a value for every row; all samples are one matrix product."""

    @abstractmethod
    def row_scores(self, y: Array, outputs: Array) -> Array:
        """Return the values, float64 (rows,); NaN for a row that does not count."""

    def score_samples(self, y: Array, outputs: Array, draws: Array) -> Array:
        import numpy as np

        values = self.row_scores(y, outputs)
        counted = np.isfinite(values)
        totals = draws @ np.where(counted, values, 0.0)
        with np.errstate(invalid="ignore", divide="ignore"):
            return totals / (draws @ counted.astype(np.float64))
