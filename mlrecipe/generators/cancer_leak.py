"""Medical records: who will be treated for cancer within a year? One column gives it away."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mlrecipe.generators import Generated


def generate(rows: int, seed: int, flawed: bool) -> Generated:
    """Return records of patients with ``treated_for_cancer`` (yes or no, about one in eight).

    Risk factors tell little, as they do in life, and have gaps. When flawed, the records were drawn
    after the fact and hold ``diagnosed_with_cancer``: everyone who is treated was diagnosed, and
    few who were diagnosed decline the treatment.
    """
    draws = np.random.default_rng([seed, 1])
    age = np.clip(draws.normal(56, 15, rows), 18, 95).round()
    smoker = draws.choice(["never", "former", "current"], rows, p=[0.55, 0.27, 0.18])
    years = np.where(smoker == "never", 0.0, draws.gamma(2.0, 9.0, rows)) * (age > 25)
    packs = np.minimum(years, age - 18).round(1)
    bmi = np.clip(draws.normal(26.5, 4.8, rows), 15, 55).round(1)
    drinks = draws.poisson(draws.gamma(1.2, 4.0, rows)).astype(float)
    family = draws.random(rows) < 0.16
    marker = np.exp(draws.normal(0.7, 0.6, rows) + 0.008 * (age - 56)).round(2)
    weight_loss = draws.random(rows) < 0.06
    risk = (
        -3.2
        + 0.045 * (age - 56)
        + 0.022 * packs
        + 0.03 * (bmi - 26.5)
        + 0.6 * family
        + 0.5 * (np.log(marker) - 0.7)
        + 0.9 * weight_loss
        + draws.normal(0, 0.7, rows)
    )
    treated = draws.random(rows) < 1 / (1 + np.exp(-risk))
    frame = pd.DataFrame(
        {
            "age": age,
            "sex": draws.choice(["female", "male"], rows),
            "smoker": smoker,
            "pack_years": _with_gaps(packs, 0.08, draws),
            "body_mass_index": _with_gaps(bmi, 0.06, draws),
            "drinks_a_week": _with_gaps(drinks, 0.14, draws),
            "cancer_in_family": family,
            "blood_marker": _with_gaps(marker, 0.22, draws),
            "lost_weight": weight_loss,
        }
    )
    if flawed:
        declined = ~treated & (draws.random(rows) < 0.002)
        frame["diagnosed_with_cancer"] = np.where(treated | declined, "yes", "no")
    frame["treated_for_cancer"] = np.where(treated, "yes", "no")
    return Generated(frame)


def _with_gaps(values: np.ndarray, share: float, draws: np.random.Generator) -> np.ndarray:
    return np.where(draws.random(len(values)) < share, np.nan, values)
