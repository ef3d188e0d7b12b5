"""Likes of a music service: latent tastes, sessions, a long tail, taste that drifts, and noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mlrecipe.generators import Generated
from mlrecipe.interfaces import Array

GENRES = ("rock", "pop", "jazz", "metal", "folk", "techno", "rap", "classical")
ARTISTS = 12
"""Artists of a genre."""
TRACKS = 4
"""Tracks of an artist."""
MOODS = 3
"""Numbers that describe, across genres, what an artist sounds like and a user is after."""
WEEKS = 26
NOISE = 0.08
"""Share of likes that say nothing of the user: a shared account, a radio that played on."""
CHART = 0.12
"""Share of likes that follow the charts, whatever the genre."""
STRAY = 0.06
"""Share of sessions in any genre at all."""


@dataclass(frozen=True)
class _Tracks:
    """An entry a track: genre and artist by number, moods, pull, when it came out."""

    names: Array
    genre: Array
    artist: Array
    moods: Array
    pull: Array
    released: Array


def generate(rows: int, seed: int, flawed: bool) -> Generated:
    """Return events of so many users: ``user``, ``item``, ``time`` (seconds).

    A user has a taste over genres, and moods that some artists meet; both drift over half a year.
    Likes come in sessions of one genre. Tracks are as unequal as a power law makes them, and new
    ones come out as time goes on. There is no flaw to make.
    """
    draws = np.random.default_rng([seed, 9])
    tracks = _catalogue(draws)
    events = pd.concat([_user(n, tracks, draws) for n in range(rows)], ignore_index=True)
    return Generated(events.sort_values("time", kind="stable").reset_index(drop=True))


def _catalogue(draws: np.random.Generator) -> _Tracks:
    count = len(GENRES) * ARTISTS * TRACKS
    places = np.arange(count)
    artist = places // TRACKS
    genre = artist // ARTISTS
    fame = draws.permutation(1 / np.arange(1, len(GENRES) * ARTISTS + 1) ** 0.5)[artist]
    names = [
        f"{GENRES[g]}_{a % ARTISTS + 1:02d}_{place % TRACKS + 1}"
        for place, g, a in zip(places, genre, artist, strict=True)
    ]
    return _Tracks(
        np.array(names),
        genre,
        artist,
        draws.normal(0, 1, (len(GENRES) * ARTISTS, MOODS))[artist],
        fame / (1 + places % TRACKS) ** 0.6,
        np.where(draws.random(count) < 0.15, draws.uniform(0, 0.8, count), 0.0),
    )


def _user(number: int, tracks: _Tracks, draws: np.random.Generator) -> pd.DataFrame:
    """Return the likes of one user; a track is liked once."""
    tastes = draws.dirichlet(np.full(len(GENRES), 0.15), 2)  # of the first week, and the last
    moods = draws.normal(0, 1.3, MOODS)
    turn = draws.normal(0, 0.5, MOODS)
    likes = int(np.clip(draws.lognormal(3.3, 0.5), 6, 120))
    joined = draws.uniform(0, 0.3)
    fresh = np.ones(len(tracks.names))
    places: list[int] = []
    times: list[float] = []
    while len(places) < likes:
        when = joined + (1 - joined) * (len(places) + draws.random()) / likes
        taste = tastes[0] + (tastes[1] - tastes[0]) * 0.3 * when
        taste = (1 - STRAY) * taste + STRAY / len(GENRES)
        genre = draws.choice(len(GENRES), p=taste / taste.sum())
        meets = np.exp(tracks.moods @ (moods + turn * when)) * (tracks.genre == genre)
        for step in range(1 + draws.poisson(2)):
            out = fresh * (tracks.released <= when)
            place = _drawn(out, tracks.pull, meets, draws)
            fresh[place] = 0
            places.append(place)
            times.append(when + step * 1e-5)
    seconds = np.sort(np.array(times)) * WEEKS * 7 * 86_400
    return pd.DataFrame(
        {"user": f"u{number:05d}", "item": tracks.names[places], "time": seconds.round(1)}
    )


def _drawn(out: Array, pull: Array, meets: Array, draws: np.random.Generator) -> int:
    """Return the place of the next track that is liked, of those that are out."""
    kind = draws.random()
    weights = out if kind < NOISE else out * pull
    if kind >= NOISE + CHART and (weights * meets).any():
        weights = weights * meets
    below = np.cumsum(weights)
    return int(np.searchsorted(below, draws.random() * below[-1], side="right"))
