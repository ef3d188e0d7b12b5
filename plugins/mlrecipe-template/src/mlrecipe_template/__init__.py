"""One component, as an example: the spherical score."""

from __future__ import annotations

from typing import Any

import mlrecipe


class Spherical(
    mlrecipe.Metric,
    name="spherical",
    tasks=frozenset({"binary", "multiclass"}),
):
    """Mean share of the true class in the length of the probability vector (Good, 1971)."""

    def score(self, y: Any, outputs: Any, weights: Any = None) -> float:
        import numpy as np

        if y.shape[1] == 1:
            y, outputs = np.hstack([1 - y, y]), np.hstack([1 - outputs, outputs])
        rows = (outputs * y).sum(axis=1) / np.linalg.norm(outputs, axis=1)
        return float(np.average(rows, weights=weights))


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Spherical]
