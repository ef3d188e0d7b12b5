"""Cells that hold lists, such that they can be counted and compared."""

from __future__ import annotations

import numpy as np
import pandas as pd


def hashable(values: pd.Series) -> pd.Series:
    """Return the values with lists, arrays and dictionaries as their whole text."""
    kinds = (list, tuple, dict, set, np.ndarray)
    if values.dtype != object or not values.map(lambda v: isinstance(v, kinds)).any():
        return values
    return values.map(
        lambda v: str(v.tolist() if isinstance(v, np.ndarray) else v), na_action="ignore"
    )
