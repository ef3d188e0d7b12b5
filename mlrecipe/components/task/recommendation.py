"""What a user will like next, by what the user likes: a ranked list of items."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import mlrecipe

if TYPE_CHECKING:
    import pandas as pd

    from mlrecipe.data.gallery import Gallery
    from mlrecipe.interfaces import Array, Evidence, Outcomes
    from mlrecipe.preparation.target_codec import TargetCodec
    from mlrecipe.problem import Problem

TOP = 10
"""Items of a list where nobody says how many."""

POPULAR = 0.1
"""Share of the catalogue that counts as popular."""


class Recommendation(
    mlrecipe.Task,
    name="recommendation",
    metrics=("ndcg", "recall_at_cutoff", "mean_reciprocal_rank"),
    baselines=("popularity", "item_neighbours"),
    objectives=("softmax_multinomial",),
    reads="inputs",
):
    """A row is a user: what they like is an input (a list), what they like next is the target.

    Users are split, so that every score is one of users that the model has never seen (strong
    generalization: Liang et al., 2018, "Variational Autoencoders for Collaborative Filtering"), and
    the target is later than the input. What a user likes already is never recommended.
    """

    def fit_target(self, targets: pd.DataFrame, problem: Problem) -> TargetCodec:
        from mlrecipe.data.catalogue import lists_of
        from mlrecipe.data.lists import as_lists, is_list
        from mlrecipe.preparation.target_codec import TargetCodec

        if len(problem.target) != 1:
            raise mlrecipe.MlrecipeError(
                f"recommendation has one target, a list of items, not {len(problem.target)}",
                where="problem.target",
                fix="name the column of what is liked next",
            )
        column = problem.target[0]
        lists = lists_of(targets[column])
        labels = sorted({item for items in lists for item in items})
        listed = max(map(len, lists)) > 1 or as_lists(targets[column]).map(is_list).any()
        if len(labels) < 2 or not listed:
            raise mlrecipe.MlrecipeError(
                f"{column!r} holds no lists of items: {targets[column].iloc[0]!r}, say",
                where="problem.target",
                expected="a list of items in every row: what the user liked next",
                fix="source=interactions makes such rows from a table of likes",
            )
        return TargetCodec(columns=(column,), labels=tuple(labels))

    def encode(self, targets: pd.DataFrame, codec: TargetCodec) -> Array:
        """Return 1 for every item that is liked next, float32 (users, items)."""
        import numpy as np

        from mlrecipe.data.catalogue import lists_of

        places = {label: i for i, label in enumerate(codec.labels)}
        found = np.zeros((len(targets), len(places)), dtype=np.float32)
        for row, items in enumerate(lists_of(targets[codec.columns[0]])):
            found[row, [places[item] for item in items if item in places]] = 1
        return found

    def decode(self, outputs: Array, codec: TargetCodec, threshold: float) -> Array:
        """Return a list of items for every user, the best first: objects (users,)."""
        import numpy as np

        found = np.empty(len(outputs), dtype=object)
        for row, places in enumerate(_ranked(outputs, TOP)):
            found[row] = [codec.labels[i] for i in places]
        return found

    def judged(self, y: Array, outputs: Array) -> tuple[Array, Array]:
        """Return outputs with what is left out of the lists at -inf, as ranking metrics take it."""
        return y, _listed(outputs)

    def answers(
        self,
        outputs: Array,
        codec: TargetCodec,
        threshold: float,
        *,
        gallery: Gallery | None = None,
        top: int | None = None,
    ) -> list[dict[str, Any]]:
        """Return the items of the list, the best first, and their scores in the same order."""
        return [
            {
                "prediction": [codec.labels[i] for i in places],
                "scores": [float(outputs[row, i]) for i in places],
            }
            for row, places in enumerate(_ranked(outputs, top or TOP))
        ]

    def decide(self, evidence: Evidence) -> dict[str, Any]:
        """Return how many lists hit, how much of the catalogue is shown, and how popular it is."""
        from mlrecipe.evaluation.decision import frequency

        test = evidence.test
        ranked = _ranked(test.outputs, TOP)
        hits = _hits(test, ranked)
        kinds = {
            f"something in the list of {TOP} is liked next": hits,
            f"nothing in the list of {TOP} is liked next": ~hits,
        }
        shown = [place for places in ranked for place in places]
        coverage, biased, usual = _variety(evidence, shown)
        return {
            "threshold": 0.5,
            "reason": "the items with the highest scores are the answer",
            "form": "frequencies",
            "consequences": [
                frequency(name, mask, test.weights, evidence.problem, evidence.confidence)
                for name, mask in kinds.items()
            ],
            "statements": [
                f"Catalogue coverage: {coverage:.0%} of {len(evidence.codec.labels)} items are in "
                f"at least one of {len(ranked)} lists of {TOP}.",
                f"Popularity bias: {biased:.0%} of what is recommended is among the {POPULAR:.0%} "
                f"most popular items, of which {usual:.0%} of what is really liked next comes.",
            ],
            "coverage": coverage,
            "popularity_bias": {"recommended": biased, "liked": usual},
        }


def _listed(outputs: Array) -> Array:
    """Return scores with -inf for what the model left out."""
    import numpy as np

    from mlrecipe.data.catalogue import LEFT_OUT, LOWEST

    return np.where(outputs < (LEFT_OUT + LOWEST) / 2, -np.inf, outputs)


def _ranked(outputs: Array, top: int) -> list[list[int]]:
    """Return the places of the first items of every user's list; what is left out is not there."""
    import numpy as np

    listed = _listed(outputs)
    order = np.argsort(-listed, axis=1, kind="stable")[:, :top]
    return [[int(i) for i in row if np.isfinite(listed[n, i])] for n, row in enumerate(order)]


def _hits(rows: Outcomes, ranked: list[list[int]]) -> Array:
    import numpy as np

    return np.array([rows.y[n, places].any() for n, places in enumerate(ranked)], dtype=bool)


def _variety(evidence: Evidence, shown: list[int]) -> tuple[float, float, float]:
    """Return coverage, and the shares of popular items among those shown and those liked.

    Popular is what the validation rows like most.
    """
    import numpy as np

    items = len(evidence.codec.labels)
    count = max(1, round(POPULAR * items))
    popular = np.argsort(-evidence.validation.y.sum(axis=0), kind="stable")[:count]
    biased = float(np.isin(shown, popular).mean()) if shown else 0.0
    liked = evidence.test.y
    return len(set(shown)) / items, biased, float(liked[:, popular].sum() / max(1.0, liked.sum()))


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Recommendation]
