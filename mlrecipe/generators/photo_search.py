"""Photos of a sharing app's users, with the tags that people gave them: some forgot a few."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mlrecipe.generators import Generated
from mlrecipe.generators.photo_search_scenes import PLACES, SIDE, THINGS, lamps, sky
from mlrecipe.interfaces import Array

MISSED, WRONG, UNTAGGED = 0.08, 0.004, 0.03
"""Share of the tags there that nobody gave, of those not there that somebody did, and of the photos
that nobody looked at."""

OWN = tuple(f"{what} {year}" for what in ("holiday", "birthday") for year in range(2012, 2024))
"""Words of users' own, which no other photo but a few carry."""

SHOTS, BURST = (3, 9), 0.35
"""Scenes of an album, and the chance that a further photo of the same scene follows each photo."""


@dataclass(frozen=True)
class Event:
    """What an album is about.

    Attributes:
        share: how many of the albums are.
        ground: what the photos stand on; see `GROUNDS`.
        likely: thing -> chance that it is in a photo.
        night, sunset: chances of the light.
    """

    share: float
    ground: str
    likely: dict[str, float]
    night: float = 0.05
    sunset: float = 0.05


EVENTS = (
    Event(0.17, "beach", {"person": 0.45, "boat": 0.22, "dog": 0.10, "umbrella": 0.13}, 0.02, 0.25),
    Event(0.14, "mountain", {"snow": 0.35, "person": 0.35, "dog": 0.12}, 0.01, 0.12),
    Event(0.17, "city", {"car": 0.55, "person": 0.45, "bicycle": 0.12}, 0.35, 0.08),
    Event(
        0.12,
        "park",
        {"dog": 0.40, "person": 0.45, "flower": 0.45, "bicycle": 0.2, "balloon": 0.1},
        0.01,
        0.1,
    ),
    Event(0.21, "indoors", {"person": 0.60, "food": 0.35, "cat": 0.20, "flower": 0.08}, 0.2, 0.0),
    Event(0.12, "table", {"food": 0.95, "flower": 0.10}, 0.0, 0.0),
    Event(0.07, "paper", {"document": 1.0}, 0.0, 0.0),
)

GROUNDS = {
    "beach": ("beach", "sea", "sky"),
    "mountain": ("mountain", "sky"),
    "city": ("city", "sky"),
    "park": ("sky",),
}
"""Ground -> tags of what is always in its photos."""


TAGS = (
    *sorted({"beach", "sea", "sky", "mountain", "city", "snow", "document", "night", "sunset"}),
    *THINGS,
)
"""What a photo may be tagged with; users have a few more words of their own."""


def generate(rows: int, seed: int, flawed: bool) -> Generated:
    """Return photos with their ``tags``.

    Columns: ``photo_id``; ``album``, ``user`` and ``taken`` (time of the photo); ``image``, JPEG
    bytes of 48 by 48 pixels; ``tags``, parted by ``|``, missing for photos that nobody looked at.
    An album is about one event, its photos come in bursts of near copies; users have cameras of
    different quality, and cameras got better with the years. When flawed, the photos are in no
    albums that are known: ``album`` differs for every photo, near copies fall on both sides of
    every split, and scores are too good to be true.
    """
    frame = _photos(rows, np.random.default_rng([seed, 5]))
    if flawed:
        frame["album"] = [f"a{i}" for i in range(rows)]
    return Generated(frame)


def _photos(rows: int, draws: np.random.Generator) -> pd.DataFrame:
    users = draws.beta(4, 2, max(5, rows // 40))  # quality of each user's camera
    found: list[dict[str, object]] = []
    album = 0
    while len(found) < rows:
        user = int(draws.integers(len(users)))
        day = draws.uniform(0, 2000)
        quality = float(np.clip(users[user] + 0.2 * (day / 2000 - 0.5), 0.05, 1))
        for photo in _album(quality, draws):
            taken = pd.Timestamp("2019-01-01") + pd.Timedelta(days=day + draws.uniform(0, 1.5))
            place = {"album": f"a{album}", "user": f"u{user}"}
            found.append({**place, "taken": f"{taken:%Y-%m-%dT%H:%M:%SZ}", **photo})
        album += 1
    frame = pd.DataFrame(found[:rows])
    frame.insert(0, "photo_id", [f"p{i:05}" for i in range(rows)])
    return frame


def _album(quality: float, draws: np.random.Generator) -> list[dict[str, object]]:
    """Return the photos of one event: bytes and tags."""
    event = EVENTS[draws.choice(len(EVENTS), p=[event.share for event in EVENTS])]
    found: list[dict[str, object]] = []
    for _ in range(int(draws.integers(*SHOTS))):
        picture, tags = _scene(event, draws)
        while True:
            given = _given(tags, draws)
            found.append({"image": _jpeg(_taken(picture, quality, draws)), "tags": given})
            if draws.random() >= BURST:
                break
    return found


def _given(tags: set[str], draws: np.random.Generator) -> str | None:
    """Return the tags that people gave a photo: some are forgotten, few are wrong."""
    if draws.random() < UNTAGGED:
        return None
    given = {tag for tag in sorted(tags) if draws.random() >= MISSED}
    given |= {tag for tag in TAGS if draws.random() < WRONG}
    if draws.random() < 0.02:
        given.add(OWN[int(draws.integers(len(OWN)))])
    return "|".join(sorted(given))


def _scene(event: Event, draws: np.random.Generator) -> tuple[Array, set[str]]:
    """Return a picture, float64 (SIDE, SIDE, 3) in 0 … 1, and what it shows."""
    light = draws.random()
    night = light < event.night
    sunset = not night and light < event.night + event.sunset
    tags = set(GROUNDS.get(event.ground, ()))
    picture = np.empty((SIDE, SIDE, 3))
    things = [thing for thing, chance in event.likely.items() if draws.random() < chance]
    horizon = int(draws.uniform(0.3, 0.6) * SIDE)
    sky(picture, horizon, night=night, sunset=sunset, draws=draws)
    PLACES[event.ground](picture, horizon, "snow" in things, draws)
    for thing in draws.permutation(things):
        if thing in THINGS:
            THINGS[thing](picture, horizon, draws)
    tags |= set(things)
    if night:
        picture *= draws.uniform(0.25, 0.45)
        lamps(picture, draws)
        tags |= {"night"}
    if sunset:
        picture *= np.array([1.05, draws.uniform(0.75, 0.9), draws.uniform(0.6, 0.8)])
        tags |= {"sunset"}
    if night or event.ground not in GROUNDS:
        tags -= {"sky"}
    return np.clip(picture, 0, 1), tags


def _taken(picture: Array, quality: float, draws: np.random.Generator) -> Array:
    """Return a photo of a scene: the hand moves, the camera blurs and adds noise."""
    from scipy.ndimage import gaussian_filter, shift

    moved = shift(picture, (*draws.normal(0, 1.2, 2), 0), order=1, mode="nearest")
    blurred = gaussian_filter(moved, (*[0.3 + 0.9 * (1 - quality)] * 2, 0))
    exposed = blurred * draws.normal(1.0, 0.12)
    return np.clip(exposed + draws.normal(0, 0.02 + 0.08 * (1 - quality), picture.shape), 0, 1)


def _jpeg(photo: Array) -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray((photo * 255).round().astype(np.uint8)).save(out, "JPEG", quality=88)
    return out.getvalue()
