"""What clusters are fitted for: rows close to their centroids."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mlrecipe

if TYPE_CHECKING:
    import keras


class WithinClusterDistance(
    mlrecipe.Objective,
    name="within_cluster_distance",
    activation="linear",
    tasks=frozenset({"clustering"}),
):
    """The squared distance to the nearest centroid, which k-means makes small (Lloyd, 1982)."""

    def loss(self) -> keras.losses.Loss:
        from mlrecipe.training.clustering import WithinCluster

        return WithinCluster(reduction="none")


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [WithinClusterDistance]
