"""Step 10: says what to expect of the model, in cases a day; proposes the threshold."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pandas as pd

from mlrecipe.evaluation.decision import (
    best_threshold,
    confusion,
    consequences_of_classes,
    consequences_of_numbers,
    rates_of_classes,
)
from mlrecipe.files import write_json, write_text
from mlrecipe.interfaces import Array
from mlrecipe.preparation.target_codec import TargetCodec
from mlrecipe.reports.report import card, report
from mlrecipe.steps.business import money
from mlrecipe.steps.context import StepContext
from mlrecipe.steps.development import load_codec, load_development
from mlrecipe.steps.grouping import look_at_groups
from mlrecipe.steps.verdict import against_existing, hold_what_must_not_be_used


def run(context: StepContext) -> None:
    """Write ``decision.json``, ``groups.json``, ``report.html`` and ``card.md``."""
    codec = load_codec(context.run)
    tuned, test = _arrays(context, "tune", "outputs.npz"), _test_arrays(context)
    frame = _test_frame(context)
    decision = _decide(context, codec, test, tuned)
    decision["costs"] = money(
        context, codec, test, decision["threshold"], load_development(context.run), frame
    )
    decision["existing"] = against_existing(context, tuned["outputs"])
    groups = look_at_groups(context, codec, test, decision["threshold"], frame)
    hold_what_must_not_be_used(context)
    write_json(context.folder / "decision.json", decision)
    write_json(context.folder / "groups.json", groups)
    # The pages tell this step's findings, too, which are recorded only when it ends.
    found = [(context.step, finding) for finding in context.findings]
    write_text(
        context.folder / "report.html",
        report(context.run, context.recipe, decision, groups, found),
    )
    write_text(
        context.folder / "card.md", card(context.run, context.recipe, decision, groups, found)
    )


def _decide(
    context: StepContext, codec: TargetCodec, test: dict[str, Array], tuned: dict[str, Array]
) -> dict[str, Any]:
    """Choose the threshold on validation rows; count the consequences on test rows."""
    recipe = context.recipe
    y, outputs, weights = test["y"], test["outputs"], test["weights"]
    volume = recipe.problem.volume_per_day
    if not recipe.task.classification:
        return {
            "threshold": 0.5,
            "reason": "the outputs are the answers, in the target's unit",
            "rows": len(y),
            "volume_per_day": volume,
            "rates": None,
            "consequences": consequences_of_numbers(y, outputs, codec.columns, weights),
        }
    threshold, reason = 0.5, "the most probable class is the answer"
    if len(codec.labels) == 2:
        threshold, reason = _threshold(context, tuned)
    labels = np.array(codec.labels, dtype=object)
    truth = labels[(y[:, 0] > 0.5).astype(int) if y.shape[1] == 1 else y.argmax(axis=1)]
    answers = recipe.task.decode(outputs, codec, threshold)
    return {
        "threshold": threshold,
        "reason": reason,
        "rows": len(y),
        "volume_per_day": volume,
        "consequences": consequences_of_classes(
            truth, answers, codec.labels, recipe.problem, recipe.workflow.confidence, weights
        ),
        "labels": list(codec.labels),
        "confusion": confusion(truth, answers, codec.labels),
        "rates": rates_of_classes(truth, answers, codec.labels, weights)
        if len(codec.labels) == 2
        else None,
    }


def _threshold(context: StepContext, tuned: dict[str, Array]) -> tuple[float, str]:
    y, outputs = tuned["y"], tuned["outputs"]
    validated = ~np.isnan(outputs[:, 0])
    costs = context.recipe.problem.costs
    threshold = best_threshold(
        y[validated, 0], outputs[validated, 0], costs, tuned["weights"][validated]
    )
    further = ""
    if costs.true_positive or costs.true_negative:
        further = f", a found one at {costs.true_positive:g} and a recognized one at "
        further += f"{costs.true_negative:g}"
    return threshold, (
        f"cheapest on {int(validated.sum())} validation rows, with a false alarm at "
        f"{costs.false_positive:g} and a missed case at {costs.false_negative:g}{further}"
    )


def _arrays(context: StepContext, step: str, name: str) -> dict[str, Array]:
    with np.load(context.artifact(step, name), allow_pickle=False) as arrays:
        return dict(arrays)


def _test_arrays(context: StepContext) -> dict[str, Array]:
    return _arrays(context, "finalize", "test_outputs.npz")


def _test_frame(context: StepContext) -> pd.DataFrame:
    """Return the raw test rows, which `finalize` has opened."""
    content = context.artifact("collect", "test.sealed").read_bytes()
    return pd.read_parquet(io.BytesIO(content)).reset_index(drop=True)
