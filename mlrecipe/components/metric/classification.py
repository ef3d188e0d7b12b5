"""Measures of how well classes are told apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

import mlrecipe

if TYPE_CHECKING:
    from mlrecipe.interfaces import Array

CLASSIFICATION = frozenset({"binary", "multiclass"})
BINARY = frozenset({"binary"})


def _classes(values: Array, threshold: float = 0.5) -> Array:
    """Return the class index of every row (rows,)."""
    if values.shape[1] == 1:
        return (values[:, 0] >= threshold).astype("int64")
    return values.argmax(axis=1)


def _share(hits: Array, weights: Array | None) -> float:
    """Return the weighted share of hits among the rows that count, those that are not NaN."""
    import numpy as np

    counted = np.isfinite(hits)
    if not counted.any():
        return float("nan")
    return float(np.average(hits[counted], weights=None if weights is None else weights[counted]))


class Accuracy(mlrecipe.Metric, name="accuracy", tasks=CLASSIFICATION):
    """Share of the rows whose class is right; misleading when classes are imbalanced."""

    def score(self, y: Array, outputs: Array, weights: Array | None = None) -> float:
        return _share(self.hits(y, outputs), weights)

    def hits(self, y: Array, outputs: Array) -> Array:
        return (_classes(y) == _classes(outputs)).astype("float64")


class ROCAUC(mlrecipe.Metric, name="roc_auc", tasks=BINARY):
    """Chance that a positive row is ranked above a negative one; ignores the threshold."""

    def score(self, y: Array, outputs: Array, weights: Array | None = None) -> float:
        from sklearn.metrics import roc_auc_score

        if len({*(y[:, 0] > 0.5)}) < 2:
            return float("nan")  # nothing to rank: all rows are of one class
        return float(roc_auc_score(y[:, 0], outputs[:, 0], sample_weight=weights))

    def score_samples(
        self, y: Array, outputs: Array, positions: Array, weights: Array | None = None
    ) -> Array:
        import numpy as np

        # Sorted once: a sample is how often it drew each row, and a group of ties counts half.
        _, group = np.unique(outputs[:, 0], return_inverse=True)
        positive = y[:, 0] > 0.5
        drawn = np.zeros((len(positions), len(y)))
        once = 1.0 if weights is None else weights[positions]
        np.add.at(drawn, (np.arange(len(positions))[:, None], positions), once)
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

    def score(self, y: Array, outputs: Array, weights: Array | None = None) -> float:
        from sklearn.metrics import average_precision_score

        if not (y[:, 0] > 0.5).any():
            return float("nan")
        return float(average_precision_score(y[:, 0], outputs[:, 0], sample_weight=weights))


class LogLoss(mlrecipe.Metric, name="log_loss", greater_is_better=False, tasks=CLASSIFICATION):
    """Mean cross-entropy in nats; punishes confident mistakes."""

    def score(self, y: Array, outputs: Array, weights: Array | None = None) -> float:
        import numpy as np

        # A probability of 0 would cost infinitely much; scikit-learn clips too.
        p = np.clip(outputs.astype(np.float64), 1e-7, 1 - 1e-7)
        if y.shape[1] == 1:
            losses = -(y * np.log(p) + (1 - y) * np.log(1 - p))[:, 0]
        else:
            losses = -(y * np.log(p / p.sum(axis=1, keepdims=True))).sum(axis=1)
        return float(np.average(losses, weights=weights))


class MacroF1(mlrecipe.Metric, name="macro_f1", tasks=CLASSIFICATION):
    """Mean over the classes of the harmonic mean of precision and recall."""

    def score(self, y: Array, outputs: Array, weights: Array | None = None) -> float:
        import numpy as np

        classes = max(2, y.shape[1])
        truth, answers = _classes(y), _classes(outputs)
        once = np.ones(len(y)) if weights is None else weights
        right = truth == answers
        hits = np.bincount(truth[right], once[right], classes)
        total = np.bincount(truth, once, classes) + np.bincount(answers, once, classes)
        # A class that is neither there nor answered counts 0, as in scikit-learn.
        return float((2 * hits / np.where(total > 0, total, 1)).mean())


class Recall(mlrecipe.Metric, name="recall", tasks=BINARY):
    """Share of the positive rows that are found."""

    threshold: float = Field(0.5, ge=0, le=1, description="From which probability on a row counts.")

    def score(self, y: Array, outputs: Array, weights: Array | None = None) -> float:
        return _share(self.hits(y, outputs), weights)

    def hits(self, y: Array, outputs: Array) -> Array:
        import numpy as np

        found = _classes(outputs, self.threshold).astype(np.float64)
        return np.where(y[:, 0] > 0.5, found, np.nan)


class Precision(mlrecipe.Metric, name="precision", tasks=BINARY):
    """Share of the rows answered as positive that are; 0 when none is."""

    threshold: float = Field(0.5, ge=0, le=1, description="From which probability on a row counts.")

    def score(self, y: Array, outputs: Array, weights: Array | None = None) -> float:
        hits = self.hits(y, outputs)
        return _share(hits, weights) if (hits == hits).any() else 0.0

    def hits(self, y: Array, outputs: Array) -> Array:
        import numpy as np

        found = _classes(outputs, self.threshold) == 1
        return np.where(found, (y[:, 0] > 0.5).astype(np.float64), np.nan)


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Accuracy, ROCAUC, AveragePrecision, LogLoss, MacroF1, Recall, Precision]
