"""Small models of one column: how well they predict the target on rows they have not seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mlrecipe.interfaces import Array

FOLDS = 3
DEPTH = 6
SHRINK = 2.0
"""Rows that the mean over all rows counts for, beside those of a category."""

MOST_TOKENS = 5000


@dataclass(frozen=True)
class Labels:
    """What is to be predicted, and the folds in which it is tried.

    Attributes:
        kept: int64 positions of the rows that take part; classes too rare for a fold do not.
        y: int64 class indices or float64 numbers, of the kept rows.
        classes: number of classes; 0 for numbers.
        folds: pairs of positions in ``y``: training, validation.
    """

    kept: Array
    y: Array
    classes: int
    folds: tuple[tuple[Array, Array], ...]

    @classmethod
    def of(cls, values: pd.Series, *, classification: bool, seed: int) -> Labels | None:
        """Return the labels of a target column; None where nothing can be predicted."""
        from sklearn.model_selection import KFold, StratifiedKFold

        if not classification:
            numbers = pd.to_numeric(values, errors="coerce").to_numpy(dtype=np.float64)
            kept = np.flatnonzero(np.isfinite(numbers))
            if len(kept) < 2 * FOLDS or not np.ptp(numbers[kept]):
                return None
            kfold = KFold(FOLDS, shuffle=True, random_state=seed)
            return cls(kept, numbers[kept], 0, tuple(kfold.split(kept)))
        codes = pd.factorize(values)[0]
        frequent = np.flatnonzero(np.bincount(codes[codes >= 0]) >= FOLDS)
        kept = np.flatnonzero(np.isin(codes, frequent))
        if len(frequent) < 2:
            return None
        y = np.searchsorted(frequent, codes[kept])
        stratified = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
        return cls(kept, y, len(frequent), tuple(stratified.split(y, y)))

    def power(self, outputs: Array) -> float:
        """Return the normalized power of outputs (rows, max(1, classes)) of the kept rows."""
        if not self.classes:
            variance = float(((self.y - self.y.mean()) ** 2).sum())
            return max(0.0, 1 - float(((self.y - outputs[:, 0]) ** 2).sum()) / variance)
        wanted = [1] if self.classes == 2 else range(self.classes)
        return max(0.0, float(np.mean([_gini(self.y == c, outputs[:, c]) for c in wanted])))


def _gini(positive: Array, scores: Array) -> float:
    """Return 2·AUC - 1 by the rank sum (Mann and Whitney, 1947); ties count half."""
    from scipy.stats import rankdata

    n = int(positive.sum())
    area = (rankdata(scores)[positive].sum() - n * (n + 1) / 2) / (n * (len(positive) - n))
    return 2 * float(area) - 1


def by_tree(x: Array, labels: Labels) -> float:
    """Return the power of a small tree on float64 (rows, features): thresholds and ranges."""
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    settings: dict[str, Any] = {"max_depth": DEPTH, "min_samples_leaf": 3, "random_state": 0}
    x = x[labels.kept]
    outputs = np.zeros((len(x), max(1, labels.classes)))
    for train, valid in labels.folds:
        if labels.classes:
            tree = DecisionTreeClassifier(**settings, class_weight="balanced")
            outputs[valid] = tree.fit(x[train], labels.y[train]).predict_proba(x[valid])
        else:
            tree = DecisionTreeRegressor(**settings).fit(x[train], labels.y[train])
            outputs[valid, 0] = tree.predict(x[valid])
    return labels.power(outputs)


def by_category(codes: Array, labels: Labels) -> float:
    """Return the power of each category's mean target (rows,), shrunk to the overall mean.

    Target encoding out of fold (Micci-Barreca, 2001): categories that were never seen, or hardly,
    say nothing, so that a column of many categories gains nothing by learning them by heart.
    """
    codes = codes[labels.kept]
    target = np.eye(labels.classes)[labels.y] if labels.classes else labels.y[:, None]
    outputs = np.zeros(target.shape)
    for train, valid in labels.folds:
        size = int(codes.max()) + 1
        prior = target[train].mean(axis=0)
        counts = np.bincount(codes[train], minlength=size)[:, None]
        sums = np.column_stack(
            [np.bincount(codes[train], weights=t, minlength=size) for t in target[train].T]
        )
        outputs[valid] = ((sums + SHRINK * prior) / (counts + SHRINK))[codes[valid]]
    return labels.power(outputs)


def token(texts: list[str], labels: Labels) -> tuple[float, str]:
    """Return the power of the presence of one single word, and which word it is.

    The word is chosen on the training rows of each fold, by the difference of its frequency in the
    class and outside of it (Youden's index, 1950), which is what 2·AUC - 1 is for a yes or no.
    """
    words, names = _words(texts, labels, binary=True)
    if words is None:
        return 0.0, "a word"
    powers, chosen = [], []
    y = np.eye(labels.classes)[labels.y] if labels.classes else labels.y[:, None]
    y = y[:, 1:] if labels.classes == 2 else y
    for train, valid in labels.folds:
        for target in y.T:
            best = int(np.abs(_index(words[train], target[train], labels.classes)).argmax())
            powers.append(abs(_index(words[valid][:, [best]], target[valid], labels.classes)[0]))
            chosen.append(best)
    name = names[int(np.bincount(chosen).argmax())]
    return float(np.mean(powers)), f"the presence of the word {name!r}"


def _index(words: Any, target: Array, classes: int) -> Array:
    """Return for each word (words,) Youden's index, or the squared correlation for numbers."""
    n, present = len(target), np.asarray(words.sum(axis=0)).ravel()
    inside = np.asarray(words.T @ target).ravel()
    if classes:
        positive = float(target.sum())
        return inside / max(positive, 1) - (present - inside) / max(n - positive, 1)
    share = present / n
    covariance = inside / n - share * target.mean()
    return covariance**2 / np.maximum(share * (1 - share) * target.var(), 1e-300)


def by_words(texts: list[str], labels: Labels) -> float:
    """Return the power of a linear model on the TF-IDF of all words."""
    from sklearn.linear_model import LogisticRegression, Ridge

    words, _ = _words(texts, labels, binary=False)
    if words is None:
        return 0.0
    outputs = np.zeros((words.shape[0], max(1, labels.classes)))
    for train, valid in labels.folds:
        if labels.classes:
            model = LogisticRegression(C=10, class_weight="balanced", max_iter=200)
            outputs[valid] = model.fit(words[train], labels.y[train]).predict_proba(words[valid])
        else:
            outputs[valid, 0] = Ridge().fit(words[train], labels.y[train]).predict(words[valid])
    return labels.power(outputs)


def _words(texts: list[str], labels: Labels, *, binary: bool) -> tuple[Any, list[str]]:
    from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

    kind = CountVectorizer if binary else TfidfVectorizer
    vectorizer = kind(max_features=MOST_TOKENS, binary=binary)
    try:
        matrix = vectorizer.fit_transform([texts[i] for i in labels.kept])
    except ValueError:  # no words at all
        return None, []
    matrix = matrix.astype(np.float64)
    return matrix, vectorizer.get_feature_names_out().tolist()
