"""Measures of how far numbers are off; over several targets, the mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mlrecipe
from mlrecipe.components.metric.sampled import RowMean, Sampled

if TYPE_CHECKING:
    from mlrecipe.interfaces import Array

REGRESSION = frozenset({"scalar_regression", "vector_regression"})


class MeanAbsoluteError(
    RowMean, name="mean_absolute_error", greater_is_better=False, tasks=REGRESSION
):
    """Mean distance between answer and truth, in the target's unit."""

    def row_scores(self, y: Array, outputs: Array) -> Array:
        return abs(y.astype("float64") - outputs).mean(axis=1)


class MeanAbsolutePercentageError(
    RowMean, name="mean_absolute_percentage_error", greater_is_better=False, tasks=REGRESSION
):
    """Mean distance between answer and truth, as a share of the truth; rows at 0 do not count."""

    def row_scores(self, y: Array, outputs: Array) -> Array:
        import numpy as np

        truth = np.where(y == 0, np.nan, y.astype(np.float64))
        return abs((outputs - truth) / truth).mean(axis=1)


class MedianAbsoluteError(
    mlrecipe.Metric, name="median_absolute_error", greater_is_better=False, tasks=REGRESSION
):
    """The distance that half of the answers stay within; a few wild ones do not move it."""

    def score(self, y: Array, outputs: Array, weights: Array | None = None) -> float:
        import numpy as np

        errors = abs(y.astype(np.float64) - outputs)
        once = np.ones(len(y)) if weights is None else weights.astype(np.float64)
        order = errors.argsort(axis=0)
        sums = np.cumsum(once[order], axis=0)
        middle = (sums < sums[-1] / 2).sum(axis=0)
        return float(np.mean([errors[order[m, i], i] for i, m in enumerate(middle)]))


class MeanSquaredError(
    RowMean, name="mean_squared_error", greater_is_better=False, tasks=REGRESSION
):
    """Mean squared distance, in the squared unit; what the usual loss minimizes."""

    def row_scores(self, y: Array, outputs: Array) -> Array:
        return ((y.astype("float64") - outputs) ** 2).mean(axis=1)


class RootMeanSquaredError(
    Sampled, name="root_mean_squared_error", greater_is_better=False, tasks=REGRESSION
):
    """Square root of the mean squared distance, in the target's unit; punishes large misses."""

    def score_samples(self, y: Array, outputs: Array, draws: Array) -> Array:
        import numpy as np

        squares = (y.astype(np.float64) - outputs) ** 2
        return np.sqrt(draws @ squares / draws.sum(axis=1)[:, None]).mean(axis=1)


class R2(Sampled, name="r2", tasks=REGRESSION):
    """Share of the target's variance that is explained; 0 for the mean, 1 for the truth."""

    def score_samples(self, y: Array, outputs: Array, draws: Array) -> Array:
        import numpy as np

        centred = y.astype(np.float64) - y.mean(axis=0, dtype=np.float64)
        total = draws.sum(axis=1)[:, None]
        variance = draws @ centred**2 / total - (draws @ centred / total) ** 2
        variance[variance <= 0] = np.nan  # every row the same: there is nothing to explain
        unexplained = draws @ (y.astype(np.float64) - outputs) ** 2 / total
        return (1 - unexplained / variance).mean(axis=1)


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [
        MeanAbsoluteError,
        MeanAbsolutePercentageError,
        MedianAbsoluteError,
        MeanSquaredError,
        RootMeanSquaredError,
        R2,
    ]
