"""Raw columns of any kind as numbers for a quick tree model, without choosing a preparation."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mlrecipe.comparison.images import image_table
from mlrecipe.data.table_schema import Column
from mlrecipe.interfaces import Array

MOST_CODES = 60
"""Categories with a code of their own; trees sort at most 255 of them."""

MOST_WORDS = 200
"""Words of a text column that are looked at, the most frequent ones."""


@dataclass(frozen=True)
class Features:
    """Columns as a tree model reads them.

    Attributes:
        x: float64 (rows, features), NaN where a value is missing.
        columns: the column that each feature comes from.
        categorical: which features are codes without an order, (features,).
    """

    x: Array
    columns: tuple[str, ...]
    categorical: Array


def quick_features(frame: pd.DataFrame, columns: dict[str, Column]) -> Features:
    """Return the rows of a frame as numbers.

    Numbers stay as they are, categories become codes by their frequency, texts TF-IDF of their 200
    most frequent words, pictures their properties. Dates and identifiers are left out: they
    differ between any two samples.
    """
    blocks: list[Array] = [np.zeros((len(frame), 0))]
    names: list[str] = []
    codes: list[bool] = []
    for name, column in columns.items():
        block = _block(frame[name], column.kind)
        if block is None:
            continue
        blocks.append(block)
        names.extend([name] * block.shape[1])
        codes.extend([column.kind in ("categorical", "constant", "id", "tags")] * block.shape[1])
    return Features(np.concatenate(blocks, axis=1), tuple(names), np.array(codes, dtype=bool))


def _block(values: pd.Series, kind: str) -> Array | None:
    if kind in ("numeric", "location"):
        numbers = pd.to_numeric(values, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
        return np.where(np.isfinite(numbers), numbers, np.nan)[:, None]
    if kind == "boolean":
        return values.astype("boolean").to_numpy(dtype=np.float64, na_value=np.nan)[:, None]
    if kind in ("categorical", "constant", "id", "tags"):
        return _codes(values)[:, None]
    if kind == "text":
        return _words(values)
    if kind == "image":
        return image_table(values).to_numpy()
    return None


def _codes(values: pd.Series) -> Array:
    """Return the rank of each value by frequency (rows,); rare ones share the last code."""
    texts = values.astype("string")
    counts = texts.value_counts().sort_index().sort_values(ascending=False, kind="stable")
    ranks = {name: min(i, MOST_CODES - 1) for i, name in enumerate(counts.index)}
    return texts.map(ranks).to_numpy(dtype=np.float64, na_value=np.nan)


def _words(values: pd.Series) -> Array:
    from sklearn.feature_extraction.text import TfidfVectorizer

    texts = values.fillna("").astype(str)
    try:
        return TfidfVectorizer(max_features=MOST_WORDS, min_df=2).fit_transform(texts).toarray()
    except ValueError:  # no word occurs twice
        return np.zeros((len(values), 1))


def one_thread() -> AbstractContextManager[object]:
    """Keep small models to one thread: on a busy machine, threads wait for each other.

    A thousand rows take a second so, and half a minute with two threads on two busy cores.
    """
    from threadpoolctl import threadpool_limits

    return threadpool_limits(limits=1)


def quick_model(features: Features, *, classification: bool, seed: int) -> object:
    """Return an unfitted gradient boosting of small trees that reads the features."""
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    kind = HistGradientBoostingClassifier if classification else HistGradientBoostingRegressor
    return kind(
        max_iter=60,
        max_leaf_nodes=15,
        min_samples_leaf=20,
        categorical_features=features.categorical,
        early_stopping=False,
        random_state=seed,
    )
