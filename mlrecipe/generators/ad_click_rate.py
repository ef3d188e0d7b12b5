"""A log of advertisements: how often each was shown on a site, and clicked. Few are."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mlrecipe.generators import Generated
from mlrecipe.interfaces import Array

DAYS = 42
START = pd.Timestamp("2024-03-04")

DEVICES = {"phone": 0.10, "desktop": -0.15, "tablet": 0.0, "television": -0.7}
FORMATS = {"banner": -0.35, "square": 0.0, "video": 0.40, "native": 0.25}
POSITIONS = {"top": 0.30, "side": -0.10, "middle": 0.05, "bottom": -0.45}
"""What each adds to the log odds of a click."""


def generate(rows: int, seed: int, flawed: bool) -> Generated:
    """Return a row for each ad, site, device and hour of a day with ``click_rate``, in 0 … 1.

    The rate is that of the counts: ``clicks`` of so many ``impressions``, which a row is worth.
    Ads belong to campaigns, sites to topics, and an ad is clicked where its topic fits. Both ids
    are many and follow Zipf's law: a few make up most rows, hundreds occur once or twice. When
    flawed, ads wear out from the day they start, and new ones keep coming; otherwise all are there
    from the first day and nobody tires of them.
    """
    draws = np.random.default_rng([seed, 12])
    ads, sites = max(12, rows // 12), max(8, rows // 25)
    campaign = draws.integers(0, max(4, ads // 10), ads)
    ad = _zipf(ads, rows, draws, 0.8)
    site = _zipf(sites, rows, draws, 0.9)
    start = np.floor(np.where(draws.random(ads) < 0.5, 0, draws.uniform(0, DAYS - 4, ads)))
    start = start if flawed else np.zeros(ads)
    day = np.floor(start[ad] + draws.random(rows) * (DAYS - start[ad]))
    choices = {
        "device": draws.choice(list(DEVICES), rows, p=[0.58, 0.27, 0.10, 0.05]),
        "format": draws.choice(list(FORMATS), ads, p=[0.4, 0.25, 0.15, 0.2])[ad],
        "position": draws.choice(list(POSITIONS), rows, p=[0.25, 0.3, 0.3, 0.15]),
    }
    hour = draws.choice(24, rows, p=_hours())
    topics = draws.integers(0, 9, sites), draws.integers(0, 9, campaign.max() + 1)
    fits = topics[0][site] == topics[1][campaign[ad]]
    odds = (
        -3.9
        + draws.normal(0, 0.35, campaign.max() + 1)[campaign[ad]]
        + draws.normal(0, 0.30, ads)[ad]
        + draws.normal(0, 0.40, sites)[site]
        + 0.55 * fits
        + _effects(choices, hour)
        - (0.028 * (day - start[ad]) if flawed else 0)
        + draws.normal(0, 0.22, rows)
    )
    impressions = np.ceil(np.exp(draws.normal(6.2, 0.9, rows)))
    clicks = draws.binomial(impressions.astype(int), 1 / (1 + np.exp(-odds)))
    frame = pd.DataFrame(
        {
            "day": (START + pd.to_timedelta(day, unit="D")).strftime("%Y-%m-%d"),
            "hour": hour,
            "ad": [f"a{number:05d}" for number in draws.permutation(90_000)[:ads][ad]],
            "campaign": [f"k{number:03d}" for number in campaign[ad]],
            "site": [f"s{number:05d}" for number in draws.permutation(90_000)[:sites][site]],
            "topic": [f"t{number}" for number in topics[0][site]],
            **choices,
            "days_online": day - start[ad],
            "site_load_ms": np.exp(draws.normal(6.6, 0.5, rows)).round(),
            "planned_rate": _planned(choices["format"], choices["position"]),
            "impressions": impressions,
            "clicks": clicks,
        }
    )
    frame["site_load_ms"] = frame["site_load_ms"].mask(draws.random(rows) < 0.11)
    frame["topic"] = frame["topic"].mask(draws.random(rows) < 0.08)
    frame["click_rate"] = (clicks / impressions).round(6)
    return Generated(frame)


def _zipf(count: int, rows: int, draws: np.random.Generator, power: float) -> Array:
    """Return numbers below a count (rows,), each as frequent as its rank makes it."""
    weights = np.arange(1, count + 1) ** -power
    return draws.choice(count, rows, p=weights / weights.sum())


def _hours() -> Array:
    """Return how the impressions spread over the hours of a day (24,)."""
    weights = 1.2 + np.sin((np.arange(24) - 9) / 24 * 2 * np.pi)
    return np.asarray(weights / weights.sum())


def _effects(choices: dict[str, Array], hour: Array) -> Array:
    """Return what device, format, position and hour add to the log odds (rows,)."""
    device, form, position = choices["device"], choices["format"], choices["position"]
    total = pd.Series(device).map(DEVICES) + pd.Series(form).map(FORMATS)
    total += pd.Series(position).map(POSITIONS)
    total += 0.5 * ((form == "video") & (device == "phone") & (hour >= 18))
    total -= 0.4 * ((form == "native") & (device == "desktop"))
    total += 0.15 * np.sin((hour - 14) / 24 * 2 * np.pi)
    return total.to_numpy()


def _planned(form: Array, position: Array) -> Array:
    """Return what the planners' table says: right about format and place, a little too hopeful."""
    odds = -3.6 + 0.8 * pd.Series(form).map(FORMATS) + 0.8 * pd.Series(position).map(POSITIONS)
    return (1 / (1 + np.exp(-odds))).round(4).to_numpy()
