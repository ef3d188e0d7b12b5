"""Photos of dishes: from a network of food lovers to learn from, from phones in production."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd

from mlrecipe.generators import Generated
from mlrecipe.interfaces import Array

DISHES = {
    "pizza": ((0.80, 0.35, 0.15), (0.95, 0.85, 0.45), 9),
    "salad": ((0.25, 0.60, 0.18), (0.85, 0.25, 0.20), 26),
    "soup": ((0.85, 0.50, 0.15), (0.90, 0.62, 0.28), 5),
    "sushi": ((0.92, 0.90, 0.86), (0.15, 0.20, 0.16), 12),
}
"""Dish -> colour of its body, colour of what lies on it, number of pieces."""

GRID = 4
"""The plain columns hold the mean colours of 4 by 4 fields, as a thumbnail would."""


def generate(rows: int, seed: int, flawed: bool) -> Generated:
    """Return photos with ``dish``, and a production sample of phone uploads.

    Every row has the encoded photo (JPEG bytes, ``photo``) and plain columns made of it: mean
    colours of a grid and a measure of texture. When flawed, the photos to learn from are bright,
    saturated, sharp and large; otherwise they are uploads like those of production.
    """
    draws = np.random.default_rng([seed, 4])
    dishes = draws.choice(list(DISHES), rows)
    photos = [_photo(dish, draws, upload=not flawed) for dish in dishes]
    uploads = [_photo(dish, draws, upload=True) for dish in draws.choice(list(DISHES), rows)]
    return Generated(_frame(photos).assign(dish=dishes), _frame(uploads))


def _photo(dish: str, draws: np.random.Generator, *, upload: bool) -> Array:
    """Return a picture, float64 (height, width, 3) in 0 … 1."""
    side = int(draws.choice([48, 56, 64])) if upload else int(draws.choice([80, 96]))
    rows, columns = np.mgrid[0:side, 0:side] / side - 0.5
    centre = draws.normal(0, 0.09 if upload else 0.02, 2)
    radius = draws.normal(0.33, 0.06 if upload else 0.02)
    distance = np.hypot(rows - centre[0], columns - centre[1])
    table, body, topping, pieces = draws.uniform(0.3, 0.7), *DISHES[dish]
    picture = np.full((side, side, 3), table) * draws.uniform(0.8, 1.0, 3)
    picture[distance < radius * 1.15] = 0.93  # the plate
    picture[distance < radius] = np.array(body) + draws.normal(0, 0.05, 3)
    for _ in range(draws.poisson(pieces)):
        angle, away = draws.uniform(0, 2 * np.pi), radius * np.sqrt(draws.random()) * 0.85
        spot = centre + away * np.array([np.sin(angle), np.cos(angle)])
        near = np.hypot(rows - spot[0], columns - spot[1]) < radius * draws.uniform(0.08, 0.18)
        picture[near] = np.array(topping) + draws.normal(0, 0.06, 3)
    return _phone(picture, draws) if upload else _studio(picture, draws)


def _studio(picture: Array, draws: np.random.Generator) -> Array:
    grey = picture.mean(axis=2, keepdims=True)
    vivid = grey + (picture - grey) * draws.normal(1.35, 0.1)
    return np.clip(vivid * draws.normal(1.12, 0.05) + draws.normal(0, 0.01, picture.shape), 0, 1)


def _phone(picture: Array, draws: np.random.Generator) -> Array:
    from scipy.ndimage import gaussian_filter

    grey = picture.mean(axis=2, keepdims=True)
    dull = grey + (picture - grey) * draws.normal(0.6, 0.15)
    warm = np.array([1.0, draws.normal(0.9, 0.05), draws.normal(0.72, 0.1)])
    blurred = gaussian_filter(dull * warm, (1.0, 1.0, 0))
    noise = draws.normal(0, 0.04, picture.shape)
    return np.clip(blurred * np.clip(draws.normal(0.62, 0.15), 0.2, 1.1) + noise, 0, 1)


def _frame(photos: list[Array]) -> pd.DataFrame:
    columns: dict[str, list[object]] = {"photo": [_jpeg(photo) for photo in photos]}
    fields = np.array([_fields(photo) for photo in photos]).round(4)
    names = [f"{c}_{i}{j}" for i in range(GRID) for j in range(GRID) for c in ("r", "g", "b")]
    plain = pd.DataFrame(fields, columns=[*names, "texture"])
    return pd.concat([pd.DataFrame(columns), plain], axis=1)


def _fields(photo: Array) -> Array:
    side = len(photo) // GRID
    blocks = photo[: side * GRID, : side * GRID].reshape(GRID, side, GRID, side, 3)
    inner = photo[side : 3 * side, side : 3 * side].mean(axis=2)
    return np.append(blocks.mean(axis=(1, 3)).ravel(), np.abs(np.diff(inner, axis=0)).mean())


def _jpeg(photo: Array) -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray((photo * 255).round().astype(np.uint8)).save(out, "JPEG", quality=85)
    return out.getvalue()
