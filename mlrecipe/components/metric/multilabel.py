"""Measures for rows that carry several labels at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

import mlrecipe
from mlrecipe.components.metric.probability import average_precisions
from mlrecipe.components.metric.sampled import Sampled

if TYPE_CHECKING:
    from mlrecipe.interfaces import Array

MULTILABEL = frozenset({"multilabel"})


class MeanAveragePrecision(Sampled, name="mean_average_precision", tasks=MULTILABEL):
    """Mean over the labels of the average precision; labels that no row has do not count."""

    def score_samples(self, y: Array, outputs: Array, draws: Array) -> Array:
        import numpy as np

        found = [
            average_precisions(y[:, i] > 0.5, outputs[:, i], draws)
            for i in range(y.shape[1])
            if (y[:, i] > 0.5).any()
        ]
        if not found:
            return np.full(len(draws), np.nan)
        return np.nanmean(found, axis=0)


class _AtThreshold(Sampled):
    """What counts the labels above a threshold, over all rows and labels together."""

    threshold: float = Field(
        0.5, ge=0, le=1, description="From which probability on a row gets a label."
    )

    def counts(self, y: Array, outputs: Array, draws: Array) -> tuple[Array, Array, Array]:
        """Return the weight of hits, truths and answers, each (samples,)."""
        truth, answers = y > 0.5, outputs >= self.threshold
        hits = (truth & answers).sum(axis=1)
        return draws @ hits, draws @ truth.sum(axis=1), draws @ answers.sum(axis=1)


class LabelPrecision(_AtThreshold, name="label_precision", tasks=MULTILABEL):
    """Share of the labels given that are right."""

    def score_samples(self, y: Array, outputs: Array, draws: Array) -> Array:
        hits, _, answers = self.counts(y, outputs, draws)
        return _ratio(hits, answers)


class LabelRecall(_AtThreshold, name="label_recall", tasks=MULTILABEL):
    """Share of the labels there that are given."""

    def score_samples(self, y: Array, outputs: Array, draws: Array) -> Array:
        hits, truths, _ = self.counts(y, outputs, draws)
        return _ratio(hits, truths)


class LabelF1(_AtThreshold, name="label_f1", tasks=MULTILABEL):
    """Harmonic mean of the labels' precision and recall (micro-averaged F1)."""

    def score_samples(self, y: Array, outputs: Array, draws: Array) -> Array:
        hits, truths, answers = self.counts(y, outputs, draws)
        return _ratio(2 * hits, truths + answers)


def _ratio(part: Array, whole: Array) -> Array:
    import numpy as np

    return np.where(whole > 0, part / np.where(whole > 0, whole, 1), np.nan)


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [MeanAveragePrecision, LabelPrecision, LabelRecall, LabelF1]
