"""Figures of the whole table: correlations, gaps, the course of time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from markupsafe import Markup

from mlrecipe.reports.drawing import (
    ACCENT,
    BAD,
    CLASSES,
    INK,
    LINE,
    MUTED,
    PAPER,
    WARN,
    clean,
    drawing,
    plain,
    short,
    svg,
)

Content = Mapping[str, Any]
LEVELS = 10


def correlation_map(content: Content) -> Markup:
    """Return a heat map: blue for columns that rise together, red for one that falls."""
    names, matrix = content["columns"], np.array(content["matrix"], dtype=float)
    np.fill_diagonal(matrix, 0)
    cell = max(13, min(30, 560 // len(names)))
    side, left = cell * len(names), 170
    labels = [clean(name, 24) for name in names]
    below = 24 + int(5.6 * max(map(len, labels)))
    width, height = left + side + 12, side + below + 8
    with drawing(width, height) as figure:
        axes = figure.add_axes((left / width, below / height, side / width, side / height))
        plain(axes)
        _levels(axes, np.abs(matrix) * (matrix > 0), ACCENT)
        _levels(axes, np.abs(matrix) * (matrix < 0), BAD)
        if cell >= 24:
            for (y, x), value in np.ndenumerate(matrix):
                if x != y and abs(value) >= 0.3:
                    word = f"{value:.1f}".replace("0.", ".")
                    axes.text(x, y, word, ha="center", va="center", fontsize=9,
                              color=PAPER if abs(value) > 0.65 else INK)  # fmt: skip
        size = 10 if cell >= 16 else 8.5
        axes.set_yticks(range(len(names)), labels, fontsize=size, color=INK)
        axes.set_xticks(range(len(names)), labels, fontsize=size, color=INK, rotation=60,
                        ha="right", rotation_mode="anchor")  # fmt: skip
        axes.set_xlim(-0.5, len(names) - 0.5)
        axes.set_ylim(len(names) - 0.5, -0.5)
        return svg(figure, f"rank correlations of {len(names)} columns", "wide")


def _levels(axes: Any, values: Any, colour: str) -> None:
    """Draw cells (rows, columns) of values 0 … 1, those of one of ten levels in one piece."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    levels = np.rint(values * LEVELS).astype(int)
    for level in range(1, LEVELS + 1):
        corners = [
            (x + dx, y + dy)
            for y, x in np.argwhere(levels == level)
            for dx, dy in ((-0.47, -0.47), (0.47, -0.47), (0.47, 0.47), (-0.47, 0.47), (0, 0))
        ]
        if corners:
            codes = [Path.MOVETO, *[Path.LINETO] * 3, Path.CLOSEPOLY] * (len(corners) // 5)
            patch = PathPatch(Path(corners, codes), fc=colour, lw=0, alpha=level / LEVELS)
            axes.add_patch(patch)


def gaps(content: Content) -> Markup:
    """Return the missing share of each column, from the first row to the last."""
    names, blocks = content["columns"], np.array(content["blocks"], dtype=float)
    height = 20 * len(names) + 44
    with drawing(720, height) as figure:
        axes = figure.add_axes((0.24, 36 / height, 0.74, 1 - 42 / height))
        plain(axes)
        for y in range(len(names)):
            axes.barh(y, blocks.shape[1], left=-0.5, height=0.8, color=LINE, alpha=0.35, lw=0)
        _levels(axes, np.ceil(blocks * LEVELS - 1e-9) / LEVELS, WARN)
        axes.set_yticks(range(len(names)), [clean(name, 24) for name in names], color=INK)
        axes.set_xticks([-0.5, blocks.shape[1] - 0.5], ["first row", "last row"])
        axes.get_xticklabels()[0].set_horizontalalignment("left")
        axes.get_xticklabels()[1].set_horizontalalignment("right")
        axes.set_xlim(-0.5, blocks.shape[1] - 0.5)
        axes.set_ylim(len(names) - 0.5, -0.5)
        return svg(figure, "missing values by column and place in the table", "wide")


def course(content: Content, split: Content | None) -> Markup:
    """Return rows per period, and below them the classes' shares or the target's mean."""
    below = split is not None and ("by_class" in content or "target_mean" in content)
    size = len(content["periods"])
    with drawing(720, 300 if below else 170) as figure:
        axes = figure.add_axes((0.08, 0.56, 0.9, 0.4) if below else (0.08, 0.2, 0.9, 0.74))
        plain(axes, grid="y")
        axes.bar(range(size), content["rows"], width=0.85, color=MUTED, alpha=0.75, lw=0)
        axes.set_ylabel(f"rows a {content['period']}")
        last = axes
        if below:
            last = figure.add_axes((0.08, 0.11, 0.9, 0.36), sharex=axes)
            plain(last, grid="y")
            axes.tick_params(labelbottom=False)
            _course_of_target(last, content)
        for part in (axes, last):
            part.locator_params(axis="y", nbins=4)
            part.yaxis.set_label_coords(-0.065, 0.5)
        axes.yaxis.set_major_formatter(lambda value, _: short(value))
        step = max(1, -(-size // 8))
        places = range(0, size, step)
        last.tick_params(axis="x", pad=7)
        last.set_xticks(places, [content["periods"][i] for i in places])
        axes.set_xlim(-0.6, size - 0.4)
        return svg(figure, f"rows and target by {content['period']}", "wide")


def _course_of_target(axes: Any, content: Content) -> None:
    if "by_class" in content:
        totals = np.maximum(np.sum(content["by_class"], axis=0), 1)
        some = np.sum(content["by_class"], axis=0) > 0
        for code, counts in enumerate(content["by_class"]):
            shares = np.where(some, np.array(counts) / totals, np.nan)
            axes.plot(shares, "o-", color=CLASSES[code % len(CLASSES)], lw=1.6, ms=3)
        axes.set_ylim(0, None)
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
        axes.set_ylabel("share of class")
        return
    means: Sequence[float] = [np.nan if m is None else m for m in content["target_mean"]]
    axes.plot(means, "o-", color=ACCENT, lw=1.6, ms=3)
    axes.yaxis.set_major_formatter(lambda value, _: short(value))
    axes.set_ylabel("mean target")
