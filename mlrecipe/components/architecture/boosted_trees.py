"""Gradient-boosted decision trees, grown by scikit-learn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import Field

import mlrecipe
from mlrecipe.component import Search
from mlrecipe.components.architecture.growing import grown

if TYPE_CHECKING:
    from mlrecipe.interfaces import Assignment, Fitted, Samples

SIZES = ((4,), (16,), (32,), (128,))
"""Leaves a tree of the capacity ladder."""

TASKS = frozenset({"binary", "multiclass", "scalar_regression", "vector_regression"})

OBJECTIVES = frozenset(
    {
        "sigmoid_binary_crossentropy",
        "softmax_categorical_crossentropy",
        "linear_mean_squared_error",
        "linear_mean_absolute_error",
    }
)


class BoostedTrees(
    mlrecipe.Estimator,
    name="boosted_trees",
    accepts={"vector", "codes", "mixed"},
    tasks=TASKS,
    objectives=OBJECTIVES,
):
    """Trees that each mend what those before left over, by scikit-learn's histogram boosting.

    Friedman 2001, "Greedy function approximation: a gradient boosting machine"; histograms and
    growth leaf by leaf as in LightGBM (Ke et al. 2017). Strong on tables, and indifferent to the
    scale of the inputs. Validation rows find the number of rounds.
    """

    leaves: Annotated[int | None, Search(4, 128, log=True)] = Field(
        None, ge=2, description="Most leaves a tree; null: the capacity ladder finds it."
    )
    rounds: int = Field(1000, ge=1, description="Most rounds; each adds a tree an output.")
    learning_rate: Annotated[float, Search(0.02, 0.2, log=True)] = Field(
        0.06, gt=0, le=1, description="Share of each tree's answer that is added."
    )
    patience: int = Field(
        25, ge=1, description="Rounds without a better validation loss after which to stop."
    )
    rows_a_leaf: Annotated[int, Search(2, 60, log=True)] = Field(
        20, ge=1, description="Fewest training rows of a leaf."
    )
    l2: Annotated[float, Search(1e-2, 30.0, log=True)] = Field(
        1.0, ge=0, description="Penalty on the squared values of the leaves."
    )
    features: Annotated[float, Search(0.3, 1.0)] = Field(
        0.7, gt=0, le=1, description="Share of the features that each split chooses among."
    )
    depth: int | None = Field(
        12,
        ge=1,
        description="Most splits from root to leaf; a row takes as many steps to be answered. "
        "null: no limit.",
    )

    def fit(
        self,
        rows: Samples,
        validation: Samples | None,
        assignment: Assignment,
        found: Mapping[str, float],
    ) -> Fitted:
        from mlrecipe.training.boosting import boost
        from mlrecipe.training.histogram_trees import grow

        size = next(self.sizes())
        settings = {
            "learning_rate": size.learning_rate,
            "max_leaf_nodes": size.leaves,
            "max_depth": size.depth,
            "min_samples_leaf": size.rows_a_leaf,
            "l2_regularization": size.l2,
            "max_features": size.features,
        }
        return boost(
            lambda training, held_out, order: grow(
                training, held_out, order, self.patience, settings
            ),
            self.rounds,
            rows,
            validation,
            assignment,
            found,
            self.name,
        )

    def sizes(self) -> Iterator[Self]:
        return grown(self, ("leaves",), SIZES)


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [BoostedTrees]
