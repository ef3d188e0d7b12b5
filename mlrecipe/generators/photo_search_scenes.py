"""Draws the scenes of `photo_search`: grounds below a sky, and things that stand on them.

Everything draws into a picture, float64 (SIDE, SIDE, 3) in about 0 … 1, below or at the horizon, a
row of it.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mlrecipe.interfaces import Array

SIDE = 48
"""Pixels of each side."""

Colour = tuple[float, float, float]


def _varied(colour: Colour, draws: np.random.Generator, by: float = 0.06) -> Array:
    return np.asarray(colour) + draws.normal(0, by, 3)


def _grid() -> tuple[Array, Array]:
    rows, columns = np.mgrid[0:SIDE, 0:SIDE]
    return rows, columns


def _blob(
    picture: Array, centre: tuple[float, float], radii: tuple[float, float], colour: Array
) -> None:
    rows, columns = _grid()
    away = ((rows - centre[0]) / radii[0]) ** 2 + ((columns - centre[1]) / radii[1]) ** 2
    picture[away < 1] = colour


def _box(
    picture: Array, top: float, left: float, height: float, width: float, colour: Array
) -> None:
    rows = slice(max(0, int(top)), max(0, int(top + height)))
    picture[rows, max(0, int(left)) : max(0, int(left + width))] = colour


def sky(
    picture: Array, horizon: int, *, night: bool, sunset: bool, draws: np.random.Generator
) -> None:
    high, low = _varied((0.35, 0.55, 0.85), draws), _varied((0.70, 0.82, 0.95), draws)
    if draws.random() < 0.3:  # overcast
        high, low = _varied((0.62, 0.64, 0.68), draws), _varied((0.78, 0.79, 0.80), draws)
    if sunset:
        high, low = _varied((0.45, 0.35, 0.55), draws), _varied((0.98, 0.60, 0.25), draws)
    if night:
        high = low = _varied((0.10, 0.10, 0.25), draws)
    down = np.linspace(0, 1, SIDE)[:, None, None]
    picture[:] = high * (1 - down) + low * down
    for _ in range(draws.poisson(1.5) if not night else 0):
        spot = draws.uniform(0, horizon), draws.uniform(0, SIDE)
        _blob(picture, spot, (draws.uniform(1, 3), draws.uniform(3, 9)), low * 0.5 + 0.5)


def _beach(picture: Array, horizon: int, snow: bool, draws: np.random.Generator) -> None:
    picture[horizon:] = _varied((0.15, 0.42, 0.60), draws)
    waves = draws.random((SIDE - horizon, 1, 1)) * 0.12
    picture[horizon:] += waves
    shore = horizon + (SIDE - horizon) * draws.uniform(0.25, 0.7)
    rows, columns = _grid()
    sand = rows > shore + draws.uniform(-0.3, 0.3) * (columns - SIDE / 2)
    picture[sand] = _varied((0.87, 0.78, 0.58), draws)


def _mountain(picture: Array, horizon: int, snow: bool, draws: np.random.Generator) -> None:
    rows, columns = _grid()
    for _ in range(int(draws.integers(1, 4))):
        peak, middle = horizon * draws.uniform(0.2, 0.8), draws.uniform(0, SIDE)
        depth = rows - peak - draws.uniform(0.6, 1.4) * np.abs(columns - middle)
        picture[depth > 0] = _varied((0.42, 0.40, 0.42), draws, 0.08)
        if snow:
            picture[(depth > 0) & (depth < draws.uniform(4, 14))] = _varied(
                (0.95, 0.96, 0.98), draws, 0.02
            )
    picture[horizon + 8 :] = _varied((0.93, 0.94, 0.97) if snow else (0.32, 0.48, 0.25), draws)


def _city(picture: Array, horizon: int, snow: bool, draws: np.random.Generator) -> None:
    left = -3.0
    while left < SIDE:
        width, top = draws.uniform(5, 12), draws.uniform(2, horizon)
        wall = _varied((0.55, 0.50, 0.47), draws, 0.12)
        _box(picture, top, left, SIDE, width, wall)
        for row in np.arange(top + 2, SIDE - 8, 4):
            for column in np.arange(left + 1.5, left + width - 2, 3):
                _box(picture, row, column, 2, 1.6, wall * 0.55)
        left += width + draws.uniform(0, 2)
    _box(picture, horizon + 14, 0, SIDE, SIDE, _varied((0.33, 0.33, 0.35), draws))


def _park(picture: Array, horizon: int, snow: bool, draws: np.random.Generator) -> None:
    picture[horizon:] = _varied((0.35, 0.58, 0.25), draws)
    for _ in range(int(draws.integers(1, 5))):
        spot, size = draws.uniform(0, SIDE), draws.uniform(4, 9)
        _box(picture, horizon - 4, spot - 1, 10, 2, _varied((0.35, 0.25, 0.15), draws))
        _blob(picture, (horizon - 7, spot), (size, size), _varied((0.18, 0.42, 0.15), draws))


def _indoors(picture: Array, horizon: int, snow: bool, draws: np.random.Generator) -> None:
    picture[:] = _varied((0.80, 0.74, 0.66), draws, 0.1)
    picture[horizon + 12 :] = _varied((0.50, 0.36, 0.25), draws, 0.08)
    for _ in range(int(draws.integers(0, 3))):  # frames, doors, shelves
        top, left = draws.uniform(0, horizon), draws.uniform(0, SIDE)
        height, width = draws.uniform(5, 16, 2)
        _box(picture, top, left, height, width, draws.uniform(0.2, 0.9, 3))


def _table(picture: Array, horizon: int, snow: bool, draws: np.random.Generator) -> None:
    picture[:] = _varied((0.55, 0.40, 0.28), draws, 0.12)
    for row in np.flatnonzero(draws.random(SIDE) < 0.15):
        picture[row] *= 0.92


def _paper(picture: Array, horizon: int, snow: bool, draws: np.random.Generator) -> None:
    picture[:] = _varied((0.40, 0.35, 0.30), draws, 0.12)
    top, left = draws.uniform(0, 8, 2)
    _box(picture, top, left, SIDE - 10, SIDE - 12, _varied((0.93, 0.92, 0.88), draws, 0.03))
    for row in np.arange(top + 4, SIDE - 12, 3):
        if draws.random() < 0.85:
            _box(picture, row, left + 4, 1, draws.uniform(10, SIDE - 20), np.full(3, 0.3))


def _person(picture: Array, horizon: int, draws: np.random.Generator) -> None:
    size = draws.uniform(3, 8)
    foot, middle = draws.uniform(horizon + size, SIDE), draws.uniform(4, SIDE - 4)
    skin = _varied((0.78, 0.58, 0.46), draws, 0.03) * draws.uniform(0.55, 1.1)
    _blob(picture, (foot, middle), (size * 2.2, size), draws.uniform(0.1, 0.9, 3))
    _blob(picture, (foot - size * 2.6, middle), (size, size * 0.8), skin)
    _blob(picture, (foot - size * 3.2, middle), (size * 0.5, size * 0.8), skin * 0.3)


def _animal(colours: tuple[Colour, ...], slim: float) -> Callable[..., None]:
    def draw(picture: Array, horizon: int, draws: np.random.Generator) -> None:
        coat = _varied(colours[int(draws.integers(len(colours)))], draws)
        size = draws.uniform(3.5, 7)
        row, column = draws.uniform(horizon + 4, SIDE - 4), draws.uniform(6, SIDE - 6)
        side = float(draws.choice([-1, 1]))
        _blob(picture, (row, column), (size * 0.6, size * 1.3 * slim), coat)
        head = row - size * 0.8, column + side * size * slim
        _blob(picture, head, (size * 0.55, size * 0.55), coat)
        if slim < 1:  # a cat's ears stand up, a dog's hang
            for ear in (-0.4, 0.4):
                _box(picture, head[0] - size, head[1] + ear * size - 1, size * 0.6, 1.5, coat)
        else:
            _box(picture, head[0], head[1] + side * size * 0.4, size * 0.7, 1.8, coat * 0.6)
        for leg in (-0.9, -0.4, 0.4, 0.9):
            _box(picture, row + size * 0.3, column + leg * size * slim, size * 0.8, 1.2, coat)

    return draw


def _car(picture: Array, horizon: int, draws: np.random.Generator) -> None:
    size = draws.uniform(4, 9)
    row, column = draws.uniform(SIDE - 12, SIDE - 3), draws.uniform(2, SIDE - 6)
    paint = draws.uniform(0.05, 0.95, 3)
    _box(picture, row - size * 0.6, column - size, size * 0.7, size * 2, paint)
    _box(picture, row - size * 1.1, column - size * 0.5, size * 0.5, size, paint * 0.5 + 0.2)
    for wheel in (-0.6, 0.6):
        _blob(picture, (row, column + wheel * size), (size * 0.3, size * 0.3), np.full(3, 0.08))


def _bicycle(picture: Array, horizon: int, draws: np.random.Generator) -> None:
    size, paint = draws.uniform(3, 5), draws.uniform(0, 0.8, 3)
    row, column = draws.uniform(horizon + 6, SIDE - 4), draws.uniform(8, SIDE - 8)
    rows, columns = _grid()
    for side in (-1.2, 1.2):
        ring = np.abs(np.hypot(rows - row, columns - column - side * size) - size) < 0.7
        picture[ring] = 0.1
    _box(picture, row - size * 1.2, column - size, 1.2, size * 2, paint)


def _boat(picture: Array, horizon: int, draws: np.random.Generator) -> None:
    size, column = draws.uniform(3, 7), draws.uniform(6, SIDE - 6)
    _box(picture, horizon, column - size, size * 0.5, size * 2, draws.uniform(0.2, 1, 3))
    rows, columns = _grid()
    height = horizon - rows
    sail = (height > 0) & (height < size * 2) & (columns > column)
    picture[sail & (columns - column < (size * 2 - height) * 0.5)] = 0.95


def _umbrella(picture: Array, horizon: int, draws: np.random.Generator) -> None:
    size = draws.uniform(5, 9)
    row, column = draws.uniform(horizon, SIDE - 8), draws.uniform(6, SIDE - 6)
    rows, columns = _grid()
    inside = ((rows - row) / size) ** 2 + ((columns - column) / size) ** 2 < 1
    stripes = (columns // 3 % 2 == 0) & inside & (rows < row)
    picture[inside & (rows < row)] = 0.95
    picture[stripes] = draws.uniform(0, 0.9, 3)
    _box(picture, row, column, size * 1.4, 1, np.full(3, 0.3))


def _balloon(picture: Array, horizon: int, draws: np.random.Generator) -> None:
    size = draws.uniform(2.5, 5)
    row, column = draws.uniform(size, horizon), draws.uniform(5, SIDE - 5)
    _blob(picture, (row, column), (size * 1.2, size), draws.uniform(0.1, 1, 3))
    _box(picture, row + size * 1.3, column - 1, size * 0.5, 2, np.full(3, 0.3))


def _food(picture: Array, horizon: int, draws: np.random.Generator) -> None:
    size = draws.uniform(7, 15)
    spot = draws.uniform(SIDE * 0.4, SIDE * 0.8), draws.uniform(size * 0.6, SIDE - size * 0.6)
    _blob(picture, spot, (size, size * 1.15), np.full(3, 0.94))
    _blob(picture, spot, (size * 0.75, size * 0.85), _varied((0.75, 0.45, 0.2), draws, 0.15))
    for _ in range(int(draws.poisson(6))):
        piece = spot[0] + draws.normal(0, size * 0.3), spot[1] + draws.normal(0, size * 0.35)
        _blob(picture, piece, (1.6, 1.6), draws.uniform(0.1, 1.0, 3))


def _flower(picture: Array, horizon: int, draws: np.random.Generator) -> None:
    colours: tuple[Colour, ...] = ((0.9, 0.2, 0.35), (0.95, 0.8, 0.2), (0.7, 0.3, 0.8))
    petals = colours[int(draws.integers(3))]
    for _ in range(int(draws.integers(2, 7))):
        spot = draws.uniform(horizon, SIDE), draws.uniform(0, SIDE)
        _box(picture, spot[0], spot[1], 5, 1, _varied((0.2, 0.5, 0.2), draws))
        _blob(picture, spot, (2.2, 2.2), _varied(petals, draws))
        _blob(picture, spot, (0.9, 0.9), np.array([0.98, 0.85, 0.3]))


def lamps(picture: Array, draws: np.random.Generator) -> None:
    for _ in range(int(draws.integers(1, 8))):
        spot = draws.uniform(4, SIDE - 4, 2)
        _blob(picture, (spot[0], spot[1]), (1.3, 1.3), np.array([1.0, 0.9, 0.6]))


PLACES: dict[str, Callable[..., None]] = {
    "beach": _beach,
    "mountain": _mountain,
    "city": _city,
    "park": _park,
    "indoors": _indoors,
    "table": _table,
    "paper": _paper,
}
"""Ground -> what draws it, below a sky that is there already."""

THINGS: dict[str, Callable[..., None]] = {
    "person": _person,
    "dog": _animal(((0.45, 0.30, 0.18), (0.80, 0.65, 0.45), (0.15, 0.13, 0.12)), 1.0),
    "cat": _animal(((0.85, 0.50, 0.20), (0.45, 0.45, 0.47), (0.12, 0.12, 0.13)), 0.7),
    "car": _car,
    "bicycle": _bicycle,
    "boat": _boat,
    "umbrella": _umbrella,
    "balloon": _balloon,
    "food": _food,
    "flower": _flower,
}
"""Thing -> what draws it into a scene."""
