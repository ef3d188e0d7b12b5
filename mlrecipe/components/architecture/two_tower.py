"""Two towers: a user's vector, an item's vector, and how well the two agree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import Field

import mlrecipe
from mlrecipe.component import Search
from mlrecipe.components.architecture.growing import grown

if TYPE_CHECKING:
    import keras

    from mlrecipe.data.catalogue import Catalogue
    from mlrecipe.interfaces import Assignment, Fitted, Samples

SIZES = ((16,), (64,), (256,))
"""Units of the capacity ladder."""

EPOCHS = "epochs"


class TwoTower(mlrecipe.Estimator, name="two_tower", tasks=frozenset({"recommendation"})):
    """A Keras network: embeddings of what a user likes, pooled, against embeddings of all items.

    The user tower pools the embeddings of the items liked, to a sum of length 1 as in Liang et al.
    (2018), joins the user's other columns, and maps both to a vector; the item tower is an
    embedding and a bias an item (Covington, Adams and Sargin, 2016, "Deep Neural Networks for
    YouTube Recommendations"). Their products are compared over all items; nothing is sampled.
    """

    units: Annotated[int | None, Search(16, 256, log=True)] = Field(
        None, ge=1, description="Length of the vectors; null: the capacity ladder finds it."
    )
    dropout: Annotated[float, Search(0.0, 0.7)] = Field(
        0.3, ge=0, lt=1, description="Share of the liked items dropped in training."
    )

    def sizes(self) -> Iterator[Self]:
        return grown(self, ("units",), SIZES)

    def fit(
        self,
        rows: Samples,
        validation: Samples | None,
        assignment: Assignment,
        found: Mapping[str, float],
    ) -> Fitted:
        from mlrecipe.data.catalogue import Catalogue
        from mlrecipe.interfaces import Fitted
        from mlrecipe.training.trainer import Trainer

        catalogue = Catalogue.of(assignment.features, assignment.codec.labels)
        model = self._model(catalogue, assignment)
        trainer = Trainer(model, assignment.objective, assignment.training, rows.y.shape[1:])
        held_out = None
        if validation is not None:
            held_out = (validation.x, validation.y, validation.weights)
        history = trainer.fit(
            rows.x,
            rows.y,
            held_out,
            seed=assignment.seed,
            weights=rows.weights,
            epochs=max(1, round(found[EPOCHS])) if EPOCHS in found else None,
            listener=assignment.listener,
        )
        best = history.best_epoch
        return Fitted(model, {EPOCHS: float(best)}, history.loss, history.val_loss, best)

    def _model(self, catalogue: Catalogue, assignment: Assignment) -> keras.Model:
        """Return inputs (batch, features) -> shares (batch, items that can be recommended)."""
        import keras

        from mlrecipe.interfaces import ANSWER
        from mlrecipe.training.recommending import Columns, LeaveOut, LikedItems, UnitLists

        keras.backend.clear_session(free_memory=False)
        keras.utils.set_random_seed(assignment.seed)
        units = next(self.sizes()).units
        spec = assignment.specs[0]
        inputs = keras.Input(spec.shape, dtype=spec.dtype, name=spec.name)
        liked = LikedItems(catalogue.columns.tolist(), name="liked")(inputs)
        pooled = UnitLists(name="pooled")(liked)
        pooled = keras.layers.Dropout(self.dropout, name="forgotten")(pooled)
        parts = [keras.layers.Dense(units, use_bias=False, name="embeddings")(pooled)]
        others = sorted(set(range(spec.shape[0])) - set(catalogue.columns.tolist()))
        if others:
            columns = Columns(others, name="other_columns")(inputs)
            parts.append(keras.layers.Dense(units, name="other_units")(columns))
        joined = keras.layers.Add(name="joined")(parts) if others else parts[0]
        user = keras.layers.Activation("tanh", name="user")(joined)
        told = (catalogue.columns[: catalogue.outputs] >= 0).tolist()
        softmax = assignment.objective.activation == "softmax"
        scores = keras.layers.Dense(catalogue.outputs, name="items")(user)
        answer = LeaveOut(told, softmax, name=ANSWER)(scores, liked)
        return keras.Model({spec.name: inputs}, answer, name=self.name)


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [TwoTower]
