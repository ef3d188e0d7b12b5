"""Logistic or ridge regression, solved for each of several penalties; the prior for word counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pydantic import Field, PositiveFloat

import mlrecipe
from mlrecipe.interfaces import ANSWER, Fitted

if TYPE_CHECKING:
    import keras

    from mlrecipe.interfaces import Array, Assignment, Samples

PENALTIES = (30.0, 10.0, 3.0, 1.0, 0.3, 0.1, 0.03, 0.01, 0.003)
"""Strengths of the penalty that are tried where the recipe names none, the simplest model first."""

PENALTY = "log_penalty"
"""What validation finds: the natural logarithm of the penalty, which medians are taken of."""

TASKS = frozenset({"binary", "multiclass", "scalar_regression", "vector_regression"})


class PenalizedLinear(mlrecipe.Estimator, name="penalized_linear", tasks=TASKS):
    """A weighted sum of the inputs with an exactly solved L2 penalty, chosen by validation rows.

    Logistic regression for classes, ridge regression for numbers (scikit-learn; Fan et al., 2008).
    On weighed words it does as well as anything that reads so few texts (Wang and Manning, 2012,
    "Baselines and bigrams"). Its capacity is the penalty: the path from the strongest to the
    weakest is its learning curve. It is its own loss: crossentropy, or squared errors; the
    recipe's objective says the same in other words, and its smoothing or focusing changes nothing.
    """

    penalty: PositiveFloat | None = Field(
        None,
        description="Strength of the penalty: alpha of ridge regression, 1/C of logistic; null: "
        "the best of several on validation rows.",
    )
    iterations: int = Field(1000, ge=1, description="Most iterations of the solver.")

    def fit(
        self,
        rows: Samples,
        validation: Samples | None,
        assignment: Assignment,
        found: Mapping[str, float],
    ) -> Fitted:
        import numpy as np

        from mlrecipe.training.linear import Solver

        solver = Solver(rows, assignment, self.iterations)
        held_out = None if validation is None else solver.matrix(validation)
        penalties = self._penalties(validation, found)
        loss, val_loss, solutions = [], [], []
        for number, penalty in enumerate(penalties, start=1):
            solutions.append(solver.solve(penalty))
            loss.append(solver.loss(rows, solver.x, *solutions[-1]))
            if validation is not None:
                val_loss.append(solver.loss(validation, held_out, *solutions[-1]))
            if assignment.listener is not None:
                losses = {"loss": loss[-1], **({"val_loss": val_loss[-1]} if val_loss else {})}
                assignment.listener(number, len(penalties), losses)
        best = int(np.argmin(val_loss)) if val_loss else len(solutions) - 1
        model = _model(assignment, *solutions[best])
        return Fitted(model, {PENALTY: float(np.log(penalties[best]))}, loss, val_loss, best + 1)

    def _penalties(
        self, validation: Samples | None, found: Mapping[str, float]
    ) -> tuple[float, ...]:
        import math

        if self.penalty is not None:
            return (self.penalty,)
        if PENALTY in found:
            return (math.exp(found[PENALTY]),)
        return PENALTIES if validation is not None else (1.0,)


def _model(assignment: Assignment, kernel: Array, bias: Array) -> keras.Model:
    """Return the weights (features, outputs) and (outputs,) as a Keras model."""
    import keras
    import numpy as np

    (spec,) = assignment.specs
    inputs = keras.Input(spec.shape, dtype=spec.dtype, name=spec.name)
    activation = {"binary": "sigmoid", "multiclass": "softmax"}.get(assignment.task.name, "linear")
    answer = keras.layers.Dense(kernel.shape[1], activation, name=ANSWER)
    model = keras.Model({spec.name: inputs}, answer(inputs), name="penalized_linear")
    answer.set_weights([kernel.astype(np.float32), bias.astype(np.float32)])
    return model


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [PenalizedLinear]
