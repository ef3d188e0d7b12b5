"""Days of a stock: will its price rise tomorrow? Its own history does not tell."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mlrecipe.generators import Generated
from mlrecipe.interfaces import Array

MOMENTUM = 0.16
"""What a return carries on to the next day when the history tells something after all."""

WARM_UP = 40
"""Days before the first row, for means over the past."""


def generate(rows: int, seed: int, flawed: bool) -> Generated:
    """Return trading days in order with ``rises`` (yes or no): the close of the next day is higher.

    Returns have what real ones have (Cont, 2001): heavy tails and volatility that clusters (GARCH,
    Bollerslev, 1986), volume that follows it, a slow drift upwards, and no memory of direction.
    Inputs tell of the past alone. When not flawed, a sixth of a day's return carries on: a weak
    signal, and a real one.
    """
    draws = np.random.default_rng([seed, 12])
    returns, volatility = _returns(rows + WARM_UP + 1, 0.0 if flawed else MOMENTUM, draws)
    series = pd.Series(returns)
    volume = np.exp(
        14 + 18 * volatility + 8 * np.abs(returns) + draws.normal(0, 0.25, len(returns))
    )
    traded = pd.Series(volume)
    days = pd.bdate_range("1996-01-02", periods=len(returns))
    frame = pd.DataFrame(
        {
            "date": days.strftime("%Y-%m-%d"),
            **{f"return_{lag + 1}": series.shift(lag).round(5) for lag in range(5)},
            "mean_return_20": series.rolling(20).mean().round(5),
            "volatility_20": series.rolling(20).std().round(5),
            "volume_against_20_days": (traded / traded.rolling(20).mean()).round(3),
            "weekday": days.day_name(),
            "rises": np.where(series.shift(-1) > 0, "yes", "no"),
        }
    )
    return Generated(frame.iloc[WARM_UP:-1].reset_index(drop=True))


def _returns(days: int, momentum: float, draws: np.random.Generator) -> tuple[Array, Array]:
    """Return daily returns and their volatility (days,): GARCH(1, 1) with Student's t of 5."""
    shocks = draws.standard_t(5, days) / np.sqrt(5 / 3)
    returns, volatility = np.zeros(days), np.full(days, 0.012)
    variance = volatility[0] ** 2
    for day in range(1, days):
        surprise = returns[day - 1] - 0.0003
        variance = 2.9e-6 + 0.09 * surprise**2 + 0.89 * variance
        volatility[day] = np.sqrt(variance)
        carried = momentum * surprise
        returns[day] = 0.0003 + carried + volatility[day] * shocks[day]
    return returns, volatility
