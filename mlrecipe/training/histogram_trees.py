"""Grows trees by scikit-learn's histogram gradient boosting, and reads them.

This module alone knows scikit-learn's estimators, and what of them is not public: the trees. Its
tests hold the trees against the estimator's own predictions, so that a scikit-learn that keeps them
otherwise is noticed.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import threadpoolctl
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from mlrecipe.interfaces import Array
from mlrecipe.training.boosting import Grown, Order, Rows
from mlrecipe.training.trees import LEAF, Tree

MOST_CATEGORIES = 254
"""Codes from here on are taken for one: scikit-learn tells 255 categories of a column."""

WORTH_THREADS = 1_000_000
"""Cells of the training rows from which several threads are faster than one."""


def grow(
    rows: Rows, validation: Rows | None, order: Order, patience: int, settings: Mapping[str, Any]
) -> Grown:
    """Grow trees round by round; with validation rows, until ``patience`` rounds gained nothing.

    Args:
        settings: of scikit-learn's estimator: learning_rate, max_leaf_nodes …
    """
    classes = order.loss == "log_loss"
    categorical = [size is not None for size in order.sizes]
    kind = HistGradientBoostingClassifier if classes else HistGradientBoostingRegressor
    estimator = kind(
        loss=order.loss,
        max_iter=order.rounds,
        early_stopping=validation is not None,
        n_iter_no_change=patience,
        tol=0.0,
        categorical_features=categorical if any(categorical) else None,
        random_state=order.seed,
        **settings,
    )
    held_out: dict[str, Any] = {}
    if validation is not None:
        known = np.isin(validation.y, rows.y) if classes else np.ones(len(validation.y), bool)
        held_out = {
            "X_val": _capped(validation.x, categorical)[known],
            "y_val": validation.y[known],
            "sample_weight_val": validation.weights[known],
        }
    x = _capped(rows.x, categorical)
    with _few_threads(x.size):
        estimator.fit(x, rows.y, _unless_equal(rows.weights), **held_out)
    halved = 2.0 if order.loss == "squared_error" else 1.0  # scikit-learn's is half of it
    val_loss = [float(-score) * halved for score in estimator.validation_score_[1:]]
    best = int(np.argmin(val_loss)) + 1 if val_loss else int(estimator.n_iter_)
    trees, baseline = trees_of(estimator, order.sizes)
    return Grown(
        [one[:best] for one in trees],
        baseline,
        [int(label) for label in estimator.classes_] if classes else [],
        [float(-score) * halved for score in estimator.train_score_[1:]],
        val_loss,
        best,
    )


def trees_of(estimator: Any, sizes: tuple[int | None, ...]) -> tuple[list[list[Tree]], list[float]]:
    """Return the trees of a fitted estimator for each output, and what they start from.

    Reads what scikit-learn does not document: ``_predictors``, ``_baseline_prediction`` and, of
    categories, ``_preprocessor`` (seen in 1.5 to 1.9).
    """
    order, seen = list(range(len(sizes))), {}
    preprocessor = getattr(estimator, "_preprocessor", None)
    if preprocessor is not None:  # categorical columns come first, numbered by what was seen
        codes = [i for i, size in enumerate(sizes) if size is not None]
        order = codes + [i for i, size in enumerate(sizes) if size is None]
        encoder = preprocessor.named_transformers_["encoder"]
        seen = dict(zip(codes, encoder.categories_, strict=True))
    outputs = estimator.n_trees_per_iteration_
    trees = [
        [_tree(round_[output], order, sizes, seen) for round_ in estimator._predictors]
        for output in range(outputs)
    ]
    return trees, [float(value) for value in estimator._baseline_prediction.reshape(-1)]


def _tree(
    predictor: Any, order: list[int], sizes: tuple[int | None, ...], seen: dict[int, Array]
) -> Tree:
    nodes = predictor.nodes
    leaf = nodes["is_leaf"].astype(bool)
    feature = np.asarray(order)[nodes["feature_idx"].astype(np.int64)]
    threshold = nodes["num_threshold"].astype(np.float64)
    categories = {}
    for node in np.flatnonzero(nodes["is_categorical"].astype(bool) & ~leaf):
        column = int(feature[node])
        bits = _bits(predictor.raw_left_cat_bitsets[nodes["bitset_idx"][node]])
        left = np.full(sizes[column] or 0, bool(nodes["missing_go_to_left"][node]))
        known = seen[column].astype(np.int64)
        left[known] = bits[: len(known)]
        if len(left) > MOST_CATEGORIES:
            left[MOST_CATEGORIES:] = left[MOST_CATEGORIES]
        categories[int(node)] = left
        threshold[node] = -np.inf
    return Tree(
        feature,
        threshold,
        np.where(leaf, LEAF, nodes["left"].astype(np.int64)),
        np.where(leaf, LEAF, nodes["right"].astype(np.int64)),
        nodes["value"],
        categories,
    )


def _bits(words: Array) -> Array:
    """Return bool (256,) of a set of bits, uint32 (8,)."""
    numbers = np.arange(256)
    return (words[numbers // 32] >> (numbers % 32).astype(np.uint32) & 1).astype(bool)


def _capped(x: Array, categorical: list[bool]) -> Array:
    """Return the rows with rare codes taken for one, where a column has too many."""
    if not any(categorical):
        return x
    most = np.where(categorical, np.float32(MOST_CATEGORIES), np.float32(np.inf))
    return np.minimum(x, most)


def _unless_equal(weights: Array) -> Array | None:
    """Return the weights, or None for equal ones: scikit-learn then bins in a tenth of the time."""
    return None if np.ptp(weights) == 0 else weights


@contextlib.contextmanager
def _few_threads(cells: int) -> Iterator[None]:
    """Keep small work to one thread: others would spend their time waiting for each other."""
    if cells >= WORTH_THREADS:
        yield
        return
    with _controller().limit(limits=1, user_api="openmp"):
        yield


@functools.cache
def _controller() -> threadpoolctl.ThreadpoolController:
    """Look for the libraries with threads once: beside TensorFlow that takes a second."""
    return threadpoolctl.ThreadpoolController()
