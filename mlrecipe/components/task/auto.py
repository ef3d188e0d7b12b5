"""Settles the task by the target column, and says why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import mlrecipe

if TYPE_CHECKING:
    import pandas as pd

    from mlrecipe.interfaces import Array, Facts
    from mlrecipe.preparation.target_codec import TargetCodec
    from mlrecipe.problem import Problem

FEW_NUMBERS = 10
"""At most so many different whole numbers name classes; more of them measure something."""


class Auto(mlrecipe.Task, name="auto"):
    """Chooses the task by the kind and the values of the target column."""

    def resolve(self, facts: Facts) -> tuple[mlrecipe.Choice, ...]:
        targets = facts.problem.target
        if len(targets) == 1 and (mapped := _mapped(targets[0], facts)):
            return (mapped,)
        tagged = _tagged(facts)
        if tagged:
            return (mlrecipe.Choice("multilabel", tagged),)
        if len(targets) > 1:
            reason = f"{len(targets)} target columns: {', '.join(targets)}"
            return (mlrecipe.Choice("vector_regression", reason),)
        values = facts.target_values[targets[0]]
        return (mlrecipe.Choice(*_by_values(targets[0], values)),)

    # The step collect puts the chosen task in this one's place, before any of these is called.

    def fit_target(self, targets: pd.DataFrame, problem: Problem) -> TargetCodec:
        raise NotImplementedError

    def encode(self, targets: pd.DataFrame, codec: TargetCodec) -> Array:
        raise NotImplementedError

    def decode(self, outputs: Array, codec: TargetCodec, threshold: float) -> Array:
        raise NotImplementedError


def _tagged(facts: Facts) -> str:
    """Return why the target says which tags a row has; empty where it does not."""
    from mlrecipe.data.tag_targets import are_flags, tags_reason

    targets, values = facts.problem.target, facts.target_values
    if len(targets) > 1:
        flags = all(are_flags(values[name]) for name in targets)
        return f"{', '.join(targets)} say yes or no, each of a tag" if flags else ""
    reason = tags_reason(values[targets[0]])
    return f"{targets[0]} holds sets of tags: {reason}" if reason else ""


def _mapped(column: str, facts: Facts) -> mlrecipe.Choice | None:
    """Return the task of targets that say where things are in an image; None: they do not."""
    from mlrecipe.data.boxes import are_boxes
    from mlrecipe.data.pictures import is_picture

    values = facts.target_values[column]
    if values and all(isinstance(v, bytes) and is_picture(v) for v in values):
        return mlrecipe.Choice("segmentation", f"{column} holds images: a mask for each row")
    if are_boxes(values):
        return mlrecipe.Choice("detection", f"{column} holds boxes with labels")
    return None


def _by_values(column: str, values: Sequence[Any]) -> tuple[str, str]:
    from mlrecipe.data.facts import MOST_TARGET_VALUES

    count = len(values)
    many = f"at least {count}" if count >= MOST_TARGET_VALUES else f"{count}"
    if count == 2:
        return "binary", f"{column} has two values: {values[0]!r} and {values[1]!r}"
    if not all(isinstance(v, int | float) and not isinstance(v, bool) for v in values):
        return "multiclass", f"{column} holds {many} different labels"
    if count <= FEW_NUMBERS and all(float(v).is_integer() for v in values):
        return "multiclass", f"{column} holds {count} different whole numbers"
    return "scalar_regression", f"{column} holds {many} different numbers"


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Auto]
