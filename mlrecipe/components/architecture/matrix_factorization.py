"""Users and items as factors whose product says who likes what: collaborative filtering."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import Field

import mlrecipe
from mlrecipe.component import Search
from mlrecipe.components.architecture.growing import grown

if TYPE_CHECKING:
    import keras

    from mlrecipe.data.catalogue import Catalogue
    from mlrecipe.interfaces import Array, Assignment, Fitted, Samples
    from mlrecipe.training.least_squares import LeastSquares

SIZES = ((16,), (32,), (64,), (128,))
"""Factors of the capacity ladder."""

ITERATIONS = "iterations"


class MatrixFactorization(
    mlrecipe.Estimator, name="matrix_factorization", tasks=frozenset({"recommendation"})
):
    """Weighted alternating least squares (Hu, Koren and Volinsky, 2008); no deep learning.

    It is fitted to the whole lists of the training users. A new user's factors are found as the
    model runs, from what they like, by conjugate gradients; no user is stored in it. Only the
    column of items is read; other columns of the user are not.
    """

    factors: Annotated[int | None, Search(8, 128, log=True)] = Field(
        None, ge=1, description="Factors of a user and an item; null: the capacity ladder finds it."
    )
    confidence: Annotated[float, Search(0.5, 40.0, log=True)] = Field(
        2.0, gt=0, description="By how much a like counts more than none (alpha in the paper)."
    )
    regularization: Annotated[float, Search(0.1, 100.0, log=True)] = Field(
        5.0, gt=0, description="Weight of the squared factors (lambda in the paper)."
    )
    iterations: int = Field(
        15, ge=1, description="Most rounds; of these, the best on the validation rows is taken."
    )
    steps: int = Field(
        12, ge=1, description="Steps of conjugate gradients to a new user's factors."
    )

    def sizes(self) -> Iterator[Self]:
        return grown(self, ("factors",), SIZES)

    def fit(
        self,
        rows: Samples,
        validation: Samples | None,
        assignment: Assignment,
        found: Mapping[str, float],
    ) -> Fitted:
        """Fit to the lists of the training users.

        The losses are 1 - NDCG of the first ten: of the training users, who are fitted with what
        they like next, and of the validation users, who are not.
        """
        from scipy.sparse import csr_array

        from mlrecipe.data.catalogue import Catalogue
        from mlrecipe.interfaces import Fitted
        from mlrecipe.training.least_squares import LeastSquares

        size = next(self.sizes())
        assert size.factors is not None
        solver = LeastSquares(size.factors, self.confidence, self.regularization)
        catalogue = Catalogue.of(assignment.features, assignment.codec.labels)
        vector = rows.x[assignment.specs[0].name]
        lists = csr_array(catalogue.whole_lists(vector, rows.y).astype("float64"))
        items = solver.start(len(catalogue.items), assignment.seed)
        count = max(1, round(found[ITERATIONS])) if ITERATIONS in found else self.iterations
        loss: list[float] = []
        val_loss: list[float] = []
        best, kept = 1, items
        for number in range(1, count + 1):
            items = solver.iterate(lists, rows.weights.astype("float64"), items)
            loss.append(_loss(solver, items, catalogue, rows, assignment))
            losses = {"loss": loss[-1]}
            if validation is not None:
                val_loss.append(_loss(solver, items, catalogue, validation, assignment))
                losses["val_loss"] = val_loss[-1]
            if not val_loss or val_loss[-1] == min(val_loss):
                best, kept = number, items
            if assignment.listener is not None:
                assignment.listener(number, count, losses)
        model = self._model(kept, catalogue, assignment)
        return Fitted(model, {ITERATIONS: float(best)}, loss, val_loss, best)

    def _model(self, items: Array, catalogue: Catalogue, assignment: Assignment) -> keras.Model:
        """Return inputs (batch, features) -> scores (batch, items that can be recommended)."""
        import keras
        import numpy as np

        from mlrecipe.interfaces import ANSWER
        from mlrecipe.training.recommending import FoldIn, LeaveOut, LikedItems

        keras.backend.clear_session(free_memory=False)
        spec = assignment.specs[0]
        inputs = keras.Input(spec.shape, dtype=spec.dtype, name=spec.name)
        liked = LikedItems(catalogue.columns.tolist(), name="liked")(inputs)
        count, factors = items.shape
        fold_in = FoldIn(
            count, factors, self.confidence, self.regularization, self.steps, name="fold_in"
        )
        user = fold_in(liked)
        product = keras.layers.Dense(catalogue.outputs, use_bias=False, name="items")
        told = (catalogue.columns[: catalogue.outputs] >= 0).tolist()
        answer: Any = LeaveOut(told, name=ANSWER)(product(user), liked)
        gram = items.T @ items + self.regularization * np.eye(items.shape[1])
        fold_in.set_weights([items, gram])
        product.set_weights([items[: catalogue.outputs].T])
        product.trainable = False
        return keras.Model({spec.name: inputs}, answer, name=self.name)


def _loss(
    solver: LeastSquares,
    items: Array,
    catalogue: Catalogue,
    rows: Samples,
    assignment: Assignment,
) -> float:
    """Return 1 - NDCG at 10 of what the users of some rows like next."""
    from scipy.sparse import csr_array

    from mlrecipe.components.metric.ranking import NDCG

    liked = catalogue.liked(rows.x[assignment.specs[0].name])
    users = solver.solve(csr_array(liked.astype("float64")), items)
    scores = catalogue.left_out(users @ items[: catalogue.outputs].T, liked)
    return 1 - NDCG().score(*assignment.task.judged(rows.y, scores), rows.weights)


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [MatrixFactorization]
