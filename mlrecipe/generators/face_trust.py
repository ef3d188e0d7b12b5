"""Ratings of how trustworthy faces look: what they record is the raters, not the faces."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mlrecipe.generators import Generated

PREJUDICE = 1.6
"""By how much, in standard deviations of a rating, the raters mark one group down."""


def generate(rows: int, seed: int, flawed: bool) -> Generated:
    """Return measurements of faces with ``rated`` (trustworthy or not).

    Ratings follow the smile, the eyes and the light of the photograph, which is all that raters
    can go by. When flawed, the raters also mark down one of two groups, about 30 % of the people.
    """
    draws = np.random.default_rng([seed, 3])
    other = draws.random(rows) < 0.3
    smile = draws.beta(2.0, 2.5, rows).round(3)
    # Measurements differ a little between groups, so that leaving the group out does not help.
    eyes = draws.normal(0.46 + 0.02 * other, 0.03, rows).round(4)
    jaw = draws.normal(1.31 - 0.09 * other, 0.08, rows).round(4)
    brow = draws.normal(0.19, 0.04, rows).round(4)
    light = np.clip(draws.normal(0.62 - 0.05 * other, 0.12, rows), 0, 1).round(3)
    impression = (
        2.2 * (smile - 0.44) / 0.21 * 0.5
        + 0.5 * (eyes - 0.466) / 0.03 * 0.5
        - 0.5 * (brow - 0.19) / 0.04
        + 0.3 * (light - 0.6) / 0.12
        + draws.normal(0, 0.8, rows)
    )
    impression -= PREJUDICE * other * flawed
    frame = pd.DataFrame(
        {
            "smile": smile,
            "eye_distance": eyes,
            "jaw_ratio": jaw,
            "brow_height": brow,
            "light": light,
            "age_group": draws.choice(["18-34", "35-54", "55+"], rows, p=[0.4, 0.38, 0.22]),
            "group": np.where(other, "minority", "majority"),
            "rated": np.where(impression > 0, "trustworthy", "not trustworthy"),
        }
    )
    return Generated(frame)
