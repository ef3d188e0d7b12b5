"""Figures of the stakeholder report: learning curves, intervals, answers against the truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from mlrecipe.reports.drawing import (
    ACCENT,
    GOOD,
    MUTED,
    WARN,
    clean,
    drawing,
    plain,
    short,
    svg,
)

WIDTH, HEIGHT = 640, 260

COLOURS = {
    "training": MUTED,
    "validation": ACCENT,
    "baseline": MUTED,
    "model": ACCENT,
    "test": GOOD,
}


@dataclass(frozen=True)
class Line:
    """A curve of a figure.

    Attributes:
        name: shown in the legend.
        values: one value an epoch, from epoch 1 on.
        style: class of the line: ``training`` or ``validation``.
    """

    name: str
    values: Sequence[float]
    style: str


def curves(lines: Sequence[Line], title: str, mark: float | None = None) -> Markup:
    """Return learning curves over epochs; ``mark`` draws a vertical line at an epoch."""
    values = sorted(v for line in lines for v in line.values if v == v)
    high = values[int(0.99 * (len(values) - 1))]  # a first epoch far off would flatten the rest
    with drawing(WIDTH, HEIGHT) as figure:
        axes = figure.add_axes((0.1, 0.17, 0.87, 0.78), xlabel="epoch", ylabel="loss")
        plain(axes, grid="y")
        for line in lines:
            shown = [min(v, high) for v in line.values]
            axes.plot(
                range(1, len(shown) + 1), shown, color=COLOURS[line.style], lw=1.6, alpha=0.85
            )
        if mark is not None:
            axes.axvline(mark, color=WARN, lw=1.5, ls=(0, (4, 3)))
        for name, style in dict.fromkeys((line.name, line.style) for line in lines):
            axes.plot([], [], color=COLOURS[style], lw=2, label=clean(name))
        axes.legend(loc="upper right")
        axes.locator_params(axis="x", integer=True)
        return svg(figure, title)


def intervals(
    rows: Sequence[tuple[str, float, float, float, str]], axis: str, title: str
) -> Markup:
    """Return points with their intervals, one below the other.

    Args:
        rows: name, value, low, high, and the class of the mark (``baseline``, ``model``, ``test``).
        axis: what is measured.
    """
    height = 52 + 26 * len(rows)
    with drawing(WIDTH, height) as figure:
        axes = figure.add_axes((0.24, 44 / height, 0.72, 1 - 52 / height), xlabel=clean(axis))
        plain(axes, grid="x")
        for i, (_, value, low, high, style) in enumerate(rows):
            colour = COLOURS[style]
            axes.plot([low, high], [i, i], color=colour, lw=2.2, solid_capstyle="round")
            axes.plot([value], [i], "o", color=colour, ms=8)
        axes.set_yticks(range(len(rows)), [clean(row[0], 28) for row in rows])
        axes.set_ylim(len(rows) - 0.5, -0.5)
        return svg(figure, title)


def scatter(truth: Sequence[float], answers: Sequence[float], name: str, title: str) -> Markup:
    """Return answers against the truth, with the line on which they agree."""
    low, high = min(*truth, *answers), max(*truth, *answers)
    with drawing(WIDTH, 340) as figure:
        axes = figure.add_axes(
            (0.12, 0.15, 0.84, 0.81), xlabel=f"true {clean(name)}", ylabel="answer"
        )
        plain(axes, grid="both")
        axes.plot([low, high], [low, high], color=WARN, lw=1.5, ls=(0, (4, 3)))
        axes.plot(truth[:500], answers[:500], "o", color=ACCENT, ms=5, alpha=0.5, mew=0)
        for side in (axes.xaxis, axes.yaxis):
            side.set_major_formatter(lambda value, _: short(value))
        return svg(figure, title)
