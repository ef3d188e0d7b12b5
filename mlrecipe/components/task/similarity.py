"""Which known things does a row look like? The model gives an embedding; the nearest answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import mlrecipe

if TYPE_CHECKING:
    import keras
    import pandas as pd

    from mlrecipe.data.gallery import Gallery
    from mlrecipe.interfaces import Array, Evidence
    from mlrecipe.preparation.target_codec import TargetCodec
    from mlrecipe.problem import Problem

TOP = 10
"""Things that an answer lists when nobody asks for another number."""


class SimilarityRanking(
    mlrecipe.Task,
    name="similarity_ranking",
    split_by_target=True,
    metrics=(
        "mean_average_precision_at_cutoff",
        "precision_at_cutoff",
        "recall_at_cutoff",
        "mean_reciprocal_rank",
    ),
    baselines=("random_embedding", "raw_similarity"),
    objectives=("supervised_contrastive", "triplet"),
):
    """Ranks known things (the target: a site, a product) by how much a row looks like each.

    The model maps a row to a vector of length 1, its embedding; similarity is the cosine. It is
    judged on things that training never saw: each row asks for the other rows of its thing.
    """

    def fit_target(self, targets: pd.DataFrame, problem: Problem) -> TargetCodec:
        from mlrecipe.preparation.target_codec import TargetCodec

        if len(problem.target) != 1:
            raise mlrecipe.MlrecipeError(
                f"similarity_ranking learns from one column that names things, not from "
                f"{len(problem.target)}: {', '.join(problem.target)}",
                where="problem.target",
                fix="name the column that says which thing a row shows",
            )
        column = problem.target[0]
        rows = targets[column].value_counts()
        if (rows > 1).sum() < 2:
            raise mlrecipe.MlrecipeError(
                f"{column!r} names {len(rows)} things in {len(targets)} rows, and "
                f"{int((rows > 1).sum())} of them has several rows: nothing tells what is alike",
                where="problem.target",
                expected="several things with at least two rows each",
                fix="name the column that says which thing a row shows, or collect more rows a "
                "thing",
            )
        return TargetCodec(columns=(column,))

    def encode(self, targets: pd.DataFrame, codec: TargetCodec) -> Array:
        """Number the things of these rows as they come: those of other rows are other things."""
        import pandas as pd

        return pd.factorize(targets[codec.columns[0]])[0][:, None].astype("float32")

    def decode(self, outputs: Array, codec: TargetCodec, threshold: float) -> Array:
        return outputs

    def head(
        self, body: keras.KerasTensor, codec: TargetCodec, activation: str
    ) -> keras.KerasTensor:
        """Bring a network's representation to length 1."""
        import keras

        from mlrecipe.interfaces import ANSWER

        return keras.layers.UnitNormalization(name=ANSWER)(body)

    def judged(self, y: Array, outputs: Array) -> tuple[Array, Array]:
        from mlrecipe.evaluation.similarity import relevances

        return relevances(y[:, 0], outputs)

    def keeps(self, frame: pd.DataFrame, codec: TargetCodec) -> list[dict[str, Any]]:
        """Keep every column but files and lists of numbers: what tells people which row it is."""
        from mlrecipe.data.gallery import plain_records

        return plain_records(frame)

    def answers(
        self,
        outputs: Array,
        codec: TargetCodec,
        threshold: float,
        *,
        gallery: Gallery | None = None,
        top: int | None = None,
    ) -> list[dict[str, Any]]:
        """Return the nearest known things of every row, each by its most similar row.

        ``prediction`` is the nearest thing, ``similarity`` its cosine, ``known`` whether it is
        taken for the same thing; ``nearest`` lists ``top`` things with what is known of them.
        """
        if gallery is None:
            return [{"embedding": row} for row in outputs.tolist()]
        column = codec.columns[0]
        rows, scores = gallery.by(column).nearest(outputs, top or TOP)
        found = []
        for places, cosines in zip(rows.tolist(), scores.tolist(), strict=True):
            nearest = [
                {"similarity": round(score, 4), **gallery.records[place]}
                for place, score in zip(places, cosines, strict=True)
            ]
            first = nearest[0]
            known = cosines[0] >= threshold
            found.append(
                {
                    "prediction": first[column],
                    "similarity": first["similarity"],
                    "known": known,
                    "nearest": nearest,
                }
            )
        return found

    def decide(self, evidence: Evidence) -> dict[str, Any]:
        from mlrecipe.evaluation.similarity import decide_similarity

        return decide_similarity(evidence)


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [SimilarityRanking]
