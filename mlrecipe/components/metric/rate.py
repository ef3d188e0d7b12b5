"""Measures of predicted rates, numbers in 0 … 1: are they right on average, wherever they lie?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

import mlrecipe
from mlrecipe.components.metric.regression import REGRESSION
from mlrecipe.components.metric.sampled import RowMean

if TYPE_CHECKING:
    from mlrecipe.interfaces import Array


class RateCalibrationError(
    mlrecipe.Metric, name="rate_calibration_error", greater_is_better=False, tasks=REGRESSION
):
    """How far the mean answer is off the mean truth, in bins of equal weight by the answer.

    As the calibration of click rates is judged (He et al., 2014, "Practical Lessons from Predicting
    Clicks on Ads", 3.1), but from the lowest answers to the highest; the bins are those of the
    adaptive calibration error (Nixon et al., 2019). Rows of one answer are in one bin.
    """

    bins: int = Field(10, ge=1, description="Bins of answers, of equal weight.")

    def score(self, y: Array, outputs: Array, weights: Array | None = None) -> float:
        import numpy as np

        once = np.ones(len(y)) if weights is None else weights.astype(np.float64)
        targets = range(y.shape[1])
        errors = [_off(y[:, i].astype(np.float64), outputs[:, i], once, self.bins) for i in targets]
        return float(np.mean(errors))


def _off(y: Array, outputs: Array, weights: Array, bins: int) -> float:
    """Return the weighted mean over bins of the distance between mean answer and mean truth."""
    import numpy as np

    values, place = np.unique(outputs, return_inverse=True)
    own = np.bincount(place, weights, len(values))
    middle = (np.cumsum(own) - own / 2) / own.sum()
    which = np.minimum((middle * bins).astype(np.int64), bins - 1)[place]
    said = np.bincount(which, weights * outputs, bins)
    happened = np.bincount(which, weights * y, bins)
    return float(np.abs(said - happened).sum() / weights.sum())


class RateLogLoss(RowMean, name="rate_log_loss", greater_is_better=False, tasks=REGRESSION):
    """How much likelier the true rate makes the counts than the answer does, in nats a trial.

    The divergence of two rates (Kullback and Leibler, 1951): crossentropy less what the truth
    itself would get. Weighted by the trials of each row it ranks models as the log loss of single
    trials does. Truths and answers beyond 0 and 1 count as 0 and 1.
    """

    def row_scores(self, y: Array, outputs: Array) -> Array:
        import numpy as np

        low, high = 1e-7, 1 - 1e-7  # an answer of 0 would cost infinitely much
        truth = np.clip(y.astype(np.float64), low, high)
        answer = np.clip(outputs.astype(np.float64), low, high)
        gained = truth * np.log(truth / answer)
        return (gained + (1 - truth) * np.log((1 - truth) / (1 - answer))).mean(axis=1)


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [RateCalibrationError, RateLogLoss]
