"""A linear model, solved exactly; validation rows find how strongly its weights are held down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pydantic import Field

import mlrecipe

if TYPE_CHECKING:
    from mlrecipe.interfaces import Assignment, Fitted, Samples


class PenalizedLinear(
    mlrecipe.Estimator,
    name="penalized_linear",
    accepts={"vector", "codes", "mixed"},
    tasks=frozenset({"binary", "multiclass", "scalar_regression", "vector_regression"}),
    objectives=frozenset(
        {
            "sigmoid_binary_crossentropy",
            "softmax_categorical_crossentropy",
            "linear_mean_squared_error",
        }
    ),
):
    """Logistic or ridge regression whose L2 penalty validation rows find (scikit-learn).

    Often the best there is for few rows, and for wide bags of words. The penalty is relaxed step by
    step from ``strongest`` on (a regularization path, Friedman, Hastie & Tibshirani 2010).
    """

    strongest: float = Field(
        1.0, gt=0, description="Strongest penalty, on the mean loss of a row; the path starts here."
    )
    steps: int = Field(13, ge=1, description="Penalties tried, each 10^0.5 weaker than the last.")
    patience: int = Field(
        2, ge=1, description="Penalties without a better validation loss after which to stop."
    )

    def fit(
        self,
        rows: Samples,
        validation: Samples | None,
        assignment: Assignment,
        found: Mapping[str, float],
    ) -> Fitted:
        from mlrecipe.training.linear_path import fit_path

        penalties = [self.strongest / 10 ** (step / 2) for step in range(self.steps)]
        return fit_path(penalties, self.patience, rows, validation, assignment, found)


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [PenalizedLinear]
