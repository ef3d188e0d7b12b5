"""What was learnt of the target: labels of a classification, centre and spread of a regression."""

from __future__ import annotations

from typing import Any, Literal

from mlrecipe.component import Section

Label = bool | int | str


def label_as_text(label: Any) -> str:
    """Return a label as a recipe names it: true and 1 are no strings there, but mean the same."""
    return str(label).lower() if isinstance(label, bool) else str(label)


class TargetCodec(Section):
    """Turns targets into numbers and back; fitted by the task, kept in the bundle.

    Attributes:
        columns: the target columns.
        labels: classes in the order of the model's outputs; for a binary task (negative,
            positive); empty for a regression.
        shift, scale: training runs on (y - shift) / scale, the finished model answers in the
            target's unit. By default mean and standard deviation of each regression target on
            development rows; the objective may want another scale, see `scaled`.
        shape: of one row's encoded target, where labels and columns do not tell it: a grid.
    """

    columns: tuple[str, ...]
    labels: tuple[Label, ...] = ()
    shift: tuple[float, ...] = ()
    scale: tuple[float, ...] = ()
    shape: tuple[int, ...] = ()

    def scaled(self, how: Literal["standard", "mean", "none"]) -> TargetCodec:
        """Return the codec as an objective wants its targets; of classes, the codec as it is.

        Args:
            how: ``standard``: mean 0 and deviation 1, as it was fitted; ``mean``: divided by the
                mean, so that what is 0 stays 0; ``none``: in their own unit.
        """
        if not self.scale or how == "standard":
            return self
        if how == "none":
            return self.model_copy(update={"shift": (), "scale": ()})
        return self.model_copy(update={"shift": (0.0,) * len(self.shift), "scale": self.shift})
