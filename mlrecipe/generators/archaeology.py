"""Pictures from above of archaeological sites, each under several conditions; and of nothing."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mlrecipe.generators import Generated
from mlrecipe.interfaces import Array

TILES_A_SITE = 8
EMPTY = 0.25
"""Share of the tiles that show farmland and nothing else, each of a place of its own."""

REGION = (50.95, 52.9, -2.4, 0.1)
"""South, north, west, east: the English lowlands, where such sites are seen as crop marks."""

SEASONS = {
    "spring": ((0.40, 0.50, 0.28), -1.0),
    "summer": ((0.62, 0.57, 0.37), 1.0),
    "autumn": ((0.46, 0.38, 0.28), 0.5),
    "winter": ((0.56, 0.57, 0.58), 0.3),
}
"""Season -> colour of the ground, and how marks show: in spring they are of the opposite sign."""

SENSORS = {
    "aerial": (56, 180.0, 0.0),
    "satellite A": (48, 8.0, 0.7),
    "satellite B": (36, 8.0, 0.5),
}
"""Sensor -> pixels a side, how far tiles are turned in degrees, blur in pixels."""

Pass = dict[str, Any]
"""The conditions of one flight over a place, or a tile with what is told of it."""

Field = Callable[[Array, Array], Array]
"""Maps places x and y, -1 to 1 across a tile, to values."""


@dataclass(frozen=True)
class _Place:
    """What lies in a place: marks of the past, its ground, and what farmers do there."""

    what: str
    latitude: float
    longitude: float
    marks: list[Field]
    ground: Field
    modern: list[Field]
    furrows: Field


def generate(rows: int, seed: int, flawed: bool) -> Generated:
    """Return tiles (``tile``, JPEG bytes) with ``site``, what it is, place, date and sensor.

    A site has about eight tiles: of other seasons, light, moisture, haze and sensors, a little
    beside each other, turned; some are of the same pass. A quarter of the tiles are of places
    with nothing of interest, one each. Some dates and places are missing. There is no flaw.
    """
    draws = np.random.default_rng([seed, 7])
    records: list[Pass] = []
    empty = round(rows * EMPTY)
    number = 0
    while len(records) < rows - empty:
        number += 1
        place = _site(draws)
        tiles = min(max(2, int(draws.poisson(TILES_A_SITE))), rows - empty - len(records))
        records += _visits(place, f"site {number:03}", tiles, draws)
    for number in range(empty):
        records += _visits(_farmland(draws, [], "nothing"), f"none {number + 1:04}", 1, draws)
    frame = pd.DataFrame(records)
    frame.loc[draws.random(rows) < 0.04, "date"] = None
    frame.loc[draws.random(rows) < 0.03, ["latitude", "longitude"]] = np.nan
    return Generated(frame.iloc[draws.permutation(rows)].reset_index(drop=True))


def _visits(place: _Place, name: str, tiles: int, draws: np.random.Generator) -> list[Pass]:
    """Return the tiles of a place, on different days; one in eight is of the same pass again."""
    found: list[Pass] = []
    pass_: Pass = {}
    for _ in range(tiles):
        if not pass_ or draws.random() > 1 / 8:
            pass_ = _pass(draws)
        found.append(
            {
                "tile": _jpeg(_picture(place, pass_, draws)),
                "site": name,
                "what": place.what,
                "latitude": round(place.latitude, 4),
                "longitude": round(place.longitude, 4),
                "date": pass_["date"],
                "sensor": pass_["sensor"],
            }
        )
    return found


def _pass(draws: np.random.Generator) -> Pass:
    """Return the conditions of one flight: when, with what, in which light and weather."""
    year = int(draws.integers(2015, 2025))
    month = int(draws.integers(1, 13))
    season = list(SEASONS)[((month - 3) % 12) // 3]
    late = (year - 2015) / 10  # the newer satellite takes over in the course of the years
    sensor = str(draws.choice(list(SENSORS), p=[0.3, 0.7 * (1 - late), 0.7 * late]))
    return {
        "date": f"{year}-{month:02}-{int(draws.integers(1, 29)):02}",
        "sensor": sensor,
        "season": season,
        "colour": np.array(SEASONS[season][0]) * draws.normal(1, 0.05, 3),
        "marks": SEASONS[season][1] * draws.uniform(0.12, 0.5),
        "sun": draws.uniform(0, 2 * np.pi),
        "low": draws.uniform(0.02, 0.09),
        "haze": draws.beta(1.5, 6),
        "light": draws.uniform(0.7, 1.25),
        "turn": np.radians(draws.normal(0, 1) * SENSORS[sensor][1]),
        "furrows": draws.uniform(0, 0.12),
        "cloud": draws.random() < 0.08,
    }


def _picture(place: _Place, pass_: Pass, draws: np.random.Generator) -> Array:
    """Return a tile under the conditions of a pass, float64 (side, side, 3) in 0 … 1."""
    from scipy.ndimage import gaussian_filter

    side, _, blur = SENSORS[pass_["sensor"]]
    y, x = (np.mgrid[0:side, 0:side] + 0.5) / side * 2 - 1
    turn = pass_["turn"] + draws.normal(0, 0.05)
    zoom, shift = draws.normal(1, 0.05), draws.normal(0, 0.07, 2)
    across = zoom * (np.cos(turn) * x - np.sin(turn) * y) + shift[0]
    down = zoom * (np.sin(turn) * x + np.cos(turn) * y) + shift[1]
    marks = sum((mark(across, down) for mark in place.marks), np.zeros((side, side)))
    slope = np.gradient(marks, 2 / side)
    shade = pass_["low"] * (np.cos(pass_["sun"]) * slope[1] + np.sin(pass_["sun"]) * slope[0])
    ground = 0.08 * place.ground(across, down) + pass_["furrows"] * place.furrows(across, down)
    bright = 1 + ground - pass_["marks"] * marks + shade
    for feature in place.modern:
        bright = bright - feature(across, down)
    picture = pass_["light"] * bright[..., None] * pass_["colour"]
    picture = picture * (1 - pass_["haze"]) + 0.72 * pass_["haze"]
    if pass_["cloud"]:
        middle = draws.uniform(-0.8, 0.8, 2)
        cover = np.exp(-(((x - middle[0]) ** 2 + (y - middle[1]) ** 2) / 0.3))[..., None]
        picture = picture * (1 - cover) + 0.93 * cover
    if pass_["sensor"] == "satellite B":
        picture = np.repeat(picture.mean(axis=2, keepdims=True), 3, axis=2)
    picture = gaussian_filter(picture, (blur, blur, 0))
    return np.clip(picture + draws.normal(0, 0.025, picture.shape), 0, 1)


def _site(draws: np.random.Generator) -> _Place:
    """Return a place with one to four works of one kind, now and then with another beside them."""
    what = str(draws.choice(list(WORKS), p=[0.35, 0.25, 0.25, 0.15]))
    count = int(draws.integers(1, 5)) if what != "old road" else int(draws.integers(1, 3))
    marks = [WORKS[what](draws) for _ in range(count)]
    if draws.random() < 0.3:
        marks.append(WORKS[str(draws.choice(list(WORKS)))](draws))
    return _farmland(draws, marks, what)


def _farmland(draws: np.random.Generator, marks: list[Field], what: str) -> _Place:
    south, north, west, east = REGION
    modern = [_track(draws)] if draws.random() < 0.3 else []
    modern += [_tree(draws) for _ in range(int(draws.poisson(0.6)))]
    return _Place(
        what=what,
        latitude=float(draws.uniform(south, north)),
        longitude=float(draws.uniform(west, east)),
        marks=marks,
        ground=_waves(draws, 5, 3.0),
        modern=modern,
        furrows=_waves(draws, 1, 22.0),
    )


def _ring(draws: np.random.Generator) -> Field:
    """Return a round ditch, half of the time with an entrance."""
    centre, radius = draws.uniform(-0.45, 0.45, 2), draws.uniform(0.15, 0.5)
    width, gap = draws.uniform(0.04, 0.08), draws.uniform(-np.pi, np.pi)
    opening = draws.uniform(0.2, 0.5) if draws.random() < 0.5 else 0.0

    def ring(x: Array, y: Array) -> Array:
        away = np.hypot(x - centre[0], y - centre[1])
        angle = np.arctan2(y - centre[1], x - centre[0])
        apart = np.abs((angle - gap + np.pi) % (2 * np.pi) - np.pi)
        return np.exp(-(((away - radius) / width) ** 2)) * (apart >= opening)

    return ring


def _mound(draws: np.random.Generator) -> Field:
    """Return a round mound with a flat ditch around it."""
    centre, radius = draws.uniform(-0.7, 0.7, 2), draws.uniform(0.08, 0.22)

    def mound(x: Array, y: Array) -> Array:
        away = np.hypot(x - centre[0], y - centre[1])
        ditch = np.exp(-(((away - 1.5 * radius) / (0.3 * radius)) ** 2))
        return 0.5 * ditch - np.exp(-((away / radius) ** 2))

    return mound


def _walls(draws: np.random.Generator) -> Field:
    """Return the walls of a field or yard: the outline of a rectangle."""
    centre, half = draws.uniform(-0.4, 0.4, 2), draws.uniform(0.15, 0.5, 2)
    turn, width = draws.uniform(0, np.pi / 2), draws.uniform(0.035, 0.06)

    def walls(x: Array, y: Array) -> Array:
        along = np.cos(turn) * (x - centre[0]) + np.sin(turn) * (y - centre[1])
        across = np.cos(turn) * (y - centre[1]) - np.sin(turn) * (x - centre[0])
        beyond = np.stack([np.abs(along) - half[0], np.abs(across) - half[1]])
        outside = np.hypot(*np.maximum(beyond, 0))
        edge = outside + np.minimum(beyond.max(axis=0), 0)
        return -np.exp(-((edge / width) ** 2))

    return walls


def _road(draws: np.random.Generator) -> Field:
    """Return an old road, a pale band between two ditches, slightly bent."""
    turn, offset, bend = draws.uniform(0, np.pi), draws.uniform(-0.4, 0.4), draws.normal(0, 0.25)
    width = draws.uniform(0.06, 0.1)

    def road(x: Array, y: Array) -> Array:
        along = np.cos(turn) * x + np.sin(turn) * y
        across = np.cos(turn) * y - np.sin(turn) * x - offset - bend * along**2
        ditches = np.exp(-(((np.abs(across) - 1.6 * width) / (0.5 * width)) ** 2))
        return 0.7 * ditches - 0.8 * np.exp(-((across / width) ** 2))

    return road


WORKS = {"ring ditch": _ring, "mounds": _mound, "field walls": _walls, "old road": _road}
"""What there is to be found -> how it is laid out."""


def _waves(draws: np.random.Generator, count: int, frequency: float) -> Field:
    """Return a smooth pattern: a sum of waves of random directions."""
    steps = draws.normal(0, frequency / np.sqrt(2), (count, 2))
    phases = draws.uniform(0, 2 * np.pi, count)

    def waves(x: Array, y: Array) -> Array:
        parts = steps[:, 0, None, None] * x + steps[:, 1, None, None] * y
        return np.sin(parts + phases[:, None, None]).sum(axis=0) / np.sqrt(count)

    return waves


def _track(draws: np.random.Generator) -> Field:
    turn, offset = draws.uniform(0, np.pi), draws.uniform(-0.8, 0.8)
    return lambda x, y: -0.4 * (np.abs(np.cos(turn) * y - np.sin(turn) * x - offset) < 0.03)


def _tree(draws: np.random.Generator) -> Field:
    centre, radius = draws.uniform(-1, 1, 2), draws.uniform(0.05, 0.12)
    return lambda x, y: 0.5 * (np.hypot(x - centre[0], y - centre[1]) < radius)


def _jpeg(picture: Array) -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray((picture * 255).round().astype(np.uint8)).save(out, "JPEG", quality=88)
    return out.getvalue()
