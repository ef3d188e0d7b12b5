"""The page of a leaderboard: a table to sort, settings and scores as lines, learning curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from markupsafe import Markup

from mlrecipe.reports.drawing import LINE, SOFT, STEPS, clean, drawing, short, svg
from mlrecipe.reports.pages import render

WIDTH, HEIGHT = 900, 320
MOST_AXES = 8
WIDE = 100
"""Numbers whose largest is so many times the smallest are drawn on a logarithmic axis."""


def board_page(
    metric: str, rows: Sequence[Mapping[str, Any]], aside: Mapping[str, str], told: str
) -> str:
    """Return the page; it needs no network.

    Args:
        metric: name of the primary metric.
        rows: of every run, the best first: ``name``, ``score``, ``behind``, ``parameters``,
            ``seconds``, ``settings``, ``curves``.
        aside: run -> why it is not compared.
        told: what is to be said of them all, in a sentence.
    """
    keys = list(rows[0]["settings"])
    return render(
        "board.html",
        metric=metric,
        rows=rows,
        keys=keys,
        aside=aside,
        told=told,
        coordinates=_coordinates(rows, keys[:MOST_AXES], metric) if keys else None,
        curves=_curves(rows),
    )


def _coordinates(rows: Sequence[Mapping[str, Any]], keys: list[str], metric: str) -> Markup:
    """Draw every run as a line through its settings to its score (Inselberg, 1985)."""
    axes_of = [[row["settings"][key] for row in rows] for key in keys]
    columns = [_heights(values) for values in axes_of]
    columns.append(_heights([row["score"]["mean"] for row in rows]))
    names = [*keys, metric]
    with drawing(WIDTH, HEIGHT) as figure:
        axes = figure.add_axes((0.06, 0.14, 0.86, 0.76))
        axes.set_xlim(-0.1, len(names) - 0.75)
        axes.set_ylim(-0.06, 1.06)
        axes.axis("off")
        for place, name in enumerate(names):
            axes.plot([place, place], [0, 1], color=LINE, lw=1.2)
            axes.text(place, -0.12, clean(name, 22), ha="center", color=SOFT)
            for label, height in columns[place][1]:
                axes.text(place + 0.03, height, clean(label, 16), va="center", color=SOFT)
        for rank in reversed(range(len(rows))):
            heights = [column[0][rank] for column in columns]
            colour = STEPS[round((len(STEPS) - 1) * (1 - rank / max(1, len(rows) - 1)))]
            axes.plot(range(len(names)), heights, color=colour, lw=3 if rank == 0 else 1.6)
        return svg(figure, f"the settings of every run, and its {metric}")


def _heights(values: Sequence[Any]) -> tuple[list[float], list[tuple[str, float]]]:
    """Return each value's place on an axis from 0 to 1, and labels with theirs."""
    numbers = [v for v in values if isinstance(v, int | float) and not isinstance(v, bool)]
    if len(numbers) == len(values) and len(set(values)) > 1:
        low, high = min(numbers), max(numbers)
        scale = np.log if low > 0 and high / low >= WIDE else float
        span = scale(high) - scale(low)
        places = [float((scale(v) - scale(low)) / span) for v in numbers]
        return places, [(short(low), 0.0), (short(high), 1.0)]
    values = ["–" if value is None else value for value in values]
    names = sorted({str(value) for value in values})
    at = {name: i / max(1, len(names) - 1) for i, name in enumerate(names)}
    return [at[str(value)] for value in values], list(at.items())


def _curves(rows: Sequence[Mapping[str, Any]]) -> Markup | None:
    """Draw the median validation loss over folds of every run."""
    lines = [(row["name"], _median(row["curves"]["val_loss"])) for row in rows]
    lines = [(name, values) for name, values in lines if values]
    if not lines:
        return None
    with drawing(WIDTH, HEIGHT) as figure:
        axes = figure.add_axes((0.08, 0.15, 0.88, 0.8), xlabel="epoch", ylabel="validation loss")
        for rank in reversed(range(len(lines))):
            name, values = lines[rank]
            colour = STEPS[round((len(STEPS) - 1) * (1 - rank / max(1, len(lines) - 1)))]
            label = clean(name, 20) if rank < 6 else None
            axes.plot(range(1, len(values) + 1), values, color=colour, lw=1.8, label=label)
        handles, labels = axes.get_legend_handles_labels()
        axes.legend(handles[::-1], labels[::-1], loc="upper right")  # the best first
        return svg(figure, "validation loss of every run")


def _median(folds: Sequence[Sequence[float]]) -> list[float]:
    shortest = min((len(fold) for fold in folds), default=0)
    if not shortest:
        return []
    return [float(v) for v in np.median([fold[:shortest] for fold in folds], axis=0)]
