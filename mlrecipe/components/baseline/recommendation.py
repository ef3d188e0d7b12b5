"""Simple recommendations: what most like, and what goes with what one likes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

import mlrecipe

if TYPE_CHECKING:
    from mlrecipe.interfaces import Array, Inputs, Samples

RECOMMENDATION = frozenset({"recommendation"})


class Popularity(mlrecipe.Baseline, name="popularity", suits=RECOMMENDATION):
    """Recommends what most training users like, without what the user likes already."""

    def predict(self, training: Samples, rows: Inputs) -> Array:
        import numpy as np

        from mlrecipe.data.catalogue import Catalogue

        catalogue = Catalogue.of(training.features, training.labels)
        lists = catalogue.whole_lists(training.x["vector"], training.y)
        shares = np.average(lists, axis=0, weights=training.weights)
        liked = catalogue.liked(rows.x["vector"])
        scores = np.tile(shares[: catalogue.outputs], (len(liked), 1))
        return catalogue.left_out(scores, liked)


class ItemNeighbours(
    mlrecipe.Baseline, name="item_neighbours", trivial=False, suits=RECOMMENDATION
):
    """Recommends the items that are liked by the same users as those that the user likes.

    Sarwar et al. (2001), "Item-Based Collaborative Filtering Recommendation Algorithms", with the
    cosine of two items' users as their similarity.
    """

    neighbours: int = Field(
        50, ge=1, description="How many of the most similar items each item speaks for."
    )

    def predict(self, training: Samples, rows: Inputs) -> Array:
        import numpy as np

        from mlrecipe.data.catalogue import Catalogue

        catalogue = Catalogue.of(training.features, training.labels)
        lists = catalogue.whole_lists(training.x["vector"], training.y)
        together = lists.T @ (lists * training.weights[:, None])
        lengths = np.sqrt(np.maximum(np.diag(together), 1e-9))
        similar = together / lengths / lengths[:, None]
        np.fill_diagonal(similar, 0)
        if self.neighbours < len(similar):
            least = -np.partition(-similar, self.neighbours - 1, axis=1)[:, self.neighbours - 1]
            similar[similar < least[:, None]] = 0
        liked = catalogue.liked(rows.x["vector"])
        scores = liked @ similar[:, : catalogue.outputs]
        total = np.maximum(liked.sum(axis=1, keepdims=True), 1)
        return catalogue.left_out(scores / total, liked)


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Popularity, ItemNeighbours]
