"""Made data with the structure of real projects, and the flaws that these are known for."""

from __future__ import annotations

import functools
import importlib
from dataclasses import dataclass

import pandas as pd

from mlrecipe.errors import MlrecipeError, nearest

CAUTIONARY = (
    "cancer_leak",
    "election_poll",
    "face_trust",
    "food_photos",
    "stock_prices",
    "tuned_to_death",
)
"""Those whose flaw a run has to find."""

PROJECTS = (
    "ad_click_rate",
    "archaeology",
    "card_fraud",
    "chat_spam",
    "cookie_inspection",
    "house_prices",
    "movie_reviews",
    "music_recommendation",
    "photo_search",
)
"""Those of ordinary projects; their flaw is what makes the real ones hard."""

NAMES = CAUTIONARY + PROJECTS
"""Modules of this package, each with ``generate(rows, seed, flawed)``."""


@dataclass(frozen=True)
class Generated:
    """What a generator made.

    Attributes:
        frame: the rows to learn from.
        production: rows as production sees them, without a target; None where it makes none.
    """

    frame: pd.DataFrame
    production: pd.DataFrame | None = None


def generate(name: str, rows: int, seed: int, *, flawed: bool) -> Generated:
    """Return made data: the same arguments give the same rows.

    Raises:
        MlrecipeError: for a name that no generator has.
    """
    if name not in NAMES:
        raise MlrecipeError(
            f"there is no generator {name!r}",
            where="source.dataset",
            expected=f"one of {', '.join(NAMES)}",
            fix=f"source.dataset={nearest(name, NAMES) or NAMES[0]}",
        )
    made = _made(name, rows, seed, flawed)
    production = None if made.production is None else made.production.copy()
    return Generated(made.frame.copy(), production)


@functools.lru_cache(maxsize=2)
def _made(name: str, rows: int, seed: int, flawed: bool) -> Generated:
    """Return what a generator made, once: the source is asked for its rows and its sample apart."""
    made: Generated = importlib.import_module(f"{__name__}.{name}").generate(rows, seed, flawed)
    return made
