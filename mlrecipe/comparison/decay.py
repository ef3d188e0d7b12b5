"""Concept drift: what a model of the past loses on later rows, against a model of their time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mlrecipe.comparison.quick_model import Features, one_thread, quick_model
from mlrecipe.interfaces import Array

FOLDS = 5
RESAMPLES = 200


@dataclass(frozen=True)
class Decay:
    """What a model of the first period loses in a later one.

    Attributes:
        period: 1, 2 …; period 0 is the one that the model knows.
        elapsed: time between the middles of the two periods.
        old: skill of the model of period 0 on the rows of this one.
        fresh: skill of a model of this period on the same rows, out of fold.
        error: standard error of ``fresh - old`` (paired bootstrap of the rows).
    """

    period: int
    elapsed: float
    old: float
    fresh: float
    error: float

    @property
    def lost(self) -> float:
        """How much skill was lost to age."""
        return self.fresh - self.old


@dataclass(frozen=True)
class Trend:
    """The line through all decays.

    Attributes:
        skill: skill of a fresh model, averaged over the periods.
        rate: skill lost in a unit of time, by weighted least squares through the origin.
        error: standard error of the rate.
    """

    skill: float
    rate: float
    error: float

    def lasts(self, share: float) -> float | None:
        """Return after what time the given share of the skill is lost; None: it does not age."""
        return share * self.skill / self.rate if self.rate > 0 else None


def decays(
    features: Features,
    target: Array,
    period: Array,
    times: Array,
    *,
    classification: bool,
    seed: int,
) -> list[Decay]:
    """Return the decay in every period but the first.

    Both models are gradient boosting on equally many rows: fold i of a period is predicted once by
    a model of that period without fold i, once by a model of period 0 without its fold i. What they
    differ by is age alone, not size, and not that one period is harder than another.

    Skill is 2·AUC-1 for classes (one against the others, weighted) and R² for numbers.

    Args:
        features: the inputs of all rows.
        target: class index or number of every row (rows,).
        period: period of every row (rows,); -1 leaves it out.
        times: time of every row (rows,).
        classification: whether targets are classes.
        seed: of folds, models and the bootstrap.
    """
    parts = [
        _folds(np.flatnonzero(period == k), target, classification, seed)
        for k in range(int(period.max()) + 1)
    ]
    with one_thread():
        return _decays(features, target, parts, times, classification, seed)


def _decays(
    features: Features,
    target: Array,
    parts: list[list[Array]],
    times: Array,
    classification: bool,
    seed: int,
) -> list[Decay]:
    # Equally many rows for every model, or the larger period would seem to have the fresher one.
    size = min(sum(map(len, folds)) - max(map(len, folds)) for folds in parts)
    fitted = [
        [
            _fit(features, target, _others(folds, i, size, seed), classification, seed)
            for i in range(FOLDS)
        ]
        for folds in parts
    ]
    start = float(np.median(times[np.concatenate(parts[0])]))
    found = []
    for k in range(1, len(parts)):
        rows = np.concatenate(parts[k])
        old = np.concatenate([fitted[0][i](parts[k][i]) for i in range(FOLDS)])
        fresh = np.concatenate([fitted[k][i](parts[k][i]) for i in range(FOLDS)])
        elapsed = float(np.median(times[rows])) - start
        y = target[rows]
        error = _bootstrap_error(y, old, fresh, classification, seed + k)
        both = (skill(y, old, classification), skill(y, fresh, classification))
        found.append(Decay(k, elapsed, *both, error))
    return found


def trend(found: list[Decay]) -> Trend:
    """Return the line through the decays, each weighted by its precision."""
    elapsed = np.array([d.elapsed for d in found])
    lost = np.array([d.lost for d in found])
    precision = 1 / np.maximum(np.array([d.error for d in found]), 1e-6) ** 2
    scale = float((precision * elapsed**2).sum())
    rate = float((precision * elapsed * lost).sum()) / scale if scale else 0.0
    # All periods share the old model, so its luck does not average out over them: the error is
    # that of one period, at the longest distance.
    error = float(max(d.error for d in found)) / float(elapsed.max()) if scale else np.inf
    return Trend(float(np.mean([d.fresh for d in found])), rate, error)


def skill(y: Array, outputs: Array, classification: bool) -> float:
    """Return 2·AUC-1 or R² of outputs (rows, classes) or (rows, 1)."""
    if not classification:
        variance = float(((y - y.mean()) ** 2).sum())
        return 1 - float(((y - outputs[:, 0]) ** 2).sum()) / variance if variance else 0.0
    areas, shares = [], []
    labels = np.unique(y)
    for label in labels[:1] if outputs.shape[1] == 2 else labels:
        own = y == label
        if 0 < own.sum() < len(y):
            areas.append(_auc(own, outputs[:, label]))
            shares.append(own.mean())
    return 2 * float(np.average(areas, weights=shares)) - 1 if areas else 0.0


def _auc(own: Array, scores: Array) -> float:
    """Return the area by ranks (Mann and Whitney, 1947); a fraction of scikit-learn's time."""
    from scipy.stats import rankdata

    n = int(own.sum())
    above = float(rankdata(scores)[own].sum()) - n * (n + 1) / 2
    return above / (n * (len(own) - n))


def _folds(rows: Array, target: Array, classification: bool, seed: int) -> list[Array]:
    from sklearn.model_selection import KFold, StratifiedKFold

    kind = StratifiedKFold if classification else KFold
    splitter = kind(FOLDS, shuffle=True, random_state=seed)
    strata = target[rows] if classification else None
    return [rows[valid] for _, valid in splitter.split(rows, strata)]


def _others(folds: list[Array], left_out: int, count: int, seed: int) -> Array:
    rows = np.concatenate([fold for i, fold in enumerate(folds) if i != left_out])
    if len(rows) <= count:
        return rows
    return np.random.default_rng(seed).choice(rows, count, replace=False)


def _fit(features: Features, target: Array, rows: Array, classification: bool, seed: int) -> Any:
    """Return a function from row positions to outputs (rows, classes) or (rows, 1)."""
    model: Any = quick_model(features, classification=classification, seed=seed)
    model.fit(features.x[rows], target[rows])
    width = int(target.max()) + 1 if classification else 1

    def outputs(asked: Array) -> Array:
        if not classification:
            return model.predict(features.x[asked])[:, None]
        found = np.zeros((len(asked), width))
        found[:, model.classes_.astype(int)] = model.predict_proba(features.x[asked])
        return found

    return outputs


def _bootstrap_error(y: Array, old: Array, fresh: Array, classification: bool, seed: int) -> float:
    draws = np.random.default_rng(seed)
    losses = []
    for _ in range(RESAMPLES):
        rows = draws.integers(0, len(y), len(y))
        losses.append(
            skill(y[rows], fresh[rows], classification) - skill(y[rows], old[rows], classification)
        )
    return float(np.std(losses))
