"""The loss of recommendations: which items of all will be liked next?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import mlrecipe

if TYPE_CHECKING:
    import keras


class SoftmaxMultinomial(
    mlrecipe.Objective,
    name="softmax_multinomial",
    activation="softmax",
    tasks=frozenset({"recommendation"}),
):
    """Softmax over all items, and the multinomial log-likelihood of those liked next.

    Liang et al. (2018), "Variational Autoencoders for Collaborative Filtering", 2.2; per item
    liked, so that long lists do not count more. Not in the book's table, which has no row for
    recommendations. ``architecture=matrix_factorization`` has a loss of its own, weighted least
    squares, and is not fitted by this one.
    """

    def loss(self) -> keras.losses.Loss:
        from mlrecipe.training.recommending import MultinomialLikelihood

        return MultinomialLikelihood(reduction="none")


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [SoftmaxMultinomial]
