"""Answers that ignore the inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mlrecipe

if TYPE_CHECKING:
    from mlrecipe.interfaces import Array

CLASSIFICATION = frozenset({"classification"})
REGRESSION = frozenset({"regression"})


class Majority(mlrecipe.Baseline, name="majority", suits=CLASSIFICATION):
    """Always answers with the most frequent class of the training rows (book, 6.2.3)."""

    def predict(self, x: Array, y: Array, x_new: Array) -> Array:
        import numpy as np

        shares = y.mean(axis=0)
        if y.shape[1] == 1:
            answer = (shares >= 0.5).astype(np.float32)
        else:
            answer = np.eye(y.shape[1], dtype=np.float32)[shares.argmax()]
        return _repeat(answer, x_new)


class Prior(mlrecipe.Baseline, name="prior", suits=CLASSIFICATION):
    """Always answers with the shares of the classes among the training rows."""

    def predict(self, x: Array, y: Array, x_new: Array) -> Array:
        return _repeat(y.mean(axis=0), x_new)


class Mean(mlrecipe.Baseline, name="mean", suits=REGRESSION):
    """Always answers with the mean of the training rows; best constant for squared errors."""

    def predict(self, x: Array, y: Array, x_new: Array) -> Array:
        return _repeat(y.mean(axis=0), x_new)


class Median(mlrecipe.Baseline, name="median", suits=REGRESSION):
    """Always answers with the median of the training rows; best constant for absolute errors."""

    def predict(self, x: Array, y: Array, x_new: Array) -> Array:
        import numpy as np

        return _repeat(np.median(y, axis=0), x_new)


def _repeat(answer: Array, x_new: Array) -> Array:
    import numpy as np

    return np.tile(np.asarray(answer, dtype=np.float32), (len(x_new), 1))


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Majority, Prior, Mean, Median]
