"""Answers that ignore the inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field, NonNegativeInt

import mlrecipe

if TYPE_CHECKING:
    from mlrecipe.interfaces import Array, Inputs, Samples

CLASSIFICATION = frozenset({"classification"})
REGRESSION = frozenset({"regression"})


class Majority(mlrecipe.Baseline, name="majority", suits=CLASSIFICATION):
    """Always answers with the most frequent class of the training rows (book, 6.2.3)."""

    def predict(self, training: Samples, rows: Inputs) -> Array:
        import numpy as np

        y = training.y
        shares = _mean(training)
        if y.shape[1] == 1:
            answer = (shares >= 0.5).astype(np.float32)
        else:
            answer = np.eye(y.shape[1], dtype=np.float32)[shares.argmax()]
        return _repeat(answer, rows)


class Prior(mlrecipe.Baseline, name="prior", suits=CLASSIFICATION | {"multilabel"}):
    """Always answers with the shares of the classes, or tags, among the training rows."""

    def predict(self, training: Samples, rows: Inputs) -> Array:
        return _repeat(_mean(training), rows)


class Mean(mlrecipe.Baseline, name="mean", suits=REGRESSION):
    """Always answers with the mean of the training rows; best constant for squared errors."""

    def predict(self, training: Samples, rows: Inputs) -> Array:
        return _repeat(_mean(training), rows)


class Median(mlrecipe.Baseline, name="median", suits=REGRESSION):
    """Always answers with the median of the training rows; best constant for absolute errors."""

    def predict(self, training: Samples, rows: Inputs) -> Array:
        import numpy as np

        order = np.argsort(training.y, axis=0)
        below = np.cumsum(training.weights[order], axis=0)
        middle = (below < below[-1] / 2).sum(axis=0)[None, :]
        ordered = np.take_along_axis(training.y, order, axis=0)
        return _repeat(np.take_along_axis(ordered, middle, axis=0)[0], rows)


class Random(mlrecipe.Baseline, name="random"):
    """Answers with the target of a training row drawn at random, whatever the inputs are.

    What luck alone reaches, with the right shares; `DummyClassifier(strategy="stratified")` in
    scikit-learn.
    """

    seed: NonNegativeInt = Field(0, description="Makes other draws.")

    def predict(self, training: Samples, rows: Inputs) -> Array:
        import numpy as np

        shares = training.weights / training.weights.sum(dtype=np.float64)
        draws = np.random.default_rng(self.seed)
        drawn = draws.choice(len(training.y), len(rows.frame), p=shares / shares.sum())
        return training.y[drawn].astype(np.float32)


def _mean(training: Samples) -> Array:
    import numpy as np

    return np.average(training.y, axis=0, weights=training.weights)


def _repeat(answer: Array, rows: Inputs) -> Array:
    import numpy as np

    return np.tile(np.asarray(answer, dtype=np.float32), (len(rows.frame), 1))


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Majority, Prior, Mean, Median, Random]
