"""Step 10: says what to expect of the model, in cases a day; proposes the threshold."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlrecipe.evaluation.decision import (
    best_threshold,
    confusion,
    consequences_of_classes,
    consequences_of_numbers,
)
from mlrecipe.files import write_json, write_text
from mlrecipe.interfaces import Array
from mlrecipe.reports.report import card, report
from mlrecipe.steps.context import StepContext
from mlrecipe.steps.development import load_codec


def run(context: StepContext) -> None:
    """Write ``decision.json``, ``report.html`` and ``card.md``."""
    decision = _decide(context)
    write_json(context.folder / "decision.json", decision)
    write_text(context.folder / "report.html", report(context.run, context.recipe, decision))
    write_text(context.folder / "card.md", card(context.run, context.recipe, decision))


def _decide(context: StepContext) -> dict[str, Any]:
    """Choose the threshold on validation rows; count the consequences on test rows."""
    recipe, codec = context.recipe, load_codec(context.run)
    y, outputs = _arrays(context, "finalize", "test_outputs.npz")
    if not recipe.task.classification:
        return {
            "threshold": 0.5,
            "reason": "the outputs are the answers, in the target's unit",
            "rows": len(y),
            "consequences": consequences_of_numbers(y, outputs, codec.columns),
        }
    threshold, reason = 0.5, "the most probable class is the answer"
    if len(codec.labels) == 2:
        threshold, reason = _threshold(context)
    labels = np.array(codec.labels, dtype=object)
    truth = labels[(y[:, 0] > 0.5).astype(int) if y.shape[1] == 1 else y.argmax(axis=1)]
    answers = recipe.task.decode(outputs, codec, threshold)
    return {
        "threshold": threshold,
        "reason": reason,
        "rows": len(y),
        "volume_per_day": recipe.problem.volume_per_day,
        "consequences": consequences_of_classes(
            truth, answers, codec.labels, recipe.problem, recipe.workflow.confidence
        ),
        "labels": list(codec.labels),
        "confusion": confusion(truth, answers, codec.labels),
    }


def _threshold(context: StepContext) -> tuple[float, str]:
    y, outputs = _arrays(context, "tune", "outputs.npz")
    validated = ~np.isnan(outputs[:, 0])
    costs = context.recipe.problem.costs
    threshold = best_threshold(y[validated, 0], outputs[validated, 0], costs)
    return threshold, (
        f"cheapest on {int(validated.sum())} validation rows, with a false alarm at "
        f"{costs.false_positive:g} and a missed case at {costs.false_negative:g}"
    )


def _arrays(context: StepContext, step: str, name: str) -> tuple[Array, Array]:
    with np.load(context.artifact(step, name), allow_pickle=False) as arrays:
        return arrays["y"], arrays["outputs"]
