"""One of several classes: the outputs are a probability a class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import mlrecipe

if TYPE_CHECKING:
    import pandas as pd

    from mlrecipe.data.gallery import Gallery
    from mlrecipe.interfaces import Array, Evidence
    from mlrecipe.preparation.target_codec import Label, TargetCodec
    from mlrecipe.problem import Problem


FEW_LABELS = 10
"""So many may be learnt from however few rows there are: each may still repeat."""


class Labelled(mlrecipe.Task, classification=True):
    """One label a row: answered with a probability a label, told by how often each is right."""

    def answers(
        self,
        outputs: Array,
        codec: TargetCodec,
        threshold: float,
        *,
        gallery: Gallery | None = None,
        top: int | None = None,
    ) -> list[dict[str, Any]]:
        """Return the label and a probability a label."""
        return labelled(self.decode(outputs, codec, threshold), outputs, codec)

    def decide(self, evidence: Evidence) -> dict[str, Any]:
        from mlrecipe.evaluation.decision import decide_classes

        return decide_classes(evidence, self.decode)


class Multiclass(
    Labelled,
    name="multiclass",
    metrics=("accuracy", "log_loss", "macro_f1"),
    baselines=("majority", "prior", "random", "linear"),
    objectives=("softmax_categorical_crossentropy",),
):
    """Several classes, one of which is right; one probability a class."""

    def fit_target(self, targets: pd.DataFrame, problem: Problem) -> TargetCodec:
        from mlrecipe.preparation.target_codec import TargetCodec

        column = problem.target[0]
        labels = labels_of(targets, column)
        if len(labels) < 2:
            raise mlrecipe.MlrecipeError(
                f"{column!r} has the same value in every row: there is nothing to tell apart",
                where="problem.target",
                fix="name another target column, or collect rows of other classes",
            )
        if len(labels) > max(FEW_LABELS, len(targets) / 2):
            raise mlrecipe.MlrecipeError(
                f"{column!r} holds {len(labels)} different labels in {len(targets)} rows, such as "
                f"{labels[0]!r}: hardly one repeats, so none can be learnt",
                where="problem.target",
                expected="a column of few labels, or of numbers",
                fix="name another target column; if these are numbers, say how they are written: "
                "source.decimal, source.missing",
            )
        return TargetCodec(columns=(column,), labels=labels)

    def encode(self, targets: pd.DataFrame, codec: TargetCodec) -> Array:
        import numpy as np

        return np.eye(len(codec.labels), dtype=np.float32)[class_index(targets, codec)]

    def decode(self, outputs: Array, codec: TargetCodec, threshold: float) -> Array:
        import numpy as np

        return np.array(codec.labels, dtype=object)[outputs.argmax(axis=1)]


def labelled(decoded: Array, outputs: Array, codec: TargetCodec) -> list[dict[str, Any]]:
    """Return label and scores of every row; one output is the second label's probability."""
    import numpy as np

    if outputs.shape[1] == 1:
        outputs = np.concatenate([1 - outputs, outputs], axis=1)
    names = [str(label) for label in codec.labels]
    return [
        {"prediction": answer, "scores": dict(zip(names, row, strict=True))}
        for answer, row in zip(decoded.tolist(), outputs.tolist(), strict=True)
    ]


def labels_of(targets: pd.DataFrame, column: str) -> tuple[Label, ...]:
    """Return the distinct values of a target column as plain Python values, in order."""
    values = [v.item() if hasattr(v, "item") else v for v in targets[column].dropna().unique()]
    whole = [int(v) if isinstance(v, float) and v.is_integer() else v for v in values]
    return tuple(sorted(whole, key=lambda v: (isinstance(v, str), v)))


def class_index(targets: pd.DataFrame, codec: TargetCodec) -> Array:
    """Return the position of each row's label in ``codec.labels`` as int64 (rows,).

    Raises:
        MlrecipeError: when a row has a label that was not there when the codec was fitted.
    """
    import numpy as np

    column = codec.columns[0]
    position = {label: i for i, label in enumerate(codec.labels)}
    index = targets[column].map(position)
    if index.isna().any():
        row = index.index[index.isna()][0]
        label = targets[column].astype(object).loc[row]
        raise mlrecipe.MlrecipeError(
            f"{column!r} has the label {label!r}, unknown to this run",
            where=f"row {row}",
            expected=f"one of {', '.join(map(repr, codec.labels))}",
        )
    return index.to_numpy(dtype=np.int64)


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Multiclass]
