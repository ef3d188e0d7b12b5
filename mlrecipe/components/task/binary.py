"""One of two classes: the output is the probability of the positive one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mlrecipe
from mlrecipe.components.task.multiclass import Labelled, class_index, labels_of

if TYPE_CHECKING:
    import pandas as pd

    from mlrecipe.interfaces import Array
    from mlrecipe.preparation.target_codec import TargetCodec
    from mlrecipe.problem import Problem


class Binary(
    Labelled,
    name="binary",
    metrics=("roc_auc", "accuracy", "log_loss"),
    baselines=("majority", "prior", "random", "linear"),
    objectives=("sigmoid_binary_crossentropy",),
):
    """Two classes; one output, the probability of the positive class."""

    def fit_target(self, targets: pd.DataFrame, problem: Problem) -> TargetCodec:
        from mlrecipe.errors import nearest
        from mlrecipe.preparation.target_codec import TargetCodec

        column = problem.target[0]
        labels = labels_of(targets, column)
        if len(labels) != 2:
            raise mlrecipe.MlrecipeError(
                f"{column!r} has {len(labels)} values where a binary task has two: "
                f"{', '.join(map(repr, labels[:10]))}",
                where="problem.target",
                fix="choose task=multiclass or task=scalar_regression, or leave task=auto",
            )
        positive = labels[1] if problem.positive is None else problem.positive
        # A recipe cannot tell "1" from 1: the command line has no types of its own.
        matches = [label for label in labels if str(label).lower() == str(positive).lower()]
        if not matches:
            close = nearest(str(positive), [str(label) for label in labels])
            raise mlrecipe.MlrecipeError(
                f"{column!r} has no value {positive!r}" + (f"; is it {close!r}?" if close else ""),
                where="problem.positive",
                expected=f"one of {', '.join(map(repr, labels))}",
            )
        negative = next(label for label in labels if label != matches[0])
        return TargetCodec(columns=(column,), labels=(negative, matches[0]))

    def encode(self, targets: pd.DataFrame, codec: TargetCodec) -> Array:
        return class_index(targets, codec)[:, None].astype("float32")

    def decode(self, outputs: Array, codec: TargetCodec, threshold: float) -> Array:
        import numpy as np

        labels = np.array(codec.labels, dtype=object)
        return labels[(outputs[:, 0] >= threshold).astype(int)]


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Binary]
