"""Clusters that nobody looked for: one of all rows, and some around rows drawn at random."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field, NonNegativeInt

import mlrecipe

if TYPE_CHECKING:
    from mlrecipe.interfaces import Array, Inputs, Samples

CLUSTERING = frozenset({"clustering"})


class OneCluster(mlrecipe.Baseline, name="one_cluster", suits=CLUSTERING):
    """Puts all rows into one cluster, around the mean of the training rows."""

    def predict(self, training: Samples, rows: Inputs) -> Array:
        import numpy as np

        x = training.x["vector"]
        mean = np.average(x, axis=0, weights=training.weights)
        return _distances(rows.x["vector"], mean[None])


class RandomCentroids(mlrecipe.Baseline, name="random_centroids", suits=CLUSTERING):
    """Takes training rows, drawn at random, for centroids."""

    clusters: int = Field(3, ge=2, description="How many rows are drawn.")
    seed: NonNegativeInt = Field(0, description="Draws others.")

    def predict(self, training: Samples, rows: Inputs) -> Array:
        import numpy as np

        x = training.x["vector"]
        count = min(self.clusters, len(x))
        drawn = np.random.default_rng(self.seed).choice(len(x), count, replace=False)
        return _distances(rows.x["vector"], x[drawn])


def _distances(x: Array, centroids: Array) -> Array:
    """Return Euclidean distances, float32 (rows, centroids)."""
    import numpy as np
    from scipy.spatial.distance import cdist

    return np.asarray(cdist(x, centroids), dtype=np.float32)


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [OneCluster, RandomCentroids]
