"""Measures of clusters without any truth: outputs are distances to centroids (rows, clusters)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mlrecipe
from mlrecipe.components.metric.sampled import RowMean

if TYPE_CHECKING:
    from mlrecipe.interfaces import Array

CLUSTERING = frozenset({"clustering"})


class SimplifiedSilhouette(RowMean, name="simplified_silhouette", tasks=CLUSTERING):
    """How much nearer a row is to its own centroid than to the next: -1 … 1, 0 for one cluster.

    Hruschka, de Castro and Campello (2004), "Evolutionary Algorithms for Clustering Gene-Expression
    Data": the silhouette of Rousseeuw (1987) with distances to centroids, which takes no distances
    between rows, so that each row has a value of its own.
    """

    def row_scores(self, y: Array, outputs: Array) -> Array:
        import numpy as np

        if outputs.shape[1] < 2:
            return np.zeros(len(outputs))
        nearest = np.partition(outputs.astype(np.float64), 1, axis=1)[:, :2]
        return (nearest[:, 1] - nearest[:, 0]) / np.maximum(nearest[:, 1], 1e-12)


class Inertia(RowMean, name="inertia", tasks=CLUSTERING, greater_is_better=False):
    """Mean squared distance to the nearest centroid; falls with every further cluster."""

    def row_scores(self, y: Array, outputs: Array) -> Array:
        import numpy as np

        return np.asarray(outputs.astype(np.float64).min(axis=1) ** 2)


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [SimplifiedSilhouette, Inertia]
