"""Which labels a quick model contradicts with confidence: confident learning."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mlrecipe.data.table import SAMPLE_ROWS
from mlrecipe.exploration.features import narrow_features, wide_features
from mlrecipe.interfaces import Array, Inspection

FOLDS = 3
MANY_ROWS = 2000
TREES = 100
MOST_ROWS = SAMPLE_ROWS // 2
MOST_CLASSES = 50
UNDECIDED = 0.3


@dataclass(frozen=True)
class Suspects:
    """Labels that look wrong.

    Attributes:
        rows: positions of the rows looked at, int64 (n,).
        suspicious: bool (n,).
        given, suggested: class indices (n,).
        margin: how much more probable the suggested class is than the given one (n,).
        accuracy: balanced accuracy of the quick model.
        undecided: share of rows whose two most probable classes are within 0.3 of each other.
        names: the classes.
    """

    rows: Array
    suspicious: Array
    given: Array
    suggested: Array
    margin: Array
    accuracy: float
    undecided: float
    names: list[Any]


def confident_joint(probabilities: Array, given: Array) -> Array:
    """Return bool (rows,): off the diagonal of the confident joint (Northcutt et al., 2021).

    A row is counted for the most probable of the classes whose probability reaches the mean that
    rows of that class give it (equation 2); it is suspicious when that is not the given one.

    Args:
        probabilities: out of fold, float64 (rows, classes).
        given: class index of every row (rows,).
    """
    classes = range(probabilities.shape[1])
    thresholds = np.array([probabilities[given == c, c].mean() for c in classes])
    confident = np.where(probabilities >= thresholds, probabilities, -1.0)
    return (confident.max(axis=1) >= 0) & (confident.argmax(axis=1) != given)


def suspects(data: Inspection, margin: float) -> Suspects | None:
    """Return the suspicious labels of a sample; None where no model can be tried.

    Args:
        data: what to look at.
        margin: how much more probable the suggested class has to be.
    """
    import pandas as pd

    rows = data.table.sample(MOST_ROWS, data.seed)
    codes, names = pd.factorize(rows[data.schema.targets[0]], sort=True)
    frequent = np.flatnonzero(np.bincount(codes[codes >= 0]) >= FOLDS)
    kept = np.isin(codes, frequent)
    if not 2 <= len(frequent) <= MOST_CLASSES:
        return None
    rows, given = rows[kept], np.searchsorted(frequent, codes[kept])
    probabilities = _out_of_fold(rows, given, data)
    if probabilities is None:
        return None
    suggested = probabilities.argmax(axis=1)
    best = np.sort(probabilities, axis=1)
    lead = probabilities.max(axis=1) - probabilities[np.arange(len(given)), given]
    recalls = [float((suggested[given == c] == c).mean()) for c in range(len(frequent))]
    return Suspects(
        rows=rows.index.to_numpy(),
        suspicious=confident_joint(probabilities, given) & (lead >= margin),
        given=given,
        suggested=suggested,
        margin=lead,
        accuracy=float(np.mean(recalls)),
        undecided=float((best[:, -1] - best[:, -2] < UNDECIDED).mean()),
        names=[names[i] for i in frequent],
    )


def _out_of_fold(rows: Any, given: Array, data: Inspection) -> Array | None:
    """Return the mean of a linear model's and a forest's probabilities (rows, classes)."""
    from sklearn.ensemble import ExtraTreesClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=data.seed)
    settings: dict[str, Any] = {"cv": folds, "method": "predict_proba"}
    wide = wide_features(rows, data.schema)
    if not wide.shape[1]:
        return None
    linear = LogisticRegression(max_iter=300)
    found = [cross_val_predict(linear, wide, given, **settings)]
    narrow = narrow_features(rows, data.schema)
    if narrow.shape[1]:
        jobs = 2 if len(given) > MANY_ROWS else None  # threads cost more than few rows take
        forest = ExtraTreesClassifier(TREES, min_samples_leaf=2, n_jobs=jobs, random_state=0)
        found.append(cross_val_predict(forest, narrow, given, **settings))
    return np.mean(found, axis=0)
