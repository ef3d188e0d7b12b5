"""Boosted trees for mlrecipe, grown by LightGBM."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import Field

import mlrecipe

if TYPE_CHECKING:
    from mlrecipe.interfaces import Assignment, Fitted, Samples

SIZES = (4, 16, 31, 127)
"""Leaves a tree of the capacity ladder."""


class LightGBM(
    mlrecipe.Estimator,
    name="lightgbm",
    accepts={"vector", "codes", "mixed"},
    tasks=frozenset({"binary", "multiclass", "scalar_regression", "vector_regression"}),
    objectives=frozenset(
        {
            "sigmoid_binary_crossentropy",
            "softmax_categorical_crossentropy",
            "linear_mean_squared_error",
            "linear_mean_absolute_error",
        }
    ),
    requires={"lightgbm": "lightgbm"},
):
    """Boosted trees grown leaf by leaf (Ke et al. 2017); validation rows find how many."""

    leaves: Annotated[int | None, mlrecipe.Search(4, 128, log=True)] = Field(
        None, ge=2, description="Most leaves a tree; null: the capacity ladder finds it."
    )
    rounds: int = Field(2000, ge=1, description="Most rounds; each adds a tree an output.")
    learning_rate: Annotated[float, mlrecipe.Search(0.02, 0.2, log=True)] = Field(
        0.05, gt=0, le=1, description="Share of each tree's answer that is added."
    )
    patience: int = Field(
        50, ge=1, description="Rounds without a better validation loss after which to stop."
    )
    rows_a_leaf: Annotated[int, mlrecipe.Search(2, 60, log=True)] = Field(
        20, ge=1, description="Fewest training rows of a leaf."
    )
    l2: Annotated[float, mlrecipe.Search(1e-2, 30.0, log=True)] = Field(
        0.0, ge=0, description="Penalty on the squared values of the leaves."
    )
    features: Annotated[float, mlrecipe.Search(0.4, 1.0)] = Field(
        1.0, gt=0, le=1, description="Share of the features that each tree sees."
    )
    rows: Annotated[float, mlrecipe.Search(0.5, 1.0)] = Field(
        1.0, gt=0, le=1, description="Share of the rows that each tree sees."
    )
    depth: int | None = Field(
        12, ge=1, description="Most splits from root to leaf; null: no limit."
    )

    def fit(
        self,
        rows: Samples,
        validation: Samples | None,
        assignment: Assignment,
        found: Mapping[str, float],
    ) -> Fitted:
        from mlrecipe.training.boosting import boost
        from mlrecipe_lightgbm.growing import grow

        size = next(self.sizes())
        return boost(
            lambda training, held_out, order: grow(
                training, held_out, order, self.patience, size.parameters()
            ),
            self.rounds,
            rows,
            validation,
            assignment,
            found,
            self.name,
        )

    def parameters(self) -> dict[str, Any]:
        """Return LightGBM's parameters."""
        return {
            "learning_rate": self.learning_rate,
            "num_leaves": self.leaves,
            "max_depth": self.depth or -1,
            "min_data_in_leaf": self.rows_a_leaf,
            "lambda_l2": self.l2,
            "feature_fraction": self.features,
            "bagging_fraction": self.rows,
            "bagging_freq": int(self.rows < 1),
        }

    def sizes(self) -> Iterator[Self]:
        for leaves in (self.leaves,) if self.leaves else SIZES:
            yield self.model_copy(update={"leaves": leaves})


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [LightGBM]
