"""Groups of rows that are alike; nothing is predicted, and there is no target."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import mlrecipe

if TYPE_CHECKING:
    import pandas as pd

    from mlrecipe.data.gallery import Gallery
    from mlrecipe.interfaces import Array, Evidence
    from mlrecipe.preparation.target_codec import TargetCodec
    from mlrecipe.problem import Problem

STRUCTURE = ((0.7, "strong"), (0.5, "reasonable"), (0.25, "weak"), (-1.0, "hardly any"))
"""Silhouette from which on clusters are called so: Kaufman and Rousseeuw (1990), table 4."""

DESCRIBED = 5
"""Columns that a cluster is described by."""


class Clustering(
    mlrecipe.Task,
    name="clustering",
    metrics=("simplified_silhouette", "inertia"),
    baselines=("one_cluster", "random_centroids"),
    objectives=("within_cluster_distance",),
    reads="inputs",
    targeted=False,
):
    """Rows that are alike; the outputs are distances to the centres of the clusters."""

    def fit_target(self, targets: pd.DataFrame, problem: Problem) -> TargetCodec:
        from mlrecipe.preparation.target_codec import TargetCodec

        return TargetCodec(columns=())

    def encode(self, targets: pd.DataFrame, codec: TargetCodec) -> Array:
        """Return nothing of every row: float32 (rows, 0)."""
        import numpy as np

        return np.zeros((len(targets), 0), dtype=np.float32)

    def decode(self, outputs: Array, codec: TargetCodec, threshold: float) -> Array:
        """Return the number of the nearest cluster, from 1 on: int64 (rows,)."""
        return outputs.argmin(axis=1) + 1

    def answers(
        self,
        outputs: Array,
        codec: TargetCodec,
        threshold: float,
        *,
        gallery: Gallery | None = None,
        top: int | None = None,
    ) -> list[dict[str, Any]]:
        """Return the cluster's number, how far away its centre is, and those of all clusters."""
        numbers = self.decode(outputs, codec, threshold)
        return [
            {
                "prediction": int(number),
                "distance": float(row.min()),
                "distances": {str(i + 1): float(value) for i, value in enumerate(row)},
            }
            for number, row in zip(numbers, outputs, strict=True)
        ]

    def decide(self, evidence: Evidence) -> dict[str, Any]:
        """Return how large the clusters are, how clear, and what is typical of each."""
        from mlrecipe.components.metric.clustering import SimplifiedSilhouette
        from mlrecipe.evaluation.decision import frequency

        test = evidence.test
        numbers = self.decode(test.outputs, evidence.codec, 0.5)
        count = test.outputs.shape[1]
        silhouette = SimplifiedSilhouette().score(test.y, test.outputs, test.weights)
        strength = next(word for least, word in STRUCTURE if silhouette >= least)
        typical = [] if evidence.frame is None else _typical(evidence.frame, numbers, count)
        return {
            "threshold": 0.5,
            "reason": "the nearest centre says which cluster a row is in",
            "form": "frequencies",
            "consequences": [
                frequency(
                    f"cluster {number}",
                    numbers == number,
                    test.weights,
                    evidence.problem,
                    evidence.confidence,
                )
                for number in range(1, count + 1)
            ],
            "statements": [
                f"{count} clusters; on rows never seen before their silhouette is {silhouette:.2f}:"
                f" {strength} structure. Nobody has said that these groups mean anything: look at "
                "them before they are used.",
                *typical,
            ],
        }


def _typical(frame: pd.DataFrame, numbers: Array, count: int) -> list[str]:
    """Return a sentence a cluster: the values by which it differs most from all rows."""
    found = []
    for number in range(1, count + 1):
        rows = frame[numbers == number]
        if rows.empty:
            found.append(f"Cluster {number}: no test row is in it.")
            continue
        described = [part for name in frame if (part := _column(frame[name], rows[name]))]
        described.sort(key=lambda part: -part[0])
        values = "; ".join(words for _, words in described[:DESCRIBED])
        found.append(f"Cluster {number} ({len(rows)} test rows): {values}.")
    return found


def _column(whole: pd.Series, part: pd.Series) -> tuple[float, str] | None:
    """Return by how much a column differs in a cluster, and its typical value there.

    A number by its median, in standard deviations; a word by its share. None for other columns.
    """
    import pandas as pd

    if pd.api.types.is_bool_dtype(whole) or not pd.api.types.is_numeric_dtype(whole):
        words = part.dropna()
        if words.empty or not words.map(lambda v: isinstance(v, str | bool)).all():
            return None
        word, share = words.mode()[0], float((part == words.mode()[0]).mean())
        return share - float((whole == word).mean()), f"{whole.name} is {word} ({share:.0%})"
    spread, median = float(whole.std()), float(part.median())
    if not spread > 0 or median != median:
        return None
    usual = float(whole.median())
    return abs(median - usual) / spread, f"{whole.name} about {median:.4g} (of all {usual:.4g})"


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Clustering]
