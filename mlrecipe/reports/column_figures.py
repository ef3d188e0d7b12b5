"""Figures of single columns: what the values are, and how the target goes with them."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from mlrecipe.reports.drawing import ACCENT, CLASSES, INK, LINE, MUTED, clean, drawing, svg
from mlrecipe.reports.panel import Panel

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH, LEFT, RIGHT = 440, 56, 18
FEWEST_ROWS = 5
"""The mean of fewer rows is noise and is not drawn."""

LINE_HEIGHT = 24

Content = Mapping[str, Any]

Box = tuple[float, float, float, float]
"""Left, right, lower, upper edge, in values."""


def histogram(bins: Content, split: Content | None, name: str, width: int = WIDTH) -> Markup:
    """Return a histogram; below it, each class's own shape, or the mean of a numeric target.

    Args:
        bins: ``edges``, ``counts``, and ``by_class`` or ``target_mean`` where there is a split.
        split: what the columns are split by; see `Split.content`.
        name: the column.
        width: of the figure, in pixels.
    """
    below = split if split and ("by_class" in bins or "target_mean" in bins) else None
    edges = bins["edges"]
    limits = (edges[0], edges[-1] if edges[-1] > edges[0] else edges[0] + 1)
    with drawing(width, 212 if below else 130) as figure:
        bottom = 116 if below else 22
        box = (LEFT, bottom, width - LEFT - RIGHT, 212 - 116 - 8 if below else 100)
        upper = Panel(figure, box, limits, (0, max(*bins["counts"], 1) * 1.05))
        upper.ticks_y("rows")
        upper.bars(_boxes(edges, bins["counts"]), fc=MUTED, alpha=0.75)
        if below:
            _below(figure, (LEFT, 22, box[2], 80), limits, bins, below)
        else:
            upper.ticks_x()
        return svg(figure, _told(f"histogram of {name}", below), "column-figure")


def _boxes(edges: Sequence[float], counts: Sequence[float]) -> list[Box]:
    return [
        (left, right, 0.0, count)
        for left, right, count in zip(edges[:-1], edges[1:], counts, strict=True)
        if count
    ]


def _below(figure: Figure, box: Any, limits: Any, bins: Content, split: Content) -> None:
    if "by_class" in bins:
        _shapes(figure, box, limits, bins, split)
    else:
        _means(figure, box, limits, bins)


def _shapes(figure: Figure, box: Any, limits: Any, bins: Content, split: Content) -> None:
    """Draw the outline of each class's histogram, each adding up to 1."""
    edges = bins["edges"]
    shares = [[n / (sum(counts) or 1) for n in counts] for counts in bins["by_class"]]
    panel = Panel(figure, box, limits, (0, max(max(part) for part in shares) * 1.05 or 1))
    panel.ticks_y("of the class", lambda value: f"{value:.0%}")
    panel.ticks_x()
    few = len(split["classes"]) <= 3
    for code, part in enumerate(shares):
        colour = CLASSES[code % len(CLASSES)]
        if few:
            panel.bars(_boxes(edges, part), fc=colour, alpha=0.22)
        x = [edge for pair in itertools.pairwise(edges) for edge in pair]
        panel.line(x, [share for share in part for _ in range(2)], ec=colour, lw=1.7)


def _means(figure: Figure, box: Any, limits: Any, bins: Content) -> None:
    """Draw the mean target in every bin that has rows enough."""
    edges = bins["edges"]
    shown = [
        ((edges[i] + edges[i + 1]) / 2, mean)
        for i, (mean, rows) in enumerate(zip(bins["target_mean"], bins["target_rows"], strict=True))
        if rows >= FEWEST_ROWS and mean is not None
    ]
    x, y = zip(*shown, strict=True) if shown else ((limits[0],), (0.0,))
    margin = 0.08 * ((max(y) - min(y)) or abs(max(y)) or 1)
    panel = Panel(figure, box, limits, (min(y) - margin, max(y) + margin))
    panel.ticks_y("mean target")
    panel.ticks_x()
    if shown:
        panel.line(x, y, ec=ACCENT, lw=1.7)
        panel.dots(x, y, 4.5, ACCENT)


def frequencies(column: Content, split: Content | None, name: str, rows: int) -> Markup:
    """Return bars of the most frequent values, beside them the classes or the mean target.

    Args:
        column: ``top``, ``other``, and ``by_class`` or ``target_mean`` of the same order.
        split: what the columns are split by.
        name: the column.
        rows: of which the bars are shares.
    """
    shown = [(item["value"], item["count"]) for item in column["top"]]
    if column["other"]:
        shown.append(("all others", column["other"]))
    beside = split if split and ("by_class" in column or "target_mean" in column) else None
    height = LINE_HEIGHT * len(shown) + 34
    inside = (30, LINE_HEIGHT * len(shown))
    lines = (len(shown) - 0.5, -0.5)
    with drawing(WIDTH, height) as figure:
        box = (118, inside[0], 125 if beside else 250, inside[1])
        panel = Panel(figure, box, (0, max(count for _, count in shown) or 1), lines)
        panel.bars([(0, n, i - 0.36, i + 0.36) for i, (_, n) in enumerate(shown)],
                   fc=MUTED, alpha=0.75)  # fmt: skip
        for i, (value, count) in enumerate(shown):
            panel.text(0, i, clean(value, 17), dx=-6, ha="right", color=INK)
            panel.text(count, i, f"{count / max(rows, 1):.1%}", dx=4, fontsize=9.5)
        panel.text(0, len(shown) - 0.5, "share of rows", dy=-20, fontsize=9)
        if beside:
            _beside(figure, (312, *inside), lines, column, len(shown))
        return svg(figure, _told(f"most frequent values of {name}", beside), "column-figure")


def _beside(figure: Figure, box: Any, lines: Any, column: Content, size: int) -> None:
    """Draw the classes' shares within every value, or the mean target of every value."""
    place = (box[0], box[1], 105, box[2])
    if "by_class" in column:
        panel = Panel(figure, place, (0, 1), lines)
        totals = [sum(part[i] for part in column["by_class"]) or 1 for i in range(size)]
        start = [0.0] * size
        for code, counts in enumerate(column["by_class"]):
            end = [start[i] + counts[i] / totals[i] for i in range(size)]
            boxes = [(start[i], end[i], i - 0.36, i + 0.36) for i in range(size) if counts[i]]
            panel.bars(boxes, fc=CLASSES[code % len(CLASSES)])
            start = end
        panel.ticks_x(lambda value: f"{value:.0%}", 2)
        panel.text(0.5, size - 0.5, "classes", dy=-21, fontsize=9, ha="center")
        return
    shown = [(m, i) for i, m in enumerate(column["target_mean"][:size]) if m is not None]
    means = [m for m, _ in shown] or [0.0]
    margin = 0.12 * ((max(means) - min(means)) or abs(max(means)) or 1)
    panel = Panel(figure, place, (min(means) - margin, max(means) + margin), lines)
    for mean, i in shown:
        panel.line(panel.x, (i, i), ec=LINE, lw=0.8)
        panel.dots([mean], [i], 7, ACCENT)
    panel.ticks_x(most=2)
    panel.text(sum(panel.x) / 2, size - 0.5, "mean target", dy=-21, fontsize=9, ha="center")


def classes(split: Content) -> Markup:
    """Return the class counts, each in the colour that it has everywhere else."""
    known = list(zip(split["classes"], split["counts"], strict=True))
    rows = sum(split["counts"])
    height = 30 * len(known) + 8
    with drawing(WIDTH + 60, height) as figure:
        box = (130, 4, 220, 30 * len(known))
        panel = Panel(figure, box, (0, max(n for _, n in known) or 1), (len(known) - 0.5, -0.5))
        for code, (label, n) in enumerate(known):
            colour = CLASSES[code % len(CLASSES)]
            panel.bars([(0, n, code - 0.37, code + 0.37)], fc=colour)
            panel.text(0, code, clean(label, 22), dx=-8, ha="right", color=INK, fontsize=11.5)
            words = f"{n:,} rows, {n / max(rows, 1):.1%}"
            panel.text(n, code, words, dx=6, color=INK, fontsize=11)
        return svg(figure, f"rows per class of {split['target']}", "column-figure")


def lengths(text: Content, split: Content | None, name: str) -> Markup:
    """Return how long the texts of a column are, in words, split by class."""
    return histogram(text["lengths"], split, f"the words per text of {name}")


def _told(what: str, split: Content | None) -> str:
    if not split:
        return what
    by = "by the classes of" if split["kind"] == "classes" else "with the mean of"
    return f"{what}, {by} {split['target']}"
