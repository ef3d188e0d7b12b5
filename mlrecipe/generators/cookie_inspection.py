"""Frames of a belt with cookies, of which a few are cracked, burnt, bitten or misshapen."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mlrecipe.generators import Generated
from mlrecipe.interfaces import Array

SIDE = 96
"""Pixels of a frame, a side."""

STEP = 72
"""Pixels that the belt moves between two frames: some cookies are in both of them."""

FRAMES = 16
"""Frames of a batch of dough."""

LANES = (17, 48, 79)
"""Where cookies lie across the belt."""

DEFECTS = ("crack", "burnt", "piece missing", "misshapen")

BAD = 0.1
"""Share of the cookies that have a defect."""

MISLABELLED = 0.01
"""Share of the cookies that the labellers judged wrongly."""

VISIBLE = 0.6
"""A cookie at the frame's border gets a box when this share of its length is in the frame."""


@dataclass(frozen=True)
class Cookie:
    """A cookie on the belt: its box in pixels of the belt, and what the labellers said."""

    left: float
    top: float
    right: float
    bottom: float
    label: str


def generate(rows: int, seed: int, flawed: bool) -> Generated:
    """Return frames (PNG bytes, ``frame``) with boxes (JSON in pixels, ``cookies``).

    Each batch of dough has its own colours, each camera its own light; neighbouring frames show
    the same cookies. When flawed, labellers err now and then.
    """
    draws = np.random.default_rng([seed, 11])
    lights = [_light(draws) for _ in range(3)]
    found: list[dict[str, object]] = []
    for batch in range(-(-rows // FRAMES)):
        camera = int(draws.integers(3))
        belt, cookies = _belt(draws, MISLABELLED if flawed else 0.0)
        for number in range(FRAMES):
            start = number * STEP
            frame = _seen(belt[:, start : start + SIDE], lights[camera], draws)
            found.append(
                {
                    "frame": _png(frame),
                    "cookies": json.dumps(_boxes(cookies, start, draws)),
                    "batch": f"b{batch:03d}",
                    "day": f"2024-03-{1 + batch // 4 % 28:02d}",
                    "shift": ("early", "late", "night")[batch % 3],
                    "camera": f"camera {camera + 1}",
                }
            )
    return Generated(pd.DataFrame(found[:rows]))


def _belt(draws: np.random.Generator, mislabelled: float) -> tuple[Array, list[Cookie]]:
    """Return a batch's belt, float64 (height, length, 3) in 0 … 1, and the cookies on it."""
    length = SIDE + (FRAMES - 1) * STEP
    grain = draws.normal(0, 0.015, (SIDE, length, 1)) + draws.normal(0, 0.02, (SIDE, 1, 1))
    belt = np.clip(np.array([0.34, 0.36, 0.40]) * draws.uniform(0.8, 1.2) + grain, 0, 1)
    dough = np.array([0.80, 0.58, 0.33]) * draws.normal(1.0, 0.06) + draws.normal(0, 0.015, 3)
    cookies = []
    for lane in LANES:
        x = draws.uniform(10, 30)
        while x < length - 8:
            if draws.random() < 0.85:
                defect = str(draws.choice(DEFECTS)) if draws.random() < BAD else ""
                centre = np.array([lane + draws.normal(0, 1.5), x])
                sides = _bake(belt, centre, dough, defect, draws)
                wrong = draws.random() < mislabelled
                cookies.append(Cookie(*sides, "bad" if bool(defect) != wrong else "ok"))
            x += draws.uniform(29, 42)
    return belt, cookies


def _bake(
    belt: Array, centre: Array, dough: Array, defect: str, draws: np.random.Generator
) -> tuple[float, float, float, float]:
    """Draw a cookie onto the belt; return left, top, right and bottom of what is to be seen."""
    top, left = max(0, int(centre[0]) - 18), max(0, int(centre[1]) - 18)
    part = belt[top : top + 37, left : left + 37]
    rows, columns = np.mgrid[0 : part.shape[0], 0 : part.shape[1]]
    y, x = rows + top - centre[0], columns + left - centre[1]
    angle, distance = np.arctan2(y, x), np.hypot(y, x)
    radius = _outline(angle, defect, draws)
    there = np.clip(radius - distance + 0.5, 0, 1)
    if defect == "piece missing":
        way, deep = draws.uniform(0, 2 * np.pi), draws.uniform(4.5, 7.5)
        away = np.hypot(y - 11 * np.sin(way), x - 11 * np.cos(way))
        there *= np.clip(away - deep + 0.5, 0, 1)
    surface = _surface(part.shape[:2], distance / radius, dough, defect, draws)
    for _ in range(draws.poisson(6)):  # chocolate chips, which every cookie has
        way, far = draws.uniform(0, 2 * np.pi), 8.5 * np.sqrt(draws.random())
        away = np.hypot(y - far * np.sin(way), x - far * np.cos(way))
        chip = np.clip(draws.uniform(0.9, 1.7) - away + 0.5, 0, 1)[..., None]
        surface = surface * (1 - chip) + chip * np.array([0.25, 0.15, 0.10])
    if defect == "crack":
        surface *= 1 - 0.65 * _crack(y, x, draws)[..., None]
    shadow = np.clip(radius - np.hypot(y - 1.5, x - 1.0) + 1.5, 0, 1)[..., None]
    part *= 1 - 0.3 * shadow * (1 - there[..., None])
    part[:] = part * (1 - there[..., None]) + surface * there[..., None]
    seen = np.argwhere(there > 0.5)
    (first_row, first_column), (last_row, last_column) = seen.min(axis=0), seen.max(axis=0)
    return left + first_column, top + first_row, left + last_column + 1, top + last_row + 1


def _outline(angle: Array, defect: str, draws: np.random.Generator) -> Array:
    """Return the cookie's radius in every direction, in pixels."""
    radius = draws.normal(11.2, 0.6)
    wobble = 0.012 if defect != "misshapen" else draws.uniform(0.09, 0.16)
    found = np.full_like(angle, radius)
    for times in (2, 3, 4):
        found += radius * draws.normal(0, wobble) * np.cos(times * angle + draws.uniform(0, 6.3))
    return found


def _surface(
    shape: tuple[int, ...], middle: Array, dough: Array, defect: str, draws: np.random.Generator
) -> Array:
    """Return the colours of the cookie's top; its rim is browner, a burnt one darker all over."""
    from scipy.ndimage import gaussian_filter

    spots = gaussian_filter(draws.normal(0, 1, shape), 1.2)
    brown = np.clip(middle, 0, 1.2) ** 4 * draws.uniform(0.10, 0.22) + draws.normal(0, 0.04)
    if defect == "burnt":
        brown = brown + draws.uniform(0.22, 0.42) * (0.5 + 0.5 * np.clip(middle, 0, 1))
    shade = 1 - brown + 0.06 * spots / spots.std()
    return np.clip(dough * np.clip(shade, 0.05, 2)[..., None] ** np.array([1.0, 1.25, 1.5]), 0, 1)


def _crack(y: Array, x: Array, draws: np.random.Generator) -> Array:
    """Return how dark a crack is in every pixel, 0 … 1."""
    way = draws.uniform(0, np.pi)
    along, across = x * np.cos(way) + y * np.sin(way), y * np.cos(way) - x * np.sin(way)
    bent = draws.normal(0, 2) + 1.2 * np.sin(along * draws.uniform(0.2, 0.5))
    reach = np.abs(along - draws.normal(0, 3)) < draws.uniform(5, 10)
    return np.clip(draws.uniform(0.6, 1.0) - np.abs(across - bent) + 0.5, 0, 1) * reach


def _light(draws: np.random.Generator) -> tuple[Array, float]:
    """Return a camera's tint and how much darker its right side is."""
    tint = draws.uniform(0.78, 1.15) * np.clip(draws.normal(1, 0.05, 3), 0.85, 1.15)
    return tint, draws.uniform(-0.25, 0.25)


def _seen(part: Array, light: tuple[Array, float], draws: np.random.Generator) -> Array:
    """Return what a camera sees: its light, flicker, a little blur and noise."""
    from scipy.ndimage import gaussian_filter

    tint, slope = light
    falling = 1 + slope * np.linspace(-0.5, 0.5, SIDE)[None, :, None]
    lit = part * tint * falling * draws.normal(1, 0.04)
    blurred = gaussian_filter(lit, (0.5, 0.5, 0))
    return np.clip(blurred + draws.normal(0, 0.018, part.shape), 0, 1)


def _boxes(
    cookies: list[Cookie], start: int, draws: np.random.Generator
) -> list[dict[str, object]]:
    """Return the boxes of a frame in pixels, drawn by hand: up to a pixel off."""
    found: list[dict[str, object]] = []
    for cookie in cookies:
        left, right = max(cookie.left - start, 0), min(cookie.right - start, SIDE)
        if right - left < VISIBLE * (cookie.right - cookie.left):
            continue
        sides = np.array([left, cookie.top, right, cookie.bottom]) + draws.normal(0, 0.4, 4)
        names = ("left", "top", "right", "bottom")
        rounded = np.clip(sides, 0, SIDE).round(1).tolist()
        found.append({"label": cookie.label, **dict(zip(names, rounded, strict=True))})
    return found


def _png(frame: Array) -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray((frame * 255).round().astype(np.uint8)).save(out, "PNG")
    return out.getvalue()
