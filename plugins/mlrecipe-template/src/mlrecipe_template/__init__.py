"""One component, as an example: the Brier score."""

from __future__ import annotations

from typing import Any

import mlrecipe


class Brier(
    mlrecipe.Metric,
    name="brier",
    greater_is_better=False,
    tasks=frozenset({"binary", "multiclass"}),
):
    """Mean squared distance between probabilities and what happened (Brier, 1950)."""

    def score(self, y: Any, outputs: Any, weights: Any = None) -> float:
        import numpy as np

        return float(np.average(((outputs - y) ** 2).sum(axis=1), weights=weights))


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Brier]
