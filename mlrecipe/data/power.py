"""How well each column alone predicts the target."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mlrecipe.data.table import Table
from mlrecipe.data.table_schema import TableSchema
from mlrecipe.interfaces import Array

MOST_ROWS = 10_000
"""Rows looked at; the power of a leak shows on far fewer."""

FOLDS = 3
DEPTH = 6


def column_powers(
    table: Table, schema: TableSchema, *, classification: bool
) -> dict[tuple[str, str], float]:
    """Return (column, "the value" or "the presence") -> normalized power in 0 … 1, out of fold.

    Every input column counts, of whatever kind; with several targets, the best predicted one.
    """
    rows = table.sample(MOST_ROWS)
    targets = [_target(rows[name], classification) for name in schema.targets]
    found = {}
    for name in schema.inputs:
        missing = rows[name].isna().to_numpy()
        # No tree reads a picture; that one is missing may still tell.
        picture = schema.columns[name].kind == "image"
        candidates = {} if picture else {"the value": _codes(rows[name])}
        if 0.01 <= missing.mean() <= 0.99:
            candidates["the presence"] = missing.astype(np.float64)
        for what, values in candidates.items():
            powers = [_power(values, target, classification) for target in targets]
            found[name, what] = max(powers)
    return found


def _target(values: pd.Series, classification: bool) -> Array:
    if classification:
        return pd.factorize(values)[0]
    return pd.to_numeric(values).to_numpy(dtype=np.float64)


def _codes(values: pd.Series) -> Array:
    """Return a column as numbers (rows,); missing values are a number of their own."""
    if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
        numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
        finite = numbers[np.isfinite(numbers)]
        below = float(finite.min()) - 1 if len(finite) else 0.0
        return np.nan_to_num(numbers, nan=below, posinf=1e30, neginf=-1e30)
    return pd.factorize(values.astype(str), sort=True)[0].astype(np.float64)


def _power(values: Array, target: Array, classification: bool) -> float:
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import KFold, StratifiedKFold, cross_val_predict
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    x = values[:, None]
    settings = {"max_depth": DEPTH, "min_samples_leaf": 3, "random_state": 0}
    if not classification:
        kfold = KFold(FOLDS, shuffle=True, random_state=0)
        outputs = cross_val_predict(DecisionTreeRegressor(**settings), x, target, cv=kfold)
        variance = float(((target - target.mean()) ** 2).sum())
        return max(0.0, 1 - float(((target - outputs) ** 2).sum()) / variance) if variance else 0.0
    if np.bincount(target).min() < FOLDS:
        return 0.0  # a class too rare to be seen in every fold
    kfold = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    tree = DecisionTreeClassifier(**settings, class_weight="balanced")
    outputs = cross_val_predict(tree, x, target, cv=kfold, method="predict_proba")
    if outputs.shape[1] == 2:
        area = roc_auc_score(target, outputs[:, 1])
    else:
        area = roc_auc_score(target, outputs, multi_class="ovr")
    return max(0.0, 2 * float(area) - 1)
