"""Numbers: one, or several at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import mlrecipe

if TYPE_CHECKING:
    import pandas as pd

    from mlrecipe.data.gallery import Gallery
    from mlrecipe.interfaces import Array, Evidence
    from mlrecipe.preparation.target_codec import TargetCodec
    from mlrecipe.problem import Problem

METRICS = ("mean_absolute_error", "root_mean_squared_error", "r2")
BASELINES = ("mean", "median", "linear")
OBJECTIVES = ("linear_mean_squared_error", "linear_mean_absolute_error", "linear_huber")


class VectorRegression(
    mlrecipe.Task,
    name="vector_regression",
    regression=True,
    metrics=METRICS,
    baselines=BASELINES,
    objectives=OBJECTIVES,
):
    """Several numbers at once; one output a target, in the target's own unit."""

    def fit_target(self, targets: pd.DataFrame, problem: Problem) -> TargetCodec:
        import numpy as np

        from mlrecipe.preparation.target_codec import TargetCodec

        values = _numbers(targets, problem.target)
        shift, scale = values.mean(axis=0), values.std(axis=0)
        constant = [name for name, s in zip(problem.target, scale, strict=True) if not s > 0]
        if constant:
            raise mlrecipe.MlrecipeError(
                f"{constant[0]!r} has the same value in every row: there is nothing to predict",
                where="problem.target",
                fix="name another target column",
            )
        return TargetCodec(
            columns=problem.target,
            shift=tuple(float(v) for v in np.atleast_1d(shift)),
            scale=tuple(float(v) for v in np.atleast_1d(scale)),
        )

    def encode(self, targets: pd.DataFrame, codec: TargetCodec) -> Array:
        return _numbers(targets, codec.columns).astype("float32")

    def decode(self, outputs: Array, codec: TargetCodec, threshold: float) -> Array:
        return outputs

    def answers(
        self,
        outputs: Array,
        codec: TargetCodec,
        threshold: float,
        *,
        gallery: Gallery | None = None,
        top: int | None = None,
    ) -> list[dict[str, Any]]:
        """Return ``prediction``, and its interval from ``low`` to ``high`` where one is known."""
        found = super().answers(outputs, codec, threshold, gallery=gallery, top=top)
        if codec.interval is None:
            return found
        ends = dict(zip(("low", "high"), codec.within(outputs), strict=True))
        for name, rows in ends.items():
            for answer, row in zip(found, rows.tolist(), strict=True):
                several = len(codec.columns) > 1
                answer[name] = dict(zip(codec.columns, row, strict=True)) if several else row[0]
        return found

    def decide(self, evidence: Evidence) -> dict[str, Any]:
        from mlrecipe.evaluation.decision import decide_numbers

        return decide_numbers(evidence)


class ScalarRegression(VectorRegression, name="scalar_regression"):
    """One number; one output, in the target's own unit."""

    def fit_target(self, targets: pd.DataFrame, problem: Problem) -> TargetCodec:
        if len(problem.target) != 1:
            raise mlrecipe.MlrecipeError(
                f"scalar_regression predicts one column, not {len(problem.target)}",
                where="problem.target",
                fix="choose task=vector_regression, or name one target",
            )
        return super().fit_target(targets, problem)

    def decode(self, outputs: Array, codec: TargetCodec, threshold: float) -> Array:
        return outputs[:, 0]


def _numbers(targets: pd.DataFrame, columns: tuple[str, ...]) -> Array:
    import pandas as pd

    for column in columns:
        numbers = pd.to_numeric(targets[column], errors="coerce")
        wrong = targets[column][~(numbers.abs() < float("inf"))]
        if len(wrong):
            raise mlrecipe.MlrecipeError(
                f"{column!r} holds {wrong.iloc[0]!r}, which is no number",
                where=f"row {wrong.index[0]}, and {len(wrong) - 1} more",
                expected="a finite number in every row, for a regression",
                fix="correct the rows, or choose task=multiclass",
            )
    return targets[list(columns)].apply(pd.to_numeric).to_numpy(dtype="float64")


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [ScalarRegression, VectorRegression]
