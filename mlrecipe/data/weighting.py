"""How many cases of the population each row stands for."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mlrecipe.interfaces import Array
from mlrecipe.problem import Problem


def row_weights(frame: pd.DataFrame, problem: Problem) -> Array:
    """Return float32 weights (rows,) with mean 1: those of ``problem.weight``, or all alike."""
    if problem.weight is None:
        return np.ones(len(frame), dtype=np.float32)
    weights = frame[problem.weight].to_numpy(dtype=np.float64)
    return (weights / weights.mean()).astype(np.float32)
