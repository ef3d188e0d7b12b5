"""What the model costs a day, beside what is done today and beside no model at all."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from mlrecipe.evaluation.decision import costs_per_day
from mlrecipe.interfaces import Array, Inputs, Samples
from mlrecipe.preparation.target_codec import TargetCodec
from mlrecipe.problem import Costs
from mlrecipe.steps.context import StepContext
from mlrecipe.steps.development import load_weights
from mlrecipe.steps.verdict import EXISTING


def money(
    context: StepContext,
    codec: TargetCodec,
    test: dict[str, Array],
    threshold: float,
    development: pd.DataFrame,
    frame: pd.DataFrame,
) -> list[dict[str, Any]]:
    """Return costs a case and a day on the test rows; empty where no cost was stated.

    Compared are the model, the existing solution, and one answer for every case: the majority's,
    or the median. Several classes, and answers of other kinds, have no costs of their own.
    """
    recipe = context.recipe
    binary = len(codec.labels) == 2
    countable = recipe.task.regression or (recipe.task.classification and binary)
    if not countable or recipe.problem.costs == Costs():
        return []
    y = recipe.task.encode(development[list(codec.columns)], codec)
    weights = load_weights(context.run, "development")
    training = Samples(development, {}, y, weights)
    rows = Inputs(frame, {})
    answers = {"the model": _decided(test["outputs"], binary, threshold)}
    for baseline in recipe.baseline:
        if baseline.name == EXISTING:
            answers["what is done today"] = _decided(baseline.predict(training, rows), binary)
        elif baseline.name == ("majority" if binary else "median"):
            name = "always the most frequent answer" if binary else "always the median"
            answers[name] = _decided(baseline.predict(training, rows), binary)
    return costs_per_day(
        test["y"],
        answers,
        recipe.problem,
        classification=binary,
        confidence=recipe.workflow.confidence,
        weights=test["weights"],
    )


def _decided(outputs: Array, binary: bool, threshold: float = 0.5) -> Array:
    return (outputs >= threshold).astype(np.float32) if binary else outputs
