"""Step 10: says what to expect of the model, in cases a day; proposes the threshold."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pandas as pd

from mlrecipe.evaluation.answers import Answers, load_answers
from mlrecipe.files import write_json, write_text
from mlrecipe.interfaces import Array, Evidence, Outcomes
from mlrecipe.preparation.target_codec import TargetCodec
from mlrecipe.reports.report import card, report
from mlrecipe.steps.business import money
from mlrecipe.steps.context import StepContext
from mlrecipe.steps.development import Development, load_codec, load_development
from mlrecipe.steps.grouping import look_at_groups
from mlrecipe.steps.verdict import against_existing, hold_what_must_not_be_used


def run(context: StepContext) -> None:
    """Write ``decision.json``, ``groups.json``, ``report.html`` and ``card.md``."""
    codec = load_codec(context.run)
    tuned = load_answers(context.artifact("tune", "outputs.npz"))["tuned"]
    test = _test_arrays(context)
    frame = _test_frame(context)
    decision = _decide(context, codec, test, tuned, frame)
    decision["costs"] = money(
        context, codec, test, decision["threshold"], load_development(context.run), frame
    )
    decision["existing"] = against_existing(context, tuned)
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
    context: StepContext,
    codec: TargetCodec,
    test: dict[str, Array],
    tuned: Answers,
    frame: pd.DataFrame,
) -> dict[str, Any]:
    """Let the task choose the threshold on validation rows and count the consequences on test."""
    recipe = context.recipe
    evidence = Evidence(
        codec,
        recipe.problem,
        Development.of(context).pooled(tuned),
        Outcomes(*(test[name] for name in ("y", "outputs", "weights"))),
        recipe.workflow.confidence,
        frame,
    )
    return {
        "rows": len(test["y"]),
        "volume_per_day": recipe.problem.volume_per_day,
        "labels": [],
        "confusion": None,
        "rates": None,
        **recipe.task.decide(evidence),
    }


def _test_arrays(context: StepContext) -> dict[str, Array]:
    path = context.artifact("finalize", "test_outputs.npz")
    with np.load(path, allow_pickle=False) as arrays:
        return dict(arrays)


def _test_frame(context: StepContext) -> pd.DataFrame:
    """Return the raw test rows, which `finalize` has opened."""
    content = context.artifact("collect", "test.sealed").read_bytes()
    return pd.read_parquet(io.BytesIO(content)).reset_index(drop=True)
