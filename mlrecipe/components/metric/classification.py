"""Measures of how well classes are told apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

import mlrecipe
from mlrecipe.components.metric.row_mean import RowMean

if TYPE_CHECKING:
    from mlrecipe.interfaces import Array

CLASSIFICATION = frozenset({"binary", "multiclass"})
BINARY = frozenset({"binary"})


def _classes(values: Array, threshold: float = 0.5) -> Array:
    """Return the class index of every row (rows,)."""
    if values.shape[1] == 1:
        return (values[:, 0] >= threshold).astype("int64")
    return values.argmax(axis=1)


def _counts(classes: Array, positions: Array, labels: int) -> Array:
    """Return how often each sample (samples, rows) drew each class: (samples, labels)."""
    import numpy as np

    offsets = labels * np.arange(len(positions))[:, None]
    drawn = np.bincount((classes[positions] + offsets).ravel(), minlength=labels * len(positions))
    return drawn.reshape(len(positions), labels)


class Accuracy(RowMean, name="accuracy", tasks=CLASSIFICATION):
    """Share of the rows whose class is right; misleading when classes are imbalanced."""

    def row_scores(self, y: Array, outputs: Array) -> Array:
        return _classes(y) == _classes(outputs)


class ROCAUC(mlrecipe.Metric, name="roc_auc", tasks=BINARY):
    """Chance that a positive row is ranked above a negative one; ignores the threshold."""

    def score(self, y: Array, outputs: Array) -> float:
        from scipy.stats import rankdata

        positive = y[:, 0] > 0.5
        p, n = int(positive.sum()), int((~positive).sum())
        if not p or not n:
            return float("nan")  # nothing to rank: all rows are of one class
        ranks = rankdata(outputs[:, 0])  # Mann-Whitney U, ties count half
        return float((ranks[positive].sum() - p * (p + 1) / 2) / (p * n))

    def score_samples(self, y: Array, outputs: Array, positions: Array) -> Array:
        import numpy as np

        # Sorted once: a sample is how often it drew each row, and a group of ties counts half.
        _, group = np.unique(outputs[:, 0], return_inverse=True)
        positive = y[:, 0] > 0.5
        drawn = np.zeros((len(positions), len(y)))
        np.add.at(drawn, (np.arange(len(positions))[:, None], positions), 1.0)
        hits, misses = (
            np.stack([np.bincount(group[rows], d[rows], group.max() + 1) for d in drawn])
            for rows in (positive, ~positive)
        )
        below = np.cumsum(misses, axis=1) - misses / 2
        pairs = hits.sum(axis=1) * misses.sum(axis=1)
        with np.errstate(invalid="ignore"):
            return (hits * below).sum(axis=1) / pairs


class AveragePrecision(mlrecipe.Metric, name="average_precision", tasks=BINARY):
    """Mean precision over all recalls (scikit-learn); for rare positives."""

    def score(self, y: Array, outputs: Array) -> float:
        from sklearn.metrics import average_precision_score

        if not (y[:, 0] > 0.5).any():
            return float("nan")
        return float(average_precision_score(y[:, 0], outputs[:, 0]))


class LogLoss(RowMean, name="log_loss", greater_is_better=False, tasks=CLASSIFICATION):
    """Mean cross-entropy in nats; punishes confident mistakes."""

    def row_scores(self, y: Array, outputs: Array) -> Array:
        import numpy as np

        # A probability of 0 would cost infinitely much; scikit-learn clips too.
        p = np.clip(outputs.astype(np.float64), 1e-7, 1 - 1e-7)
        if y.shape[1] == 1:
            return -(y * np.log(p) + (1 - y) * np.log(1 - p))[:, 0]
        return -(y * np.log(p / p.sum(axis=1, keepdims=True))).sum(axis=1)


class MacroF1(mlrecipe.Metric, name="macro_f1", tasks=CLASSIFICATION):
    """Mean over the classes of the harmonic mean of precision and recall."""

    def score(self, y: Array, outputs: Array) -> float:
        import numpy as np

        return float(self.score_samples(y, outputs, np.arange(len(y))[None])[0])

    def score_samples(self, y: Array, outputs: Array, positions: Array) -> Array:
        import numpy as np

        labels = max(2, y.shape[1])
        truth, answers = _classes(y), _classes(outputs)
        # Misses are counted as one class more, which is then left out.
        hits = _counts(np.where(truth == answers, truth, labels), positions, labels + 1)[:, :-1]
        total = _counts(truth, positions, labels) + _counts(answers, positions, labels)
        # A class that is neither there nor answered counts 0, as in scikit-learn.
        return (2 * hits / np.maximum(total, 1)).mean(axis=1)


class Recall(mlrecipe.Metric, name="recall", tasks=BINARY):
    """Share of the positive rows that are found."""

    threshold: float = Field(0.5, ge=0, le=1, description="From which probability on a row counts.")

    def score(self, y: Array, outputs: Array) -> float:
        positive = y[:, 0] > 0.5
        if not positive.any():
            return float("nan")
        return float(_classes(outputs, self.threshold)[positive].mean())


class Precision(mlrecipe.Metric, name="precision", tasks=BINARY):
    """Share of the rows answered as positive that are; 0 when none is."""

    threshold: float = Field(0.5, ge=0, le=1, description="From which probability on a row counts.")

    def score(self, y: Array, outputs: Array) -> float:
        found = _classes(outputs, self.threshold) == 1
        return float(y[found, 0].mean()) if found.any() else 0.0


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Accuracy, ROCAUC, AveragePrecision, LogLoss, MacroF1, Recall, Precision]
