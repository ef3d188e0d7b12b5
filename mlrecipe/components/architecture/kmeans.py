"""Clusters around centroids: k-means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import Field, PositiveInt

import mlrecipe

if TYPE_CHECKING:
    import keras

    from mlrecipe.interfaces import Array, Assignment, Fitted, Samples

FOUND = "clusters"

FAR = 1e4
"""Where centroids lie that fill up a model to the width of the others: no row is near them."""


class KMeans(mlrecipe.Estimator, name="kmeans", tasks=frozenset({"clustering"})):
    """k-means (Lloyd, 1982, from centroids by k-means++; scikit-learn) on the prepared inputs.

    The model gives the distance of a row to every centroid. The number of clusters, if it is left
    open, is the one with the best simplified silhouette on the validation rows.
    """

    clusters: int | None = Field(
        None, ge=2, description="How many clusters; null: the validation rows decide."
    )
    most: int = Field(10, ge=2, description="Most clusters that are tried.")
    starts: PositiveInt = Field(10, description="Starts from other centroids; the best is taken.")

    def fit(
        self,
        rows: Samples,
        validation: Samples | None,
        assignment: Assignment,
        found: Mapping[str, float],
    ) -> Fitted:
        """Fit to the training rows.

        Where several numbers are tried, the models of all folds are as wide as the largest number:
        centroids that no row is near to fill them up. The last training's model has none of these.
        """
        import numpy as np

        from mlrecipe.components.metric.clustering import Inertia, SimplifiedSilhouette
        from mlrecipe.interfaces import Fitted

        name = assignment.specs[0].name
        x = rows.x[name].astype(np.float64)
        most = min(self.most, len(np.unique(x, axis=0)))
        if most < 2:
            raise mlrecipe.MlrecipeError(
                "all rows are the same: there is nothing to part", where="problem.inputs"
            )
        fixed = self.clusters or (round(found[FOUND]) if FOUND in found else None)
        tried = {}
        for count in [min(fixed, most)] if fixed else range(2, most + 1):
            tried[count] = self._centroids(x, rows.weights, count, assignment.seed)
            if assignment.listener is not None:
                assignment.listener(count, most, {})

        def silhouette(count: int) -> float:
            held_out = validation or rows
            outputs = _distances(held_out.x[name], tried[count])
            return SimplifiedSilhouette().score(held_out.y, outputs, held_out.weights)

        best = max(tried, key=silhouette)

        def inertia(part: Samples) -> float:
            outputs = _distances(part.x[name], tried[best])
            return Inertia().score(part.y, outputs, part.weights)

        width = best if fixed or validation is None else self.most
        centroids = np.full((width, x.shape[1]), FAR)
        centroids[:best] = tried[best]
        val_loss = [] if validation is None else [inertia(validation)]
        model = self._model(centroids, assignment)
        return Fitted(model, {FOUND: float(best)}, [inertia(rows)], val_loss)

    def _centroids(self, x: Array, weights: Array, count: int, seed: int) -> Array:
        """Return centroids (count, features), the one with the most rows first."""
        import numpy as np
        from sklearn.cluster import KMeans as Lloyd

        fitted = Lloyd(count, n_init=self.starts, random_state=seed).fit(x, sample_weight=weights)
        sizes = np.bincount(fitted.labels_, weights, minlength=count)
        centroids: Array = fitted.cluster_centers_[np.argsort(-sizes, kind="stable")]
        return centroids

    def _model(self, centroids: Array, assignment: Assignment) -> keras.Model:
        """Return inputs (batch, features) -> distances (batch, clusters)."""
        import keras

        from mlrecipe.interfaces import ANSWER
        from mlrecipe.training.clustering import Distances

        keras.backend.clear_session(free_memory=False)
        spec = assignment.specs[0]
        inputs = keras.Input(spec.shape, dtype=spec.dtype, name=spec.name)
        layer = Distances(*centroids.shape, name=ANSWER)
        answer: Any = layer(inputs)
        layer.set_weights([centroids])
        return keras.Model({spec.name: inputs}, answer, name=self.name)


def _distances(x: Array, centroids: Array) -> Array:
    from scipy.spatial.distance import cdist

    return cdist(x, centroids)


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [KMeans]
