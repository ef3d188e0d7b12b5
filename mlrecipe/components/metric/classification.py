"""Measures of the answers of a classification: which class was said, and which is right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

import mlrecipe
from mlrecipe.components.metric.sampled import RowMean, Sampled

if TYPE_CHECKING:
    from mlrecipe.interfaces import Array

CLASSIFICATION = frozenset({"binary", "multiclass"})
BINARY = frozenset({"binary"})


def classes(values: Array, threshold: float = 0.5) -> Array:
    """Return the class index of every row (rows,)."""
    if values.shape[1] == 1:
        return (values[:, 0] >= threshold).astype("int64")
    return values.argmax(axis=1)


def indicators(values: Array, width: int, threshold: float = 0.5) -> Array:
    """Return the classes as float64 (rows, width), 1 in the column of the row's class."""
    import numpy as np

    return np.eye(max(2, width))[classes(values, threshold)]


class Accuracy(RowMean, name="accuracy", tasks=CLASSIFICATION, share=True):
    """Share of the rows whose class is right; misleading when classes are imbalanced."""

    def row_scores(self, y: Array, outputs: Array) -> Array:
        return (classes(y) == classes(outputs)).astype("float64")


class Recall(RowMean, name="recall", tasks=BINARY, share=True):
    """Share of the positive rows that are found."""

    threshold: float = Field(0.5, ge=0, le=1, description="From which probability on a row counts.")

    def row_scores(self, y: Array, outputs: Array) -> Array:
        import numpy as np

        found = classes(outputs, self.threshold).astype(np.float64)
        return np.where(y[:, 0] > 0.5, found, np.nan)


class ClassRecall(RowMean, name="class_recall", tasks=CLASSIFICATION, share=True):
    """Share of the rows of one class that are recognized.

    What is missing to 1 is how often that class is taken for another: for ``acceptable`` among the
    classes of a filter, the share of acceptable messages that it holds back.
    """

    label: int = Field(
        0, ge=0, description="Number of the class, from 0 on, in the order of their names."
    )

    def row_scores(self, y: Array, outputs: Array) -> Array:
        import numpy as np

        found = (classes(outputs) == self.label).astype(np.float64)
        return np.where(classes(y) == self.label, found, np.nan)


class Precision(RowMean, name="precision", tasks=BINARY, share=True):
    """Share of the rows answered as positive that are; no number when none is."""

    threshold: float = Field(0.5, ge=0, le=1, description="From which probability on a row counts.")

    def row_scores(self, y: Array, outputs: Array) -> Array:
        import numpy as np

        found = classes(outputs, self.threshold) == 1
        return np.where(found, (y[:, 0] > 0.5).astype(np.float64), np.nan)


class _ByClass(Sampled):
    """What is computed from the weights of hits, truths and answers of every class."""

    def counts(self, y: Array, outputs: Array, draws: Array, threshold: float = 0.5) -> Array:
        """Return the weight of hits, truths and answers: (3, samples, classes)."""
        import numpy as np

        truth = indicators(y, y.shape[1])
        answers = indicators(outputs, y.shape[1], threshold)
        return np.stack([draws @ truth_or for truth_or in (truth * answers, truth, answers)])


class MacroF1(_ByClass, name="macro_f1", tasks=CLASSIFICATION):
    """Mean over the classes of the harmonic mean of precision and recall."""

    def score_samples(self, y: Array, outputs: Array, draws: Array) -> Array:
        import numpy as np

        hits, truths, answers = self.counts(y, outputs, draws)
        total = truths + answers
        # A class that is neither there nor answered counts 0, as in scikit-learn.
        return (2 * hits / np.where(total > 0, total, 1)).mean(axis=1)


class F1(_ByClass, name="f1", tasks=BINARY):
    """Harmonic mean of precision and recall of the positive class (van Rijsbergen, 1979)."""

    threshold: float = Field(0.5, ge=0, le=1, description="From which probability on a row counts.")

    def score_samples(self, y: Array, outputs: Array, draws: Array) -> Array:
        import numpy as np

        hits, truths, answers = self.counts(y, outputs, draws, self.threshold)[:, :, 1]
        total = truths + answers
        return 2 * hits / np.where(total > 0, total, 1)


class BalancedAccuracy(_ByClass, name="balanced_accuracy", tasks=CLASSIFICATION):
    """Mean over the classes of the share that is recognized: accuracy as if all were as frequent.

    It is the accuracy weighted by class of the book's 6.1.4.
    """

    def score_samples(self, y: Array, outputs: Array, draws: Array) -> Array:
        import numpy as np

        hits, truths, _ = self.counts(y, outputs, draws)
        there = truths > 0
        recalls = hits / np.where(there, truths, 1)
        return np.where(there, recalls, 0).sum(axis=1) / there.sum(axis=1)


class MatthewsCorrelation(_ByClass, name="matthews_correlation", tasks=CLASSIFICATION):
    """Correlation of truth and answer, 0 by chance, 1 when all is right (Gorodkin, 2004)."""

    def score_samples(self, y: Array, outputs: Array, draws: Array) -> Array:
        import numpy as np

        hits, truths, answers = self.counts(y, outputs, draws)
        total = truths.sum(axis=1)
        covariance = hits.sum(axis=1) * total - (truths * answers).sum(axis=1)
        spread = (total**2 - (truths**2).sum(axis=1)) * (total**2 - (answers**2).sum(axis=1))
        # All rows of one class, or all answers: no correlation, as in scikit-learn.
        return np.where(spread > 0, covariance / np.sqrt(np.where(spread > 0, spread, 1)), 0.0)


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [
        Accuracy,
        BalancedAccuracy,
        ClassRecall,
        F1,
        MacroF1,
        MatthewsCorrelation,
        Precision,
        Recall,
    ]
