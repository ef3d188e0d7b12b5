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

    def score(self, y: Array, outputs: Array, weights: Array | None = None) -> float:
        import numpy as np

        errors = abs(y.astype(np.float64) - outputs)
        return float(np.average(errors, axis=0, weights=weights).mean())


class RootMeanSquaredError(
    mlrecipe.Metric, name="root_mean_squared_error", greater_is_better=False, tasks=REGRESSION
):
    """Square root of the mean squared distance, in the target's unit; punishes large misses."""

    def score(self, y: Array, outputs: Array, weights: Array | None = None) -> float:
        import numpy as np

        squares = (y.astype(np.float64) - outputs) ** 2
        return float(np.sqrt(np.average(squares, axis=0, weights=weights)).mean())


class R2(mlrecipe.Metric, name="r2", tasks=REGRESSION):
    """Share of the target's variance that is explained; 0 for the mean, 1 for the truth."""

    def score(self, y: Array, outputs: Array, weights: Array | None = None) -> float:
        import numpy as np

        y = y.astype(np.float64)
        middle = np.average(y, axis=0, weights=weights)
        residual = np.average((y - outputs) ** 2, axis=0, weights=weights)
        total = np.average((y - middle) ** 2, axis=0, weights=weights)
        if not (total > 0).all():
            return float("nan")
        return float((1 - residual / total).mean())


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [MeanAbsoluteError, RootMeanSquaredError, R2]
