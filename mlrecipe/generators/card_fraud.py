"""Card payments, about one in sixty of them fraud; what thieves do changes from week to week."""

from __future__ import annotations

from collections import defaultdict, deque

import numpy as np
import pandas as pd

from mlrecipe.generators import Generated
from mlrecipe.interfaces import Array

DAYS, PAST = 120, 60
"""Days that are made, and how many of them only give the later ones a past."""

START = pd.Timestamp("2024-01-01")
MONTH = 30.0
FRAUD = 0.017
"""Share of the payments that are fraud."""

CATEGORIES = ("groceries", "fuel", "restaurant", "clothes", "travel", "digital", "electronics")
USUAL = (0.34, 0.12, 0.19, 0.12, 0.05, 0.12, 0.06)
"""What honest customers pay for, by shares."""

TACTICS = {
    # share at first, share at last, log of the amount, its spread, abroad, new device, repeats
    "goods": (0.62, 0.03, 6.0, 0.6, 0.75, 0.85, 0.4),
    "cash": (0.32, 0.03, 5.7, 0.3, 0.85, 0.0, 0.3),
    "testing": (0.03, 0.56, 2.6, 0.9, 0.04, 0.55, 3.0),
    "blending": (0.03, 0.38, 4.2, 0.6, 0.04, 0.50, 0.8),
}
"""How stolen cards are used. `testing` tries small amounts, one after the other; `blending` does
as the owner would."""

Payment = tuple[float, int, float, str, str, str, str | None, bool]
"""Day, card, amount, category, channel, country, device, fraud."""


def generate(rows: int, seed: int, flawed: bool) -> Generated:
    """Return payments in order of time with ``outcome`` (fraud or valid).

    Columns that count (``payments_last_hour``, ``amount_to_usual``, what is new within 30 days)
    look at earlier payments of the card alone. Honest customers travel, shop in bursts, buy dear
    things and new telephones; one fraud in 30 is never reported. When flawed, the thieves change
    their tactics as the months go by; otherwise they keep to one mixture.
    """
    draws = np.random.default_rng([seed, 10])
    made = int(rows * DAYS / (DAYS - PAST) * 1.02) + 20
    payments = [*_honest(made, draws), *_stolen(made, draws, flawed)]
    payments.sort(key=lambda payment: payment[0])
    frame = _with_past(payments).tail(rows).reset_index(drop=True)
    return Generated(_with_gaps(frame, draws))


def _honest(count: int, draws: np.random.Generator) -> list[Payment]:
    cards = _cards(count)
    usual = draws.normal(3.3, 0.5, cards)
    often = draws.gamma(1.5, 1.0, cards)
    trips = np.where(draws.random(cards) < 0.15, draws.uniform(0, DAYS, cards), np.inf)
    phones = np.where(draws.random(cards) < 0.25, draws.uniform(0, DAYS, cards), np.inf)
    chosen = draws.choice(cards, count, p=often / often.sum())
    # A payment in twelve follows another of the same card within the hour: shopping in a row.
    day = np.floor(draws.uniform(0, DAYS, count)) + draws.beta(4, 3, count)
    row = draws.random(count) < 0.08
    row[0] = False
    found: list[Payment] = []
    for i in range(count):
        if row[i]:
            when, card = found[-1][0] + draws.exponential(0.015), found[-1][1]
        else:
            when, card = float(day[i]), int(chosen[i])
        category = str(draws.choice(CATEGORIES, p=USUAL))
        online = draws.random() < (0.95 if category == "digital" else 0.22)
        away = trips[card] <= when < trips[card] + 8
        dear = draws.random() < (0.25 if category in ("electronics", "travel") else 0.02)
        log = usual[card] + draws.normal(0, 0.7) + 2.2 * dear + 0.5 * away
        changed = phones[card] <= when < phones[card] + 3 or draws.random() < 0.02
        channel = "online" if online else str(draws.choice(["chip", "contactless"]))
        channel = "cash" if not online and draws.random() < 0.06 else channel
        abroad = away or (online and draws.random() < 0.09)
        device = ("new" if changed else "known") if online else None
        amount = float(np.round(np.exp(log), 2))
        amount = float(max(20, np.round(amount / 20) * 20)) if channel == "cash" else amount
        found.append(
            (when, card, amount, category, channel, _country(abroad, draws), device, False)
        )
    return found


def _stolen(count: int, draws: np.random.Generator, flawed: bool) -> list[Payment]:
    """Return the payments of thieves: some within hours, with a card that is then blocked."""
    found: list[Payment] = []
    while len(found) < count * FRAUD:
        moment, card = float(draws.uniform(0, DAYS)), int(draws.integers(_cards(count)))
        shares = [_share(start, end, moment, flawed) for start, end, *_ in TACTICS.values()]
        tactic = str(draws.choice(list(TACTICS), p=np.array(shares) / sum(shares)))
        for _ in range(1 + draws.poisson(TACTICS[tactic][-1])):
            found.append(_of_tactic(tactic, moment, card, draws))
            moment += draws.exponential(0.02 if tactic == "testing" else 0.12)
    return found


def _share(start: float, end: float, moment: float, flawed: bool) -> float:
    """Return how often a tactic is used on a day; tactics turn over in the middle of the time."""
    if not flawed:
        return (start + end) / 2
    turned = 1 / (1 + np.exp(-(moment - (DAYS + PAST) / 2) / 9))
    return float(start + (end - start) * turned)


def _of_tactic(tactic: str, moment: float, card: int, draws: np.random.Generator) -> Payment:
    _, _, log, spread, abroad, new, _ = TACTICS[tactic]
    amount = float(np.exp(draws.normal(log, spread)))
    category = {"goods": "electronics", "testing": "digital"}.get(tactic)
    if category is None or draws.random() < 0.25:
        category = str(draws.choice(CATEGORIES, p=USUAL))
    if tactic == "cash":
        amount = float(np.clip(np.round(amount / 50) * 50, 50, 1000))
    channel = "cash" if tactic == "cash" else "online" if draws.random() < 0.85 else "contactless"
    device = ("new" if draws.random() < new else "known") if channel == "online" else None
    country = _country(bool(draws.random() < abroad), draws)
    reported = bool(draws.random() > 1 / 30)
    return moment, card, float(np.round(amount, 2)), category, channel, country, device, reported


def _country(abroad: bool, draws: np.random.Generator) -> str:
    return str(draws.choice(["DE", "FR", "IT", "GB", "US", "TR", "NG"])) if abroad else "CH"


def _cards(count: int) -> int:
    return max(10, count // 12)


def _with_past(payments: list[Payment]) -> pd.DataFrame:
    """Return the payments with what each card did before: a row never sees itself, or later."""
    recent: dict[int, deque[tuple[float, float]]] = defaultdict(deque)
    sums: dict[int, list[float]] = defaultdict(lambda: [0.0, 0.0])
    seen: dict[int, dict[str, float]] = defaultdict(dict)
    rows = []
    for day, card, amount, category, channel, country, device, fraud in payments:
        last = recent[card]
        before = last[-1][0] if last else None
        while last and last[0][0] < day - 1:
            last.popleft()
        count, total = sums[card]
        rows.append(
            {
                "time": (START + pd.Timedelta(days=day)).round("s"),
                "card": f"c{card:05d}",
                "amount": amount,
                "category": category,
                "channel": channel,
                "country": country,
                "device": device,
                "hour": round(day % 1 * 24, 2),
                "payments_last_hour": sum(moment >= day - 1 / 24 for moment, _ in last),
                "payments_last_day": len(last),
                "spent_last_day": round(sum(spent for _, spent in last), 2),
                "amount_to_usual": round(amount / (total / count), 3) if count >= 1 else None,
                "hours_since_last": None if before is None else round((day - before) * 24, 3),
                "new_category": day - seen[card].get(category, -MONTH) >= MONTH,
                "new_country": day - seen[card].get(country, -MONTH) >= MONTH,
                "outcome": "fraud" if fraud else "valid",
            }
        )
        last.append((day, amount))
        sums[card] = [count + 1, total + amount]
        seen[card] |= {category: day, country: day}
    return pd.DataFrame(rows)


def _with_gaps(frame: pd.DataFrame, draws: np.random.Generator) -> pd.DataFrame:
    """Leave out the device of some payments, and the age of the shop wherever nobody knows it."""
    online = (frame["channel"] == "online").to_numpy()
    frame["device"] = frame["device"].mask(draws.random(len(frame)) < 0.06)
    # Thieves try cards out where nobody checks them: at young shops that sell nothing to touch.
    young = (frame["outcome"] == "fraud") & (frame["category"] == "digital")
    years = draws.gamma(2.0, np.where(young, 1.8, 4.0)).round(1)
    hidden: Array = draws.random(len(frame)) < np.where(online, 0.15, 0.05)
    frame.insert(7, "shop_years", np.where(hidden, np.nan, years))
    return frame
