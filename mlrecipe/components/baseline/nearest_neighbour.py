"""What the most similar rows say: learns nothing, and is often hard to beat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

import mlrecipe
from mlrecipe.components.baseline.linear import matrices

if TYPE_CHECKING:
    from mlrecipe.interfaces import Array, Inputs, Samples

KINDS = frozenset({"classification", "regression", "multilabel"})


class NearestNeighbour(mlrecipe.Baseline, name="nearest_neighbour", trivial=False, suits=KINDS):
    """The mean over the nearest training rows (scikit-learn), by pixels or prepared numbers.

    Distances are Euclidean; of large images, between means of blocks. For probabilities the shares
    among all training rows count as one neighbour more, so that none is 0 or 1.
    """

    neighbours: int = Field(5, ge=1, description="How many nearest rows to ask.")
    rows: int = Field(
        20_000, ge=1, description="Most training rows to look among; of more, a sample is drawn."
    )

    def predict(self, training: Samples, rows: Inputs) -> Array:
        import numpy as np
        from sklearn.neighbors import NearestNeighbors

        x, others = matrices(training.x, rows.x)
        y, weights = training.y, training.weights
        if len(x) > self.rows:
            kept = np.sort(np.random.default_rng(0).choice(len(x), self.rows, replace=False))
            x, y, weights = x[kept], y[kept], weights[kept]
        index = NearestNeighbors(n_neighbors=min(self.neighbours, len(x)), algorithm="brute")
        near = index.fit(x).kneighbors(others, return_distance=False)
        count = weights[near][..., None]
        total, size = (count * y[near]).sum(axis=1), count.sum(axis=1)
        if bool(np.isin(y, (0.0, 1.0)).all()):
            total, size = total + np.average(y, axis=0, weights=weights), size + 1
        return np.asarray(total / size, dtype=np.float32)


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [NearestNeighbour]
