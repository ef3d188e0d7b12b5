"""Pairs of columns that say where on Earth a row is from: the one rule that finds them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

NAMES = {
    "latitude": re.compile(r"(^|[^a-z])(lat|latitude)([^a-z]|$)"),
    "longitude": re.compile(r"(^|[^a-z])(lon|lng|long|longitude)([^a-z]|$)"),
}
LIMITS = {"latitude": 90.0, "longitude": 180.0}


def pairs_by_name(names: Iterable[str]) -> list[tuple[str, str]]:
    """Return (latitude, longitude) of columns whose names differ in these words alone.

    ``lat`` and ``lon``, ``start_latitude`` and ``start_longitude``.
    """
    known = list(names)
    stems = {part: _stems(known, part) for part in NAMES}
    return [
        (latitude, stems["longitude"][stem])
        for stem, latitude in stems["latitude"].items()
        if stem in stems["longitude"]
    ]


def are_places(latitudes: pd.Series, longitudes: pd.Series) -> bool:
    """Return whether numbers lie within ±90 and ±180 degrees, and name at least three places."""
    import pandas as pd

    frame = pd.DataFrame({"lat": latitudes, "lon": longitudes}).dropna()
    within = (frame["lat"].abs() <= 90).all() and (frame["lon"].abs() <= 180).all()
    return bool(within and len(frame.head(10_000).drop_duplicates()) >= 3)


def reason_for(latitude: str, longitude: str) -> str:
    """Return why two columns are taken for a place."""
    return (
        f"{latitude} and {longitude} are named like latitude and longitude, and their "
        "values lie within ±90 and ±180 degrees"
    )


def _stems(names: Iterable[str], part: str) -> dict[str, str]:
    """Return what is left of a column's name without the word for its part -> the column."""
    found: dict[str, str] = {}
    for name in names:
        words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
        if NAMES[part].search(words):
            stem = NAMES[part].sub("_", words).strip("_ ")
            found.setdefault(re.sub(r"[^a-z0-9]+", "_", stem), name)
    return found
