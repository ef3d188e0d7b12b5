"""What was learnt of the target: labels of a classification, centre and spread of a regression."""

from __future__ import annotations

from mlrecipe.component import Section

Label = bool | int | str


class TargetCodec(Section):
    """Turns targets into numbers and back; fitted by the task, kept in the bundle.

    Attributes:
        columns: the target columns.
        labels: classes in the order of the model's outputs; for a binary task (negative,
            positive); empty for a regression.
        shift, scale: mean and standard deviation of each regression target on development rows;
            training runs on (y - shift) / scale, the finished model answers in the target's unit.
        numbers: of masks, the number that a pixel of each label has.
        shape: of one row's encoded target, where labels and columns do not tell it: a grid.
    """

    columns: tuple[str, ...]
    labels: tuple[Label, ...] = ()
    shift: tuple[float, ...] = ()
    scale: tuple[float, ...] = ()
    numbers: tuple[int, ...] = ()
    shape: tuple[int, ...] = ()
