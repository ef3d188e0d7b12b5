"""Linear models along a path of weaker and weaker penalties."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse
from sklearn.linear_model import LogisticRegression, Ridge

from mlrecipe.interfaces import ANSWER, Array, Assignment, Fitted, Samples, Tensors, TensorSpec
from mlrecipe.training.fitting import NEVER, to_unit_scale

if TYPE_CHECKING:
    import keras

PENALTY = "penalty"
"""What validation finds: the L2 penalty on the mean loss of a row."""

MOSTLY_ZERO = 0.2
"""Share of cells that are not 0 up to which a sparse matrix is faster."""


@dataclass(frozen=True)
class Weights:
    """A linear model: float64 (features, outputs) and (outputs,)."""

    kernel: Array
    bias: Array


def fit_path(
    penalties: Sequence[float],
    patience: int,
    rows: Samples,
    validation: Samples | None,
    assignment: Assignment,
    found: Mapping[str, float],
) -> Fitted:
    """Fit an `Estimator`; see `mlrecipe.Estimator.fit`.

    Args:
        penalties: from the strongest to the weakest; without validation rows, what was found.
        patience: penalties without a better validation loss after which to stop.
    """
    x, y = design(rows.x, assignment.specs), to_unit_scale(rows.y, assignment.codec)
    own = assignment.training.row_weights(rows.y, assignment.codec.labels)
    weights = rows.weights if own is None else rows.weights * own
    classes = assignment.objective.activation != "linear"
    solver = _Logistic(x, y, weights) if classes else _Ridge(x, y, weights)
    if validation is None:
        penalty = found.get(PENALTY, penalties[len(penalties) // 2])
        return Fitted(_model(solver(penalty), assignment), {PENALTY: penalty}, [], [])
    held_out = design(validation.x, assignment.specs)
    truth = to_unit_scale(validation.y, assignment.codec)
    best, loss, val_loss = solver(penalties[0]), [], []
    for number, penalty in enumerate(penalties):
        fitted = best if number == 0 else solver(penalty)
        loss.append(_loss(x, y, weights, fitted, assignment))
        val_loss.append(_loss(held_out, truth, validation.weights, fitted, assignment))
        lowest = int(np.argmin(val_loss))
        if lowest == number:
            best = fitted
        elif number - lowest >= patience:
            break
    lowest = int(np.argmin(val_loss))
    model = _model(best, assignment)
    return Fitted(model, {PENALTY: penalties[lowest]}, loss, val_loss, lowest + 1)


class _Ridge:
    """Solves least squares for one penalty after the other."""

    def __init__(self, x: Any, y: Array, weights: Array) -> None:
        self.x, self.y, self.weights = x, y, weights

    def __call__(self, penalty: float) -> Weights:
        total = float(self.weights.sum())
        ridge = Ridge(alpha=penalty * total, tol=1e-6).fit(
            self.x, self.y.astype(np.float64), self.weights
        )
        kernel = np.atleast_2d(ridge.coef_).T
        return Weights(kernel, np.atleast_1d(ridge.intercept_))


class _Logistic:
    """Solves logistic regression, each penalty from where the last one ended."""

    def __init__(self, x: Any, y: Array, weights: Array) -> None:
        self.x, self.outputs, self.weights = x, y.shape[1], weights
        self.index = (y[:, 0] if y.shape[1] == 1 else y.argmax(axis=1)).astype(np.int64)
        self.model = LogisticRegression(warm_start=True, max_iter=1000, tol=1e-6)

    def __call__(self, penalty: float) -> Weights:
        self.model.C = 1 / (penalty * float(self.weights.sum()))
        self.model.fit(self.x, self.index, self.weights)
        coef, intercept = self.model.coef_, self.model.intercept_
        if self.outputs == 1:
            return Weights(coef.T, intercept)
        kernel = np.zeros((coef.shape[1], self.outputs))
        bias = np.full(self.outputs, NEVER)
        classes = self.model.classes_
        if len(coef) == 1:  # two classes: the log odds of the second
            coef, intercept = np.concatenate([0 * coef, coef]), np.append(0.0, intercept)
        kernel[:, classes], bias[classes] = coef.T, intercept
        return Weights(kernel, bias)


def design(x: Tensors, specs: Sequence[TensorSpec]) -> Any:
    """Return prepared rows as a matrix (rows, features): numbers, and an indicator a code.

    Sparse where most is zero.
    """
    parts = []
    for spec in specs:
        values = x[spec.name]
        if spec.kind != "codes":
            few = np.count_nonzero(values) <= MOSTLY_ZERO * values.size
            parts.append(sparse.csr_matrix(values, dtype=np.float64) if few else values)
            continue
        starts = np.cumsum([0, *spec.sizes])
        columns = (values + starts[:-1]).reshape(-1)
        rows = np.repeat(np.arange(len(values)), values.shape[1])
        shape = (len(values), int(starts[-1]))
        parts.append(sparse.csr_matrix((np.ones(len(rows)), (rows, columns)), shape=shape))
    if len(parts) == 1:
        return parts[0] if sparse.issparse(parts[0]) else parts[0].astype(np.float64)
    return sparse.hstack([sparse.csr_matrix(part) for part in parts], format="csr")


def _loss(x: Any, y: Array, weights: Array, fitted: Weights, assignment: Assignment) -> float:
    """Return the mean loss of rows, targets having mean 0 and deviation 1 or being classes."""
    sums = np.asarray(x @ fitted.kernel) + fitted.bias
    if assignment.objective.activation == "linear":
        losses = ((sums - y) ** 2).mean(axis=1)
    elif y.shape[1] == 1:
        losses = np.logaddexp(0.0, np.where(y[:, 0] > 0, -sums[:, 0], sums[:, 0]))
    else:
        losses = np.logaddexp.reduce(sums, axis=1) - (sums * y).sum(axis=1)
    return float(np.average(losses, weights=weights))


def _model(fitted: Weights, assignment: Assignment) -> keras.Model:
    """Return the Keras model: a dense layer a vector, an embedding a column of codes, summed."""
    import keras

    keras.backend.clear_session(free_memory=False)  # layer names count from 1 in every model
    scale = np.asarray(assignment.codec.scale or 1.0)
    kernel = fitted.kernel * scale
    bias = fitted.bias * scale + np.asarray(assignment.codec.shift or 0.0)
    outputs, start = kernel.shape[1], 0
    inputs = {s.name: keras.Input(s.shape, dtype=s.dtype, name=s.name) for s in assignment.specs}
    sums = []
    for spec in assignment.specs:
        for width, column in _columns(inputs[spec.name], spec):
            part, start = kernel[start : start + width], start + width
            if spec.kind == "codes":
                layer = keras.layers.Embedding(width, outputs)
                sums.append(keras.layers.Flatten()(layer(column)))
                layer.set_weights([part + bias])  # a row has one code of every column
            else:
                layer = keras.layers.Dense(outputs)
                sums.append(layer(column))
                layer.set_weights([part, bias])
            bias = np.zeros(outputs)  # the first part has it
    total = sums[0] if len(sums) == 1 else keras.layers.Add()(sums)
    answer = keras.layers.Activation(assignment.objective.activation, name=ANSWER)(total)
    return keras.Model(inputs, answer, name="penalized_linear")


def _columns(tensor: Any, spec: TensorSpec) -> list[tuple[int, Any]]:
    """Return the parts of an input that get weights of their own, and how many each."""
    import keras

    if spec.kind != "codes":
        return [(spec.shape[0], tensor)]
    count = len(spec.sizes)
    if count == 1:
        return [(spec.sizes[0], tensor)]
    apart = keras.layers.Reshape((count, 1))(tensor)
    return [
        (
            size,
            keras.layers.Reshape((1,))(keras.layers.Cropping1D((i, count - 1 - i))(apart)),
        )
        for i, size in enumerate(spec.sizes)
    ]
