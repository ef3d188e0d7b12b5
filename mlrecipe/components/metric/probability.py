"""Measures of the probabilities of a classification, whatever threshold is chosen later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

import mlrecipe
from mlrecipe.components.metric.classification import BINARY, CLASSIFICATION
from mlrecipe.components.metric.sampled import RowMean, Sampled

if TYPE_CHECKING:
    from mlrecipe.interfaces import Array


class ROCAUC(Sampled, name="roc_auc", tasks=CLASSIFICATION):
    """Chance that a row of a class is ranked above one of another; ignores the threshold.

    With several classes, the mean over each class against the rest (scikit-learn's ``ovr``).
    """

    def score_samples(self, y: Array, outputs: Array, draws: Array) -> Array:
        import numpy as np

        areas = [_areas(y[:, i] > 0.5, outputs[:, i], draws) for i in range(y.shape[1])]
        return np.mean(areas, axis=0)


def _areas(positive: Array, outputs: Array, draws: Array) -> Array:
    """Return the area below the ROC curve in every sample; NaN where all rows are of one class.

    The rows are sorted once: a sample is how often it drew each row. Ties count half.
    """
    import numpy as np

    order = np.argsort(outputs, kind="stable")
    starts = np.flatnonzero(np.diff(outputs[order], prepend=np.nan) != 0)
    hits = np.add.reduceat((draws * positive)[:, order], starts, axis=1)
    misses = np.add.reduceat((draws * ~positive)[:, order], starts, axis=1)
    below = np.cumsum(misses, axis=1) - misses / 2
    with np.errstate(invalid="ignore"):
        return (hits * below).sum(axis=1) / (hits.sum(axis=1) * misses.sum(axis=1))


class AveragePrecision(Sampled, name="average_precision", tasks=BINARY):
    """Mean precision over all recalls, the area below the PR curve; for rare positives.

    The sum over the thresholds of precision times the gain in recall, as in scikit-learn.
    """

    def score_samples(self, y: Array, outputs: Array, draws: Array) -> Array:
        import numpy as np

        return average_precisions(y[:, 0] > 0.5, outputs[:, 0], np.asarray(draws))


def average_precisions(positive: Array, outputs: Array, draws: Array) -> Array:
    """Return the average precision in every sample (samples,); NaN where nothing is positive.

    Args:
        positive: which rows are (rows,).
        outputs: the higher, the more likely positive (rows,).
        draws: how much each row counts in each sample (samples, rows).
    """
    import numpy as np

    order = np.argsort(-outputs, kind="stable")
    starts = np.flatnonzero(np.diff(outputs[order], prepend=np.nan) != 0)
    gained = np.add.reduceat((draws * positive)[:, order], starts, axis=1)
    found = np.cumsum(gained, axis=1)
    answered = np.cumsum(np.add.reduceat(draws[:, order], starts, axis=1), axis=1)
    with np.errstate(invalid="ignore"):
        precision = found / np.where(answered > 0, answered, 1)
        return (precision * gained).sum(axis=1) / found[:, -1]


class RecallAtFalseAlarmRate(mlrecipe.Metric, name="recall_at_false_alarm_rate", tasks=BINARY):
    """Share of the positive rows that are found when so many of the negative ones are flagged."""

    rate: float = Field(0.01, gt=0, lt=1, description="Share of the negative rows flagged at most.")

    def score(self, y: Array, outputs: Array, weights: Array | None = None) -> float:
        import numpy as np

        positive = y[:, 0] > 0.5
        once = np.ones(len(y)) if weights is None else weights
        if not once[positive].sum() or not once[~positive].sum():
            return float("nan")
        order = np.argsort(-outputs[:, 0], kind="stable")
        last = np.append(np.diff(outputs[order, 0]) != 0, True)  # ties are flagged together
        alarms = np.cumsum((once * ~positive)[order])[last] / once[~positive].sum()
        found = np.cumsum((once * positive)[order])[last] / once[positive].sum()
        return float(np.max(found[alarms <= self.rate], initial=0.0))


class LogLoss(RowMean, name="log_loss", greater_is_better=False, tasks=CLASSIFICATION):
    """Mean cross-entropy in nats; punishes confident mistakes."""

    def row_scores(self, y: Array, outputs: Array) -> Array:
        import numpy as np

        # A probability of 0 would cost infinitely much; scikit-learn clips too.
        p = np.clip(outputs.astype(np.float64), 1e-7, 1 - 1e-7)
        if y.shape[1] == 1:
            return -(y * np.log(p) + (1 - y) * np.log(1 - p))[:, 0]
        return -(y * np.log(p / p.sum(axis=1, keepdims=True))).sum(axis=1)


class Brier(RowMean, name="brier", greater_is_better=False, tasks=CLASSIFICATION):
    """Mean squared distance between probabilities and what happened (Brier, 1950)."""

    def row_scores(self, y: Array, outputs: Array) -> Array:
        squares = (outputs.astype("float64") - y) ** 2
        return squares[:, 0] if y.shape[1] == 1 else squares.sum(axis=1)


class CalibrationError(
    mlrecipe.Metric, name="calibration_error", greater_is_better=False, tasks=BINARY
):
    """How far probabilities are off on average: of cases called 30 %, 30 % should come true.

    The expected calibration error (Naeini, Cooper & Hauskrecht, 2015) over bins of equal width.
    """

    bins: int = Field(10, ge=2, description="Bins of probability, of equal width.")

    def score(self, y: Array, outputs: Array, weights: Array | None = None) -> float:
        import numpy as np

        once = np.ones(len(y)) if weights is None else weights.astype(np.float64)
        which = np.minimum((outputs[:, 0] * self.bins).astype(np.int64), self.bins - 1)
        said = np.bincount(which, once * outputs[:, 0], self.bins)
        happened = np.bincount(which, once * y[:, 0], self.bins)
        return float(np.abs(said - happened).sum() / once.sum())


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [ROCAUC, AveragePrecision, RecallAtFalseAlarmRate, LogLoss, Brier, CalibrationError]
