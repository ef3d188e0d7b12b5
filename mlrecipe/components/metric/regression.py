"""Measures of how far numbers are off; over several targets, the mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mlrecipe
from mlrecipe.components.metric.row_mean import RowMean

if TYPE_CHECKING:
    from mlrecipe.interfaces import Array

REGRESSION = frozenset({"scalar_regression", "vector_regression"})


class MeanAbsoluteError(
    RowMean, name="mean_absolute_error", greater_is_better=False, tasks=REGRESSION
):
    """Mean distance between answer and truth, in the target's unit."""

    def row_scores(self, y: Array, outputs: Array) -> Array:
        return abs(y - outputs).mean(axis=1, dtype="float64")


class RootMeanSquaredError(
    mlrecipe.Metric, name="root_mean_squared_error", greater_is_better=False, tasks=REGRESSION
):
    """Square root of the mean squared distance, in the target's unit; punishes large misses."""

    def score(self, y: Array, outputs: Array) -> float:
        import numpy as np

        return float(self.score_samples(y, outputs, np.arange(len(y))[None])[0])

    def score_samples(self, y: Array, outputs: Array, positions: Array) -> Array:
        import numpy as np

        # Target by target: (samples, rows) is large enough.
        squares = ((y - outputs) ** 2).astype(np.float64).T
        return np.mean([np.sqrt(s[positions].mean(axis=1)) for s in squares], axis=0)


class R2(mlrecipe.Metric, name="r2", tasks=REGRESSION):
    """Share of the target's variance that is explained; 0 for the mean, 1 for the truth."""

    def score(self, y: Array, outputs: Array) -> float:
        import numpy as np

        return float(self.score_samples(y, outputs, np.arange(len(y))[None])[0])

    def score_samples(self, y: Array, outputs: Array, positions: Array) -> Array:
        import numpy as np

        squares = ((y - outputs) ** 2).astype(np.float64).T
        unexplained = np.array([s[positions].mean(axis=1) for s in squares])
        variance = np.array([t[positions].var(axis=1) for t in y.astype(np.float64).T])
        variance[variance <= 0] = np.nan  # every row the same: there is nothing to explain
        return (1 - unexplained / variance).mean(axis=0)


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [MeanAbsoluteError, RootMeanSquaredError, R2]
