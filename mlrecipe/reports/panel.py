"""A plain area of a small figure, for pages with hundreds of them.

A matplotlib `Axes` costs about 40 ms each, nearly all of it for ticks that a small figure does not
have. A panel puts paths and texts on the figure itself, in pixels, and takes from matplotlib what
is hard: round ticks, text metrics and the SVG.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mlrecipe.interfaces import Array
from mlrecipe.reports.drawing import LINE, SOFT, short

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Limits = tuple[float, float]


@dataclass(frozen=True)
class Panel:
    """An area of a figure with scales of its own.

    Attributes:
        figure: what is drawn on.
        box: left, bottom, width, height in pixels; up is positive.
        x: values at the left and the right edge.
        y: values at the lower and the upper edge.
    """

    figure: Figure
    box: tuple[float, float, float, float]
    x: Limits
    y: Limits

    def at(self, x: Any, y: Any) -> Array:
        """Return pixels (points, 2) of values."""
        left, bottom, width, height = self.box
        across = np.asarray(x, dtype=float) - self.x[0]
        up = np.asarray(y, dtype=float) - self.y[0]
        return np.stack(
            [
                left + across * width / ((self.x[1] - self.x[0]) or 1),
                bottom + up * height / ((self.y[1] - self.y[0]) or 1),
            ],
            axis=-1,
        )

    def bars(self, boxes: Sequence[tuple[float, float, float, float]], **look: Any) -> None:
        """Draw rectangles (x0, x1, y0, y1) as one shape."""
        if not boxes:
            return
        x0, x1, y0, y1 = np.array(boxes, dtype=float).T
        corners = self.at(np.stack([x0, x1, x1, x0, x0], 1), np.stack([y0, y0, y1, y1, y0], 1))
        codes = np.tile([1, 2, 2, 2, 79], len(boxes))  # to, three lines, close
        self._add(corners.reshape(-1, 2), codes, lw=0, **look)

    def line(self, x: Any, y: Any, **look: Any) -> None:
        """Draw a line through points (points,) and (points,)."""
        self._add(self.at(x, y), None, fill=False, joinstyle="round", **look)

    def dots(self, x: Any, y: Any, size: float, colour: str) -> None:
        """Draw points as lines of no length with round ends: the shortest SVG there is."""
        places = np.repeat(self.at(x, y), 2, axis=0)
        codes = np.tile([1, 2], len(places) // 2)
        self._add(places, codes, fill=False, ec=colour, lw=size, capstyle="round")

    def text(
        self, x: float, y: float, words: str, dx: float = 0, dy: float = 0, **look: Any
    ) -> None:
        """Write words at a value, moved by some pixels."""
        px, py = self.at(x, y)
        width, height = self.figure.bbox.size
        settings: dict[str, Any] = {"color": SOFT, "fontsize": 10, "va": "center"} | look
        self.figure.text((px + dx) / width, (py + dy) / height, words, **settings)

    def ticks_x(self, words: Callable[[float], str] = short, most: int = 5) -> None:
        """Write round numbers below the panel."""
        for value in _round_numbers(self.x, most):
            self.text(value, self.y[0], words(value), dy=-9, ha="center")

    def ticks_y(self, name: str, words: Callable[[float], str] = short) -> None:
        """Draw lines at two or three round numbers, write them and what is measured."""
        for value in _round_numbers(self.y, 3):
            self.line(self.x, (value, value), ec=LINE, lw=0.8, zorder=0)
            self.text(self.x[0], value, words(value), dx=-5, ha="right")
        middle = (self.y[0] + self.y[1]) / 2
        self.text(self.x[0], middle, name, dx=-42, ha="center", rotation=90, fontsize=9)

    def _add(self, points: Array, codes: Any, **look: Any) -> None:
        from matplotlib.patches import PathPatch
        from matplotlib.path import Path
        from matplotlib.transforms import IdentityTransform

        patch = PathPatch(Path(points, codes), transform=IdentityTransform(), **look)
        self.figure.add_artist(patch)


def _round_numbers(limits: Limits, most: int) -> list[float]:
    from matplotlib.ticker import MaxNLocator

    low, high = limits
    ticks = MaxNLocator(most, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    edge = 1e-9 * (high - low)
    return [float(tick) for tick in ticks if low - edge <= tick <= high + edge]
