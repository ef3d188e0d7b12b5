"""How far the validation can be relied on: enough rows, and rows like those that are trained on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mlrecipe.comparison.profiles import parts_differ, with_targets
from mlrecipe.evaluation.intervals import wilson
from mlrecipe.evaluation.splitting import Split
from mlrecipe.interfaces import Array
from mlrecipe.steps.context import StepContext
from mlrecipe.steps.development import Development

FEW_ROWS = 100
"""Below, one row more or less right moves an accuracy by more than a percent."""

LUCKY_ROWS = 300
"""Below, the way in which rows happen to be split moves the score as much as a better model does
(the book's "little data available", 6.2.2)."""

SHARE = 0.9
"""The share of right answers by which widths of intervals are told before there is a score."""

MOST_FOLDS = 5
"""Folds that are held against their training rows."""


STRONGER = {
    "holdout": "protocol=kfold",
    "kfold": "protocol=iterated_kfold",
    "iterated_kfold": "more protocol.repeats",
    "time_ordered": "more protocol.folds over a larger protocol.share",
    "spatial_blocks": "more protocol.folds",
}
"""Protocol -> what to type for one that hangs less on the luck of the validation rows."""


def stronger(protocol: str) -> str:
    """Return what to type for a stronger protocol."""
    return STRONGER.get(protocol, "protocol=iterated_kfold")


def judge_reliability(
    context: StepContext, development: Development, splits: Sequence[Split]
) -> None:
    """Find too few validation rows, with the stronger protocol to type; and unlike ones."""
    validated = np.unique(np.concatenate([valid for _, valid in splits]))
    _judge_number(context, len(np.unique(development.units[validated])), development)
    for number, (train, valid) in enumerate(splits[:MOST_FOLDS]):
        if _judge_likeness(context, development, number, train, valid):
            return


def _judge_number(context: StepContext, validated: int, development: Development) -> None:
    protocol, rows = context.recipe.protocol.name, len(np.unique(development.units))
    margin, whole = (_margin(n, context.recipe.workflow.confidence) for n in (validated, rows))
    advice = {
        "holdout": f"{STRONGER['holdout']} measures on all {rows}, to within {whole:.3f}, for five "
        "times the training",
        "kfold": f"{STRONGER['kfold']}, so that the score does not hang on one way to split",
    }.get(protocol, "")
    evidence = {"rows": validated, "margin": margin, "protocol": protocol}
    if validated < FEW_ROWS:
        context.find(
            "few-validation-rows",
            "warning",
            f"Scores are measured on {validated} rows: a share of {SHARE} of right answers is "
            f"known to within {margin:.3f}.",
            evidence=evidence,
            advice=f"Collect more rows{', or ' + advice if advice else ''}.",
            section="6.2.2",
        )
    elif (protocol == "holdout" and margin > 1.5 * whole and margin > 0.02) or (
        protocol == "kfold" and rows < LUCKY_ROWS
    ):
        context.find(
            "stronger-protocol",
            "advice",
            f"On {validated} validation rows a share of {SHARE} of right answers is known to "
            f"within {margin:.3f}. If that is too wide to choose by: {advice}.",
            evidence=evidence,
            advice="Choose the protocol before looking at scores, and keep to it.",
            section="6.2.2",
        )


def _margin(rows: int, confidence: float) -> float:
    low, high = wilson(SHARE * rows, rows, confidence)
    return (high - low) / 2


def _judge_likeness(
    context: StepContext, development: Development, number: int, train: Array, valid: Array
) -> bool:
    """Find the columns by which a fold's validation rows are unlike its training rows."""
    recipe = context.recipe
    found = parts_differ(
        development.frame.__getitem__,
        with_targets(development.schema, recipe.task, recipe.problem.time),
        development.weights,
        train,
        valid,
    )
    if not found:
        return False
    shown = "; ".join(
        f"{d.column}{'' if d.aspect == 'value' else f' ({d.aspect})'}: {d.words}" for d in found[:3]
    )
    context.find(
        "validation-unlike-training",
        "warning",
        f"The validation rows of fold {number + 1} are unlike those trained on: {shown}"
        + (f"; and {len(found) - 3} more" if len(found) > 3 else "")
        + ".",
        evidence={"fold": number, "differences": [d.evidence() for d in found[:20]]},
        advice="Where rows are split by time or by group, production may differ as much: expect "
        "scores that vary. Else split anew: workflow.seed=…, or protocol=kfold.",
        section="6.2.2",
    )
    return True
