"""Rows as numbers for quick looks; models of the recipe have their preparation instead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from mlrecipe.data.table_schema import TableSchema
from mlrecipe.exploration.association import codes_of
from mlrecipe.interfaces import Array

MOST_TOKENS = 3000
FLOOR = 1e-3


def standard_numbers(rows: pd.DataFrame, names: Sequence[str]) -> Array:
    """Return float64 (rows, columns) with mean 0 and deviation 1; gaps and infinities are 0."""
    if not names:
        return np.zeros((len(rows), 0))
    raw = _finite(rows, names)
    with np.errstate(invalid="ignore", divide="ignore"):
        known = ~np.isnan(raw)
        counts = np.maximum(known.sum(axis=0), 1)
        mean = np.nansum(raw, axis=0) / counts
        deviation = np.sqrt(np.nansum((raw - mean) ** 2, axis=0) / counts)
        scaled = (raw - mean) / np.where(deviation > 0, deviation, 1)
    return np.nan_to_num(scaled)


def normal_scores(rows: pd.DataFrame, names: Sequence[str]) -> Array:
    """Return float64 (rows, columns): each value's rank as a normal quantile (Blom, 1958).

    However skewed a column is, its scores are not; gaps and infinities get their rank, or 0.
    """
    from scipy.stats import norm

    ranks = rows[list(names)].rank().to_numpy(dtype=np.float64)
    return np.nan_to_num(norm.ppf((ranks - 0.375) / (len(rows) + 0.25)))


def odd_combinations(rows: pd.DataFrame, names: Sequence[str]) -> Array:
    """Return each row's Mahalanobis distance in normal scores over the median one (rows,).

    Directions in which the scores hardly vary count as if their variance were ``FLOOR``: a
    difference between two columns of nearly the same content is rounding.
    """
    scores = normal_scores(rows, names)
    scores = scores - scores.mean(axis=0)
    variances, directions = np.linalg.eigh(np.cov(scores, rowvar=False))
    along = (scores @ directions) ** 2 / np.maximum(variances, FLOOR)
    distances = np.sqrt(along.sum(axis=1))
    return distances / max(float(np.median(distances)), 1e-9)


def _finite(rows: pd.DataFrame, names: Sequence[str]) -> Array:
    """Return float64 (rows, columns); what is no finite number is NaN."""
    columns = [rows[name].to_numpy(dtype=np.float64, na_value=np.nan) for name in names]
    raw = np.column_stack(columns) if columns else np.zeros((len(rows), 0))
    return np.where(np.isfinite(raw), raw, np.nan)


def wide_features(rows: pd.DataFrame, schema: TableSchema) -> Any:
    """Return a sparse matrix (rows, features) for a linear model of every kind of input."""
    from scipy.sparse import csr_matrix, hstack

    numeric, others, texts = _by_kind(schema)
    blocks: list[Any] = [csr_matrix(standard_numbers(rows, numeric))]
    for name in others:
        codes = codes_of(rows[name]) + 1
        blocks.append(csr_matrix(np.eye(int(codes.max()) + 1)[codes]))
    blocks += [_tfidf(rows[name]) for name in texts]
    return hstack([block for block in blocks if block is not None]).tocsr()


def narrow_features(rows: pd.DataFrame, schema: TableSchema) -> Array:
    """Return float64 (rows, columns) for trees: a category is the number of its rank."""
    numeric, others, _ = _by_kind(schema)
    codes = [codes_of(rows[name]).astype(np.float64)[:, None] for name in others]
    return np.concatenate([standard_numbers(rows, numeric), *codes], axis=1)


def _by_kind(schema: TableSchema) -> tuple[list[str], list[str], list[str]]:
    kinds = {name: schema.columns[name].kind for name in schema.inputs}
    numeric = [name for name, kind in kinds.items() if kind in ("numeric", "boolean", "location")]
    others = [name for name, kind in kinds.items() if kind == "categorical"]
    return numeric, others, [name for name, kind in kinds.items() if kind == "text"]


def _tfidf(values: pd.Series) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer

    texts = values.fillna("").astype(str)
    try:
        return TfidfVectorizer(max_features=MOST_TOKENS, sublinear_tf=True).fit_transform(texts)
    except ValueError:  # no words at all
        return None
