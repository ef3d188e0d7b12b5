"""Measures of how far numbers are off; over several targets, the mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mlrecipe

if TYPE_CHECKING:
    from mlrecipe.interfaces import Array

REGRESSION = frozenset({"scalar_regression", "vector_regression"})


class MeanAbsoluteError(
    mlrecipe.Metric, name="mean_absolute_error", greater_is_better=False, tasks=REGRESSION
):
    """Mean distance between answer and truth, in the target's unit."""

    def score(self, y: Array, outputs: Array) -> float:
        return float(abs(y - outputs).mean(dtype="float64"))


class RootMeanSquaredError(
    mlrecipe.Metric, name="root_mean_squared_error", greater_is_better=False, tasks=REGRESSION
):
    """Square root of the mean squared distance, in the target's unit; punishes large misses."""

    def score(self, y: Array, outputs: Array) -> float:
        import numpy as np

        return float(np.sqrt(((y - outputs) ** 2).mean(axis=0, dtype=np.float64)).mean())


class R2(mlrecipe.Metric, name="r2", tasks=REGRESSION):
    """Share of the target's variance that is explained; 0 for the mean, 1 for the truth."""

    def score(self, y: Array, outputs: Array) -> float:
        import numpy as np

        residual = ((y - outputs) ** 2).sum(axis=0, dtype=np.float64)
        total = ((y - y.mean(axis=0)) ** 2).sum(axis=0, dtype=np.float64)
        if not (total > 0).all():
            return float("nan")
        return float((1 - residual / total).mean())


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [MeanAbsoluteError, RootMeanSquaredError, R2]
