"""Solves logistic and ridge regressions on dense or mostly empty features."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlrecipe.interfaces import Array, Assignment, Inputs, Samples
from mlrecipe.training.fitting import to_unit_scale

SPARSE_UP_TO = 0.1
"""Share of features that are not 0 up to which only these are kept: then it is several times faster
with a tenth of the memory."""


class Solver:
    """One set of training rows, solved for several penalties, each starting where the last ended.

    Args:
        rows: the training rows, prepared to one vector each.
        assignment: task, training (its weights of classes count) and scale of the target.
        iterations: most iterations of the logistic solver.
    """

    def __init__(self, rows: Samples, assignment: Assignment, iterations: int) -> None:
        self._name = assignment.specs[0].name
        self._codec = assignment.codec
        self._classes = assignment.task.classification
        self.x = self.matrix(rows)
        self._y = rows.y if self._classes else to_unit_scale(rows.y, assignment.codec)
        by_class = assignment.training.row_weights(rows.y, assignment.codec.labels)
        self._weights = rows.weights if by_class is None else rows.weights * by_class
        self._iterations = iterations
        self._start: Any = None

    def solve(self, penalty: float) -> tuple[Array, Array]:
        """Return weights (features, outputs) and biases (outputs,), in the target's own unit.

        Of classes they give log-odds; of several classes, up to what is common to all of them.
        """
        return self._logistic(penalty) if self._classes else self._ridge(penalty)

    def matrix(self, rows: Inputs) -> Any:
        """Return prepared rows in the form that `loss` reads; `x` has the training rows."""
        return matrix(rows.x[self._name])

    def loss(self, rows: Samples, x: Any, kernel: Array, bias: Array) -> float:
        """Return the mean crossentropy, or squared error on the target's scale of unit variance."""
        outputs = x @ kernel + bias
        if not self._classes:
            scaled = to_unit_scale(outputs, self._codec) - to_unit_scale(rows.y, self._codec)
            found = (scaled**2).mean(axis=1)
        elif rows.y.shape[1] == 1:
            found = np.logaddexp(0, np.where(rows.y > 0.5, -outputs, outputs))[:, 0]
        else:
            most = outputs.max(axis=1, keepdims=True)
            total = most[:, 0] + np.log(np.exp(outputs - most).sum(axis=1))
            found = total - (outputs * rows.y).sum(axis=1)
        return float(np.average(found, weights=rows.weights))

    def _logistic(self, penalty: float) -> tuple[Array, Array]:
        from sklearn.linear_model import LogisticRegression

        outputs = self._y.shape[1]
        index = self._y[:, 0].astype(int) if outputs == 1 else self._y.argmax(axis=1)
        if len(np.unique(index)) == 1:  # nothing to tell apart: the class that all rows have
            return np.zeros((self.x.shape[1], outputs)), _certain(index[0], outputs)
        if self._start is None:
            self._start = LogisticRegression(max_iter=self._iterations, warm_start=True, tol=1e-6)
        model = self._start.set_params(C=1 / penalty)
        model.fit(self.x, index, self._weights)
        if outputs == 1:
            return model.coef_.T.copy(), model.intercept_.copy()
        kernel, bias = np.zeros((self.x.shape[1], outputs)), np.full(outputs, -ABSENT)
        coef, intercept = model.coef_, model.intercept_
        if len(model.classes_) == 2:  # one row of weights: the second class against the first
            coef, intercept = np.stack([-coef[0], coef[0]]) / 2, np.r_[-intercept, intercept] / 2
        kernel[:, model.classes_], bias[model.classes_] = coef.T, intercept
        return kernel, bias

    def _ridge(self, penalty: float) -> tuple[Array, Array]:
        from sklearn.linear_model import Ridge

        model = Ridge(alpha=penalty, tol=1e-6).fit(self.x, self._y, self._weights)
        kernel = model.coef_.reshape(self._y.shape[1], -1).T
        bias = np.ravel(model.intercept_)
        scale, shift = (np.asarray(v) if v else d for v, d in self._scaling())
        return kernel * scale, bias * scale + shift

    def _scaling(self) -> tuple[tuple[Any, float], tuple[Any, float]]:
        return (self._codec.scale, 1.0), (self._codec.shift, 0.0)


ABSENT = 20.0
"""Log-odds against a class that no training row has: a chance of 2e-9."""


def _certain(index: int, outputs: int) -> Array:
    """Return biases by which one class is as good as certain."""
    if outputs == 1:
        return np.array([ABSENT if index else -ABSENT])
    return np.where(np.arange(outputs) == index, 0.0, -ABSENT)


def matrix(x: Array) -> Any:
    """Return features (rows, features) as float64, sparse where most of them are 0."""
    from scipy.sparse import csr_matrix

    some = x[:: max(1, len(x) // 1000)]
    if np.count_nonzero(some) > SPARSE_UP_TO * some.size:
        return x.astype(np.float64)
    there = x != 0
    starts = np.concatenate([[0], np.cumsum(there.sum(axis=1))])
    columns = np.nonzero(there)[1]
    return csr_matrix((x[there].astype(np.float64), columns, starts), shape=x.shape)
