"""What was learnt of the target: labels of a classification, centre and spread of a regression."""

from __future__ import annotations

import math
from typing import Any, Literal

from mlrecipe.component import Section

Label = bool | int | str


def label_as_text(label: Any) -> str:
    """Return a label as a recipe names it: true and 1 are no strings there, but mean the same."""
    return str(label).lower() if isinstance(label, bool) else str(label)


class Interval(Section):
    """How far the truth may lie from a predicted number.

    Attributes:
        level: share of the cases whose truth lies within.
        half_widths: for each target, in its own unit.
    """

    level: float
    half_widths: tuple[float, ...]


class TargetCodec(Section):
    """Turns targets into numbers and back; fitted by the task, kept in the bundle.

    Attributes:
        columns: the target columns.
        labels: classes in the order of the model's outputs; for a binary task (negative,
            positive); empty for a regression.
        shift, scale: training runs on (y - shift) / scale, the finished model answers in the
            target's unit. By default mean and standard deviation of each regression target on
            development rows; the objective may want another scale, see `scaled`.
        bounds: smallest and largest number that the model can answer with; None: no bound.
        interval: around predicted numbers; found by the step `explain`, kept in the bundle.
        numbers: of masks, the number that a pixel of each label has.
        shape: of one row's encoded target, where labels and columns do not tell it: a grid.
        separator: what parts the tags of a set in one column; empty where there are none.
        thresholds: in a bundle, the probability from which on each label is given, where labels
            have thresholds of their own; else empty.
    """

    columns: tuple[str, ...]
    labels: tuple[Label, ...] = ()
    shift: tuple[float, ...] = ()
    scale: tuple[float, ...] = ()
    bounds: tuple[float | None, float | None] = (None, None)
    interval: Interval | None = None
    numbers: tuple[int, ...] = ()
    shape: tuple[int, ...] = ()
    separator: str = ""
    thresholds: tuple[float, ...] = ()

    def scaled(
        self,
        how: Literal["standard", "mean", "none"],
        bounds: tuple[float, float] = (-math.inf, math.inf),
    ) -> TargetCodec:
        """Return the codec as an objective wants its targets; of classes, the codec as it is.

        Args:
            how: ``standard``: mean 0 and deviation 1, as it was fitted; ``mean``: divided by the
                mean, so that what is 0 stays 0; ``none``: in their own unit.
            bounds: smallest and largest number that the objective answers with.
        """
        if not self.scale:
            return self
        low, high = (end if math.isfinite(end) else None for end in bounds)
        scales = {
            "standard": (self.shift, self.scale),
            "mean": ((0.0,) * len(self.shift), self.shift),
            "none": ((), ()),
        }
        shift, scale = scales[how]
        return self.model_copy(update={"shift": shift, "scale": scale, "bounds": (low, high)})

    def within(self, answers: Any) -> tuple[Any, Any]:
        """Return the lower and upper ends of the intervals around answers (rows, targets).

        Raises:
            ValueError: when no interval is known.
        """
        if self.interval is None:
            raise ValueError("no interval is known")
        import numpy as np

        low, high = self.bounds
        half = np.asarray(self.interval.half_widths)
        ends = (answers - half, answers + half)
        return np.clip(ends[0], low, high), np.clip(ends[1], low, high)
