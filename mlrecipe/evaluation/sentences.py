"""What a decision means, in sentences for those who pay for it (book, 6.3.1)."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlrecipe.evaluation.conformal import coverage
from mlrecipe.interfaces import Array, Outcomes
from mlrecipe.preparation.target_codec import Interval
from mlrecipe.problem import Problem


def day_in_words(
    truth: Array, answers: Array, labels: tuple[Any, ...], problem: Problem, weights: Array
) -> list[str]:
    """Return what a day with the model is like, as the book puts it for a detector of fraud.

    Empty for more than two labels, and where nobody said how many cases a day there are.

    Args:
        truth, answers: labels (rows,).
        labels: (negative, positive).
        problem: for unit and volume.
        weights: how many cases each row stands for (rows,).
    """
    volume = problem.volume_per_day
    if len(labels) != 2 or volume is None:
        return []
    negative, positive = labels
    is_positive, flagged = truth == positive, answers == positive
    cases = weights.astype(np.float64) * volume / weights.sum(dtype=np.float64)

    def day(mask: Array) -> str:
        count = float(cases[mask].sum())
        return f"{count:,.0f}" if count >= 1 or not count else "less than one"

    rates = [
        f"{_share(cases, is_positive & ~flagged, is_positive)} of what is {positive} is missed",
        f"{_share(cases, ~is_positive & flagged, ~is_positive)} of what is {negative} is flagged",
    ]
    return [
        f"Every day, of {volume:,.0f} {problem.unit}s, an average of {day(~is_positive & flagged)} "
        f"that are {negative} would be flagged as {positive}, {day(is_positive & ~flagged)} that "
        f"are {positive} would be missed, and {day(is_positive & flagged)} would be caught: "
        f"{' and '.join(rates)}."
    ]


def _share(cases: Array, part: Array, whole: Array) -> str:
    total = cases[whole].sum()
    return f"{100 * cases[part].sum() / total:.1f} %" if total else "nothing"


def interval_in_words(interval: Interval, targets: tuple[str, ...], test: Outcomes) -> str:
    """Return how far the truth may lie from an answer, and how often it did on the test rows."""
    widths = zip(targets, interval.half_widths, strict=True)
    within = ", ".join(f"{name} within {width:.4g} of the answer" for name, width in widths)
    return (
        f"Each answer comes with an interval that is to hold the truth in {interval.level:.0%} of "
        f"the cases: {within}, by the errors on validation rows. On the test rows it held it in "
        f"{coverage(test, interval):.1%}."
    )
