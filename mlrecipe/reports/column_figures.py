"""Figures of single columns: what the values are, and how the target goes with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from mlrecipe.reports.drawing import (
    ACCENT,
    CLASSES,
    INK,
    MUTED,
    SOFT,
    clean,
    drawing,
    plain,
    short,
    svg,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH = 440
FEWEST_ROWS = 5
"""The mean of fewer rows is noise and is not drawn."""

Content = Mapping[str, Any]


def histogram(bins: Content, split: Content | None, name: str) -> Markup:
    """Return a histogram; below it, each class's own shape, or the mean of a numeric target.

    Args:
        bins: ``edges``, ``counts``, and ``by_class`` or ``target_mean`` where there is a split.
        split: what the columns are split by; see `Split.content`.
        name: the column.
    """
    below = split if split and ("by_class" in bins or "target_mean" in bins) else None
    with drawing(WIDTH, 212 if below else 120) as figure:
        if below:
            axes = figure.add_axes((0.11, 0.6, 0.87, 0.36))
            lower = figure.add_axes((0.11, 0.12, 0.87, 0.36), sharex=axes)
            _below(lower, bins, below)
        else:
            axes = figure.add_axes((0.11, 0.2, 0.87, 0.75))
        _bars(axes, bins)
        axes.tick_params(labelbottom=not below)
        return svg(figure, _told(f"histogram of {name}", below), "column-figure")


def _bars(axes: Axes, bins: Content) -> None:
    edges = bins["edges"]
    _ready(axes, edges)
    axes.stairs(bins["counts"], edges, fill=True, color=MUTED, alpha=0.75, lw=0)
    axes.set_ylim(0, max(*bins["counts"], 1) * 1.05)
    axes.set_ylabel("rows")
    _few_ticks(axes)


def _below(axes: Axes, bins: Content, split: Content) -> None:
    edges = bins["edges"]
    _ready(axes, edges)
    if "by_class" in bins:
        for code, counts in enumerate(bins["by_class"]):
            total = sum(counts) or 1
            shares = [count / total for count in counts]
            colour = CLASSES[code % len(CLASSES)]
            if len(split["classes"]) <= 3:
                axes.stairs(shares, edges, fill=True, color=colour, alpha=0.22, lw=0)
            axes.stairs(shares, edges, color=colour, lw=1.7, baseline=None)
        axes.set_ylim(bottom=0)
        axes.set_ylabel("share of class")
        _few_ticks(axes, lambda value: f"{value:.0%}")
        return
    middles = [(a + b) / 2 for a, b in zip(edges[:-1], edges[1:], strict=True)]
    shown = [
        (x, mean)
        for x, mean, rows in zip(middles, bins["target_mean"], bins["target_rows"], strict=True)
        if rows >= FEWEST_ROWS and mean is not None
    ]
    if shown:
        axes.plot(*zip(*shown, strict=True), "o-", color=ACCENT, lw=1.7, ms=3.5)
    axes.set_ylabel("mean target")
    _few_ticks(axes)


def _ready(axes: Axes, edges: Sequence[float]) -> None:
    plain(axes, grid="y")
    axes.set_xlim(edges[0], edges[-1] if edges[-1] > edges[0] else edges[0] + 1)
    axes.xaxis.set_major_formatter(lambda value, _: short(value))
    axes.xaxis.get_major_locator().set_params(nbins=6)


def _few_ticks(axes: Axes, words: Any = short) -> None:
    axes.yaxis.get_major_locator().set_params(nbins=3)
    axes.yaxis.set_major_formatter(lambda value, _: words(value))
    axes.yaxis.set_label_coords(-0.1, 0.5)
    axes.yaxis.label.set_fontsize(9)


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
    height = 24 * len(shown) + 36
    with drawing(WIDTH, height) as figure:
        box = (30 / height, 24 * len(shown) / height)
        axes = figure.add_axes((0.27, box[0], 0.3 if beside else 0.62, box[1]))
        _horizontal(axes, [count for _, count in shown], rows)
        axes.set_yticks(range(len(shown)), [clean(value, 17) for value, _ in shown])
        axes.tick_params(axis="y", labelcolor=INK)
        if beside:
            right = figure.add_axes((0.72, box[0], 0.26, box[1]), sharey=axes)
            right.tick_params(labelleft=False)
            _mix(right, column, beside, len(shown))
        return svg(figure, _told(f"most frequent values of {name}", beside), "column-figure")


def _horizontal(axes: Axes, counts: Sequence[int], rows: int) -> None:
    plain(axes)
    axes.barh(range(len(counts)), counts, height=0.72, color=MUTED, alpha=0.75, lw=0)
    for i, count in enumerate(counts):
        axes.text(count, i, f" {count / max(rows, 1):.1%}", va="center", fontsize=9.5, color=SOFT)
    axes.set_ylim(len(counts) - 0.5, -0.5)
    axes.set_xlim(0, max(*counts, 1))
    axes.set_xticks([])
    axes.set_xlabel("share of rows", fontsize=9)


def _mix(axes: Axes, column: Content, split: Content, size: int) -> None:
    """Draw the classes' shares within every value, or the mean target of every value."""
    plain(axes, grid="x")
    axes.xaxis.get_major_locator().set_params(nbins=3)
    places = range(size)
    if "by_class" in column:
        totals = [sum(part[i] for part in column["by_class"]) or 1 for i in places]
        start = [0.0] * size
        for code, counts in enumerate(column["by_class"]):
            shares = [counts[i] / totals[i] for i in places]
            axes.barh(places, shares, left=start, height=0.72, color=CLASSES[code % 10], lw=0)
            start = [a + b for a, b in zip(start, shares, strict=True)]
        axes.set_xlim(0, 1)
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
        axes.set_xlabel("classes", fontsize=9)
        return
    shown = [(m, i) for i, m in zip(places, column["target_mean"], strict=False) if m is not None]
    if shown:
        axes.plot(*zip(*shown, strict=True), "o", color=ACCENT, ms=6)
    axes.margins(x=0.15)
    axes.xaxis.set_major_formatter(lambda value, _: short(value))
    axes.set_xlabel("mean target", fontsize=9)


def classes(column: Content, labels: Sequence[str], rows: int, name: str) -> Markup:
    """Return the class counts, each in the colour that it has everywhere else."""
    counts = {item["value"]: item["count"] for item in column["top"]}
    shown = [(label, counts.get(label)) for label in labels]
    rest = rows - column["missing"] - sum(n for _, n in shown if n)
    shown = [(label, rest if n is None else n) for label, n in shown]
    height = 30 * len(shown) + 12
    with drawing(640, height) as figure:
        axes = figure.add_axes((0.2, 6 / height, 0.62, 1 - 12 / height))
        plain(axes)
        colours = [CLASSES[code % len(CLASSES)] for code in range(len(shown))]
        axes.barh(range(len(shown)), [n for _, n in shown], height=0.74, color=colours, lw=0)
        for i, (_, count) in enumerate(shown):
            words = f" {count:,} rows, {count / max(rows, 1):.1%}"
            axes.text(count, i, words, va="center", color=INK)
        axes.set_yticks(range(len(shown)), [clean(label, 22) for label, _ in shown])
        axes.tick_params(axis="y", labelcolor=INK, labelsize=11)
        axes.set_xticks([])
        axes.set_ylim(len(shown) - 0.5, -0.5)
        axes.set_xlim(0, max(n for _, n in shown) or 1)
        return svg(figure, f"rows per class of {name}")


def lengths(text: Content, split: Content | None, name: str) -> Markup:
    """Return how long the texts of a column are, in words, split by class."""
    return histogram(text["lengths"], split, f"the words per text of {name}")


def _told(what: str, split: Content | None) -> str:
    if not split:
        return what
    by = "by the classes of" if split["kind"] == "classes" else "with the mean of"
    return f"{what}, {by} {split['target']}"
