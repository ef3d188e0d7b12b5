"""Losses of embeddings: rows of one thing are drawn together, rows of others pushed apart.

Both look at all pairs of a batch. Batches are therefore filled with several rows of each thing, as
Hermans et al. (2017) do (batches of P things with K rows each).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

import mlrecipe
from mlrecipe.component import Search

if TYPE_CHECKING:
    import keras


class _OfPairs(mlrecipe.Objective):
    """What needs several rows of a thing in a batch."""

    together: int = Field(
        4, ge=2, description="Rows of one thing that come one after the other in an epoch."
    )

    def order(self, y: Any, seed: Any) -> Any:
        from mlrecipe.training.pairs import in_pieces

        return in_pieces(y[:, 0], self.together, seed)


class SupervisedContrastive(
    _OfPairs,
    name="supervised_contrastive",
    activation="linear",
    tasks=frozenset({"similarity_ranking"}),
):
    """Contrasts a row's own thing with all others of the batch (Khosla et al., 2020, eq. 2)."""

    temperature: Annotated[float, Search(0.05, 0.3, log=True)] = Field(
        0.1, gt=0, description="Lower ones look more at the hardest rows of other things."
    )

    def loss(self) -> keras.losses.Loss:
        from mlrecipe.training.pairs import of_embeddings, supervised_contrastive

        return of_embeddings(
            lambda things, z: supervised_contrastive(things, z, self.temperature), self.name
        )


class Triplet(
    _OfPairs,
    name="triplet",
    activation="linear",
    tasks=frozenset({"similarity_ranking"}),
):
    """A row of the same thing has to be nearer than a row of another (Schroff et al., 2015)."""

    margin: Annotated[float | None, Search(0.1, 0.6)] = Field(
        0.3,
        gt=0,
        le=2,
        description="How much nearer, as a distance of at most 2; null: the soft margin, which "
        "has no end.",
    )
    mining: Literal["semi_hard", "hard"] = Field(
        "semi_hard",
        description="Which rows of a batch are told apart. hard: the farthest of the thing and "
        "the nearest of all others (Hermans et al., 2017), for networks that already know "
        "something: untrained ones tend to answer the same for every row.",
    )

    def loss(self) -> keras.losses.Loss:
        from mlrecipe.training.pairs import of_embeddings, triplet

        return of_embeddings(
            lambda things, z: triplet(things, z, self.margin, self.mining), self.name
        )


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [SupervisedContrastive, Triplet]
