"""Made data with the structure of real projects, and the flaws that these are known for."""

from __future__ import annotations

import importlib
from dataclasses import dataclass

import pandas as pd

from mlrecipe.errors import MlrecipeError, nearest

NAMES = ("cancer_leak", "election_poll", "face_trust", "food_photos")
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
    made: Generated = importlib.import_module(f"{__name__}.{name}").generate(rows, seed, flawed)
    return made
