"""Holds the existing solution against the rows, before anything is built on it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from mlrecipe.errors import MlrecipeError
from mlrecipe.evaluation.existing import label_outputs, outputs_of
from mlrecipe.expressions import parse_expression
from mlrecipe.expressions.frames import evaluate, series_of
from mlrecipe.recipe import Recipe
from mlrecipe.steps.context import StepContext


def look_at_existing(frame: pd.DataFrame, recipe: Recipe, codec: Any, context: StepContext) -> None:
    """See that the existing solution answers the rows; say for how many it does not.

    Raises:
        MlrecipeError: when it reads what is not there, or answers no row.
    """
    existing = recipe.problem.existing
    if existing is None:
        return
    key = "problem.existing." + ("rule" if existing.rule else "column")
    y = recipe.task.encode(frame[list(codec.columns)], codec)
    try:
        labels = label_outputs(frame, y, codec.columns[0])
        outputs = outputs_of(existing.rule, existing.column, frame, labels, y.shape[1])
        answers = _answers(existing, frame)
    except MlrecipeError as error:
        error.where = f"{key}: {error.where}"
        raise
    unanswered = np.isnan(outputs).any(axis=1)
    if unanswered.all():
        wanted = ", ".join(map(str, codec.labels)) or "a number"
        raise MlrecipeError(
            f"the existing solution answers no row: it says {answers}",
            where=key,
            expected="true for the positive class, or one of: " + wanted
            if len(codec.labels) == 2
            else f"one of: {wanted}",
            fix='give the answer in the target\'s own words: "yes" if … else "no"',
        )
    if unanswered.any():
        context.find(
            "existing-without-answer",
            "advice",
            f"The existing solution has no answer for {int(unanswered.sum())} of {len(frame)} "
            f"rows ({answers}); as a baseline it answers them with the training rows' mean.",
            evidence={
                "count": int(unanswered.sum()),
                "rows": np.flatnonzero(unanswered)[:5].tolist(),
            },
            advice="Say what is done in these cases: coalesce(column, …), is_missing(column).",
            section="6.1.1",
        )


def _answers(existing: Any, frame: pd.DataFrame) -> str:
    """Return the most frequent answers, for a message."""
    if existing.rule:
        found = evaluate(parse_expression(existing.rule), frame)
        values = series_of(found, frame.index)
    else:
        values = frame[existing.column]
    counts = values.astype(object).value_counts(dropna=False).head(5)
    return ", ".join(f"{value!r} {count} times" for value, count in counts.items())
