"""Measures of ranked lists: for each query, are the relevant items at the top?

Targets are relevances, float32 (queries, items), 0 for an item that is not relevant; outputs are
scores of the same shape, of which the highest come first. An item with the score -inf is left out
of the list, as what a user already has. Queries without a relevant item do not count.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

import mlrecipe
from mlrecipe.components.metric.sampled import RowMean

if TYPE_CHECKING:
    from mlrecipe.interfaces import Array

RANKING = frozenset({"similarity_ranking", "recommendation"})


class _AtCutoff(RowMean):
    """What looks at the first items of every list."""

    cutoff: int = Field(10, ge=1, description="How many items of the list are looked at.")

    def top(self, y: Array, outputs: Array) -> Array:
        """Return the relevances of the first items, in order: float64 (queries, cutoff)."""
        import numpy as np

        order = np.argsort(-outputs, axis=1, kind="stable")[:, : self.cutoff]
        listed = np.isfinite(np.take_along_axis(outputs, order, axis=1))
        return np.take_along_axis(y.astype(np.float64), order, axis=1) * listed


def _relevant(y: Array) -> Array:
    """Return how many items are relevant to each query (queries,); NaN where none is."""
    import numpy as np

    count = (y > 0).sum(axis=1)
    return np.where(count > 0, count, np.nan)


class NDCG(_AtCutoff, name="ndcg", tasks=RANKING):
    """Gain of the list, discounted by rank, as a share of the best list's.

    Järvelin & Kekäläinen (2002), with the gain linear in the relevance, as in scikit-learn.
    """

    def row_scores(self, y: Array, outputs: Array) -> Array:
        import numpy as np

        gains = self.top(y, outputs)
        discounts = 1 / np.log2(np.arange(gains.shape[1]) + 2)
        best = -np.sort(-y.astype(np.float64), axis=1)[:, : gains.shape[1]] @ discounts
        return gains @ discounts / np.where(best > 0, best, np.nan)


class RecallAtCutoff(_AtCutoff, name="recall_at_cutoff", tasks=RANKING):
    """Share of the relevant items that are among the first."""

    def row_scores(self, y: Array, outputs: Array) -> Array:
        return (self.top(y, outputs) > 0).sum(axis=1) / _relevant(y)


class PrecisionAtCutoff(_AtCutoff, name="precision_at_cutoff", tasks=RANKING):
    """Share of the first items that are relevant."""

    def row_scores(self, y: Array, outputs: Array) -> Array:
        return (self.top(y, outputs) > 0).sum(axis=1) / self.cutoff + 0 * _relevant(y)


class MeanAveragePrecisionAtCutoff(
    _AtCutoff, name="mean_average_precision_at_cutoff", tasks=RANKING
):
    """Mean over the relevant items of the precision down to each of them (mAP@k)."""

    def row_scores(self, y: Array, outputs: Array) -> Array:
        import numpy as np

        hits = self.top(y, outputs) > 0
        precision = np.cumsum(hits, axis=1) / np.arange(1, hits.shape[1] + 1)
        return (precision * hits).sum(axis=1) / np.minimum(_relevant(y), self.cutoff)


class MeanReciprocalRank(_AtCutoff, name="mean_reciprocal_rank", tasks=RANKING):
    """One over the rank of the first relevant item; 0 when none is among the first."""

    def row_scores(self, y: Array, outputs: Array) -> Array:
        import numpy as np

        hits = self.top(y, outputs) > 0
        ranks = 1 / (hits.argmax(axis=1) + 1)
        return np.where(hits.any(axis=1), ranks, 0) + 0 * _relevant(y)


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [
        NDCG,
        RecallAtCutoff,
        PrecisionAtCutoff,
        MeanAveragePrecisionAtCutoff,
        MeanReciprocalRank,
    ]
