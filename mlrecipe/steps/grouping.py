"""Looks at the groups that the problem names, and says which of them fare differently."""

from __future__ import annotations

from typing import Any

import pandas as pd

from mlrecipe.evaluation.groups import FEWEST, Answered, group_metrics
from mlrecipe.interfaces import Array
from mlrecipe.preparation.target_codec import TargetCodec
from mlrecipe.steps.context import StepContext

SELECTION = "positive answers"
"""A rate that may differ because the groups do; it alone does not hold a run."""

ENOUGH_TO_HOLD = 100
"""Rows on either side of a comparison from which on it may hold a run; the finding of fewer may
well be chance (on clean sets of 88 rows, 3 to 4 in 100 are), and is a warning."""


def look_at_groups(
    context: StepContext,
    codec: TargetCodec,
    test: dict[str, Array],
    threshold: float,
    frame: pd.DataFrame,
) -> dict[str, Any]:
    """Return metrics of every group on the test rows; raise findings for those that differ."""
    recipe = context.recipe
    tables = group_metrics(
        frame,
        recipe.problem.groups,
        _answered(context, codec, test, threshold),
        recipe.metric[0],
        confidence=recipe.workflow.confidence,
        seed=context.seed,
    )
    for table in tables:
        _judge(context, table)
    return {"metric": recipe.metric[0].name, "fewest_rows": FEWEST, "columns": tables}


def _answered(
    context: StepContext, codec: TargetCodec, test: dict[str, Array], threshold: float
) -> Answered:
    y, outputs, weights = test["y"], test["outputs"], test["weights"]
    if not context.recipe.task.classification:
        return Answered(*context.recipe.task.judged(y, outputs), weights)
    if y.shape[1] > 1:
        return Answered(y, outputs, weights, wrong=y.argmax(axis=1) != outputs.argmax(axis=1))
    positive, says = y[:, 0] > 0.5, outputs[:, 0] >= threshold
    return Answered(y, outputs, weights, positive != says, positive, says)


def _judge(context: StepContext, table: dict[str, Any]) -> None:
    people = context.recipe.problem.subject == "people"
    errors = [d for d in table["differences"] if d["measure"] != SELECTION]
    selections = [d for d in table["differences"] if d["measure"] == SELECTION]
    if errors:
        holds = people and any(_rows_compared(d, table) >= ENOUGH_TO_HOLD for d in errors)
        context.find(
            "groups-differ",
            "blocker" if holds else "warning",
            f"The model serves groups of {table['column']} differently: {_in_words(errors)}.",
            evidence={"column": table["column"], "differences": errors},
            advice="Find out why: fewer rows, poorer measurements, other causes? Collect more of "
            "the group, choose thresholds with care, or say in problem.limits whom it is not for.",
            section="6.3.1",
        )
    if selections:
        context.find(
            "selection-rates-differ",
            "warning" if people else "note",
            f"Groups of {table['column']} get the positive answer at different rates, beyond the "
            f"four-fifths rule: {_in_words(selections)}.",
            evidence={"column": table["column"], "differences": selections},
            advice="See whether the groups themselves differ so, or the labels record a bias.",
            section="6",
        )


def _rows_compared(difference: dict[str, Any], table: dict[str, Any]) -> int:
    """Return the rows of the smaller side: the group, or all others."""
    rows = {group["name"]: group["rows"] for group in table["groups"]}
    ours = rows[difference["group"]]
    return int(min(ours, sum(rows.values()) - ours))


def _in_words(differences: list[dict[str, Any]]) -> str:
    return "; ".join(
        f"{d['measure']} of {d['group']} is {d['value']:.3g}, of all others {d['rest']:.3g} "
        f"(difference {d['low']:.3g} to {d['high']:.3g})"
        for d in differences[:3]
    )
