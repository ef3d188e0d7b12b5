"""Adversarial validation: can a model tell from which of two samples a row comes?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mlrecipe.comparison.quick_model import Features, one_thread, quick_features, quick_model
from mlrecipe.comparison.summaries import effective_rows
from mlrecipe.data.table_schema import Column
from mlrecipe.interfaces import Array

FOLDS = 5
NAMED = 5
"""Most columns that are named as giving a sample away."""

NOTICEABLE = 0.01
"""Loss of AUC from which on a column is named."""


@dataclass(frozen=True)
class Domain:
    """How well two samples can be told apart.

    Attributes:
        auc: area under the ROC curve, out of fold: the probability that the model tells a row of
            one sample from a row of the other; 0.5 is guessing.
        error: its standard error when the samples do not differ.
        columns: what gives them away: column -> loss of AUC when its values are shuffled.
        auc_without: the area that is left without these columns; None when none is named.
        rows: how many rows of each sample were looked at.
    """

    auc: float
    error: float
    columns: dict[str, float]
    auc_without: float | None
    rows: tuple[int, int]

    def chance(self) -> bool:
        """Return whether guessing can give such an area (4 standard errors)."""
        return self.auc - 0.5 < 4 * self.error


def tell_apart(
    first: pd.DataFrame,
    second: pd.DataFrame,
    columns: dict[str, Column],
    weights: Array | None = None,
    seed: int = 0,
) -> Domain:
    """Fit gradient boosting to tell the rows of two frames apart, and score it out of fold.

    The standard error under no difference is that of the Mann-Whitney statistic,
    sqrt((n+m+1)/(12nm)) (Hanley and McNeil, 1982, Radiology 143). What gives the samples away is
    found by permutation of a column's values in rows that the model was not fitted on (Breiman,
    2001, section 10; Fisher, Rudin and Dominici, 2019).

    Args:
        first, second: rows of the two samples.
        columns: what to look at.
        weights: of the rows of the first frame (rows,), to stand for a population.
        seed: of folds and permutations.
    """
    with one_thread():
        return _told_apart(first, second, columns, weights, seed)


def _told_apart(
    first: pd.DataFrame,
    second: pd.DataFrame,
    columns: dict[str, Column],
    weights: Array | None,
    seed: int,
) -> Domain:
    both = pd.concat([first[list(columns)], second[list(columns)]], ignore_index=True)
    side = np.repeat([0, 1], [len(first), len(second)])
    own = np.ones(len(first)) if weights is None else np.asarray(weights, dtype=np.float64)
    n, m = effective_rows(own), float(len(second))
    # Each sample counts as much as the other, whatever its size.
    row_weights = np.concatenate([own / own.sum(), np.full(len(second), 1 / m)]) * (n + m) / 2
    features = quick_features(both, columns)
    auc, losses = _scored(features, side, row_weights, seed, permute=True)
    error = float(np.sqrt((n + m + 1) / (12 * n * m)))
    ranked = sorted(losses.items(), key=lambda item: -item[1])
    given = {name: loss for name, loss in ranked[:NAMED] if loss >= NOTICEABLE}
    without = None
    others = {name: c for name, c in columns.items() if name not in given}
    if given and auc - 0.5 >= 4 * error:
        rest = quick_features(both, others)
        without = _scored(rest, side, row_weights, seed)[0] if rest.columns else 0.5
    return Domain(auc, error, given, without, (len(first), len(second)))


def _scored(
    features: Features, side: Array, weights: Array, seed: int, *, permute: bool = False
) -> tuple[float, dict[str, float]]:
    """Return the out-of-fold AUC and, if asked, its loss by the permutation of each column."""
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedKFold

    if not features.columns:
        return 0.5, {}
    draws = np.random.default_rng(seed)
    names = list(dict.fromkeys(features.columns)) if permute else []
    outputs = np.zeros(len(side))
    shuffled = {name: np.zeros(len(side)) for name in names}
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    for train, valid in folds.split(features.x, side):
        model: Any = quick_model(features, classification=True, seed=seed)
        model.fit(features.x[train], side[train], sample_weight=weights[train])
        outputs[valid] = model.predict_proba(features.x[valid])[:, 1]
        for name in names:
            x = features.x[valid].copy()
            own = np.array(features.columns) == name
            x[:, own] = x[draws.permutation(len(x))][:, own]
            shuffled[name][valid] = model.predict_proba(x)[:, 1]
    area = float(roc_auc_score(side, outputs, sample_weight=weights))
    return area, {
        name: area - float(roc_auc_score(side, values, sample_weight=weights))
        for name, values in shuffled.items()
    }
