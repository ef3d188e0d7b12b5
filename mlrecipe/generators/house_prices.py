"""Sales of houses around a town: few rows, gaps, features on very different scales, places."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mlrecipe.generators import Generated
from mlrecipe.interfaces import Array

TOWN = (47.05, 8.31)
"""Latitude and longitude of the centre."""

SCHOOL_HILL = (47.075, 8.345)
"""Where people who can afford it live: a peak of prices that no straight line follows."""

HEATING = {"heat pump": 0.06, "district": 0.03, "gas": 0.0, "oil": -0.04, "electric": -0.07}
CONDITION = {"needs work": -0.16, "fair": -0.05, "good": 0.0, "renovated": 0.11}
"""What each adds to the logarithm of the price."""

GAPS = {"crime_rate": 0.14, "lot_area": 0.09, "built": 0.05, "heating": 0.07, "noise_db": 0.18}
"""Share of the entries that are missing, where the data is flawed."""


def generate(rows: int, seed: int, flawed: bool) -> Generated:
    """Return sales with ``price`` in thousands.

    Area acts by factors, the place by distance from the centre and from a hill, age along a curve:
    old houses with character cost more again. About one house in 25 is a twin of another: its
    neighbour in the same row, sold for nearly the same. When flawed, five columns have gaps, and
    the crime rate is missing most often where it is high: there nobody likes to publish it.
    """
    draws = np.random.default_rng([seed, 11])
    place = _places(rows, draws)
    centre, hill = _distance(place, TOWN), _distance(place, SCHOOL_HILL)
    area = np.exp(draws.normal(4.85, 0.32, rows)).round()
    lot = (area * np.exp(draws.normal(1.1, 0.5, rows)) * (0.7 + 0.12 * centre)).round()
    built = np.clip(2023 - draws.gamma(2.0, 22.0, rows), 1780, 2023).round()
    crime = np.exp(draws.normal(1.2, 0.7, rows) - 0.25 * centre)
    noise = np.clip(62 - 2.2 * centre + draws.normal(0, 5, rows), 35, 80)
    frame = pd.DataFrame(
        {
            "living_area": area,
            "lot_area": lot,
            "rooms": np.clip((area / 27 + draws.normal(0, 0.7, rows)).round(), 2, 12),
            "built": built,
            "crime_rate": crime.round(2),
            "noise_db": noise.round(1),
            "tax_rate": (0.0105 + 0.0004 * draws.integers(0, 12, rows)).round(4),
            "condition": draws.choice(list(CONDITION), rows, p=[0.12, 0.25, 0.43, 0.2]),
            "heating": draws.choice(list(HEATING), rows, p=[0.24, 0.16, 0.34, 0.18, 0.08]),
            "lake_view": draws.random(rows) < np.clip(0.3 - 0.04 * centre, 0.02, 0.3),
            "latitude": place[:, 0].round(5),
            "longitude": place[:, 1].round(5),
        }
    )
    frame["price"] = (np.exp(_log_price(frame, centre, hill, draws))).round(1)
    frame = _with_twins(frame, draws)
    return Generated(_with_gaps(frame, draws) if flawed else frame)


def _places(rows: int, draws: np.random.Generator) -> Array:
    """Return latitudes and longitudes (rows, 2): dense in the middle, thin outside."""
    angle, away = draws.uniform(0, 2 * np.pi, rows), draws.gamma(2.0, 0.022, rows)
    north, east = away * np.sin(angle), 1.45 * away * np.cos(angle)
    return np.column_stack([TOWN[0] + north, TOWN[1] + east])


def _distance(place: Array, centre: tuple[float, float]) -> Array:
    """Return kilometres from a centre (rows,)."""
    return 111.0 * np.hypot(place[:, 0] - centre[0], 0.68 * (place[:, 1] - centre[1]))


def _log_price(
    frame: pd.DataFrame, centre: Array, hill: Array, draws: np.random.Generator
) -> Array:
    age = 2023 - frame["built"].to_numpy()
    return np.asarray(
        6.35
        + 0.72 * (np.log(frame["living_area"]) - 4.85)
        + 0.11 * (np.log(frame["lot_area"]) - 6.0)
        - 0.16 * np.log1p(centre)
        + 0.55 * np.exp(-((hill / 1.8) ** 2))
        - 0.0058 * np.minimum(age, 60)
        + 0.0060 * np.maximum(age - 70, 0)
        - 0.016 * frame["crime_rate"]
        - 0.0035 * (frame["noise_db"] - 55)
        - 14.0 * (frame["tax_rate"] - 0.0127)
        + frame["condition"].map(CONDITION)
        + frame["heating"].map(HEATING)
        + frame["lake_view"] * (0.06 + 0.12 * (frame["living_area"] > 140))
        + draws.normal(0, 0.09, len(frame))
        + draws.normal(0, 0.35, len(frame)) * (draws.random(len(frame)) < 0.03)
    )


def _with_twins(frame: pd.DataFrame, draws: np.random.Generator) -> pd.DataFrame:
    """Make some houses the neighbours of others: alike in all, but a little in place and price."""
    twins = np.flatnonzero(draws.random(len(frame)) < 0.04)
    others = draws.integers(0, len(frame), len(twins))
    frame.iloc[twins] = frame.iloc[others].to_numpy()
    frame = frame.infer_objects()
    frame.loc[twins, "longitude"] = (frame.loc[twins, "longitude"] + 0.00012).round(5)
    factor = np.exp(draws.normal(0, 0.02, len(twins)))
    frame.loc[twins, "price"] = (frame.loc[twins, "price"] * factor).round(1)
    return frame


def _with_gaps(frame: pd.DataFrame, draws: np.random.Generator) -> pd.DataFrame:
    for column, share in GAPS.items():
        chance = np.full(len(frame), share)
        if column == "crime_rate":
            chance *= np.where(frame[column] > frame[column].median(), 1.6, 0.4)
        frame[column] = frame[column].mask(draws.random(len(frame)) < chance)
    return frame
