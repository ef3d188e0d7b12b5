"""Patients of a small study: few rows, many measurements, of which hardly any tells anything."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mlrecipe.generators import Generated

INPUTS = 60
TELLING = 4


def generate(rows: int, seed: int, flawed: bool) -> Generated:
    """Return patients with ``responds`` (yes or no, about even) and 60 measurements.

    Four of them tell a little; the others are noise, half of it shared. There is no flaw in the
    rows: the flaw is what is done with them, so that ``flawed`` changes nothing.
    """
    draws = np.random.default_rng([seed, 13])
    shared = draws.normal(size=(rows, 6))
    mixed = shared @ draws.normal(size=(6, INPUTS)) / np.sqrt(6)
    values = 0.7 * mixed + 0.7 * draws.normal(size=(rows, INPUTS))
    odds = values[:, :TELLING] @ np.array([0.6, -0.5, 0.4, 0.4])
    responds = draws.random(rows) < 1 / (1 + np.exp(-odds))
    frame = pd.DataFrame(values.round(3), columns=[f"marker_{n + 1}" for n in range(INPUTS)])
    frame["responds"] = np.where(responds, "yes", "no")
    return Generated(frame)
