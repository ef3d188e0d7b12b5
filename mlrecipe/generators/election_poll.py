"""A poll by telephone in 1948: those who have one are richer and more conservative."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mlrecipe.generators import Generated

INCOME = {"low": 0.42, "middle": 0.40, "high": 0.18}
PLACE = {"city": 0.44, "town": 0.30, "farm": 0.26}
"""Shares of all voters, as a census would count them; the recipe declares the same."""

PHONE = {"low": 0.18, "middle": 0.55, "high": 0.92}
PHONE_BY_PLACE = {"city": 1.0, "town": 0.85, "farm": 0.6}
"""Probability of a telephone, and what the place makes of it."""

DEWEY = {"low": 0.31, "middle": 0.50, "high": 0.70}
DEWEY_BY_PLACE = {"city": -0.03, "town": 0.05, "farm": 0.0}
"""Probability of a vote for Dewey by income, and what the place adds: 0.457 of all voters."""


def generate(rows: int, seed: int, flawed: bool) -> Generated:
    """Return answers of voters with ``vote`` (Dewey or Truman).

    When flawed, only voters with a telephone are asked; otherwise any voter, at random.
    """
    draws = np.random.default_rng([seed, 2])
    count = rows * 8 if flawed else rows
    income = draws.choice(list(INCOME), count, p=list(INCOME.values()))
    place = draws.choice(list(PLACE), count, p=list(PLACE.values()))
    age = np.clip(draws.gamma(6.0, 7.5, count) + 10, 21, 92).round()
    if flawed:
        phone = _of(PHONE, income) * _of(PHONE_BY_PLACE, place)
        asked = np.flatnonzero(draws.random(count) < phone)[:rows]
        income, place, age = income[asked], place[asked], age[asked]
    dewey = _of(DEWEY, income) + _of(DEWEY_BY_PLACE, place) + 0.001 * (age - 50)
    vote = np.where(draws.random(len(income)) < dewey, "Dewey", "Truman")
    voter = [f"v{number:06d}" for number in draws.permutation(len(income))]
    frame = pd.DataFrame({"voter": voter, "income": income, "place": place, "age": age})
    frame["vote"] = vote
    return Generated(frame)


def true_share() -> float:
    """Return the share of all voters who vote for Dewey, by the tables above."""
    by_income = sum(INCOME[v] * DEWEY[v] for v in INCOME)
    return by_income + sum(PLACE[v] * DEWEY_BY_PLACE[v] for v in PLACE)


def _of(table: dict[str, float], values: np.ndarray) -> np.ndarray:
    return np.array([table[v] for v in values])
