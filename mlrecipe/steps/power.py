"""Step 6: trains a small model and compares it with the baselines: is there anything to learn?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from mlrecipe.evaluation.scores import compare
from mlrecipe.files import read_json, write_json
from mlrecipe.steps.context import StepContext
from mlrecipe.steps.development import Development
from mlrecipe.steps.verdict import EXISTING, existing_in_words


def run(context: StepContext) -> None:
    """Write ``power.json``; hold the run when a model learns nothing (book, 6.2.3)."""
    development = Development.of(context)
    small = next(context.recipe.architecture.sizes())
    result = development.look(replace(context.recipe, architecture=small))
    baselines = read_json(context.artifact("baseline", "baselines.json"))
    with np.load(context.artifact("baseline", "outputs.npz"), allow_pickle=False) as outputs:
        against = {
            row["name"]: compare(
                development.primary,
                development.y,
                result.outputs,
                outputs[row["name"]],
                development.validation_rows,
                weights=development.weights,
                confidence=context.recipe.workflow.confidence,
                seed=context.seed,
            )
            for row in baselines["baselines"]
        }
    trivial = [row["name"] for row in baselines["baselines"] if row["trivial"]]
    beats_trivial = all(against[name]["better"] for name in trivial)
    beats_all = all(comparison["better"] for comparison in against.values())
    scores = development.scores(result.outputs)
    _judge(context, beats_trivial, against, baselines)
    existing = against.get(EXISTING)
    words = existing and existing_in_words(existing, baselines["primary"], "A small model")
    write_json(
        context.folder / "power.json",
        {
            "architecture": small.mapping(),
            "parameters": result.parameters,
            "scores": scores,
            "against": against,
            "beats_trivial": beats_trivial,
            "beats_all": beats_all,
            "existing": words,
            "hypotheses": _hypotheses(context, beats_trivial, against, baselines),
            "curves": result.curves(),
        },
    )


def _judge(
    context: StepContext, beats_trivial: bool, against: dict[str, Any], baselines: dict[str, Any]
) -> None:
    if not beats_trivial:
        name = baselines["best_trivial"]
        context.find(
            "no-statistical-power",
            "blocker",
            f"A small model does not beat the baseline {name!r}, which ignores the inputs: "
            + _in_words(against[name], baselines["primary"]),
            evidence=against[name],
            advice="Check the targets and the preparation; try another architecture. If several "
            "fail, the answer may not be in the data.",
            section="6.2.3",
        )
        return
    losers = [
        row["name"]
        for row in baselines["baselines"]
        if not row["trivial"] and not against[row["name"]]["better"]
    ]
    for name in losers:
        context.find(
            "no-better-than-simple",
            "note",
            existing_in_words(against[name], baselines["primary"], "A small model")
            if name == EXISTING
            else f"A small model is not clearly better than the baseline {name!r}: "
            + _in_words(against[name], baselines["primary"]),
            evidence=against[name],
            advice="If larger models do not change this, prefer the simple one.",
            section="6.2.3",
        )


def _hypotheses(
    context: StepContext, beats_trivial: bool, against: dict[str, Any], baselines: dict[str, Any]
) -> list[dict[str, str]]:
    """Settle what `frame` opened, by whether inputs help to predict rows never seen."""
    name = baselines["best_trivial"]
    evidence = f"against {name!r}: {_in_words(against[name], baselines['primary'])}"
    opened = read_json(context.artifact("frame", "problem.json"))["hypotheses"]
    state = "supported" if beats_trivial else "open"
    if not beats_trivial and against[name]["high"] < 0:
        state = "refuted"
    return [{"statement": h["statement"], "state": state, "evidence": evidence} for h in opened]


def _in_words(comparison: dict[str, Any], metric: str) -> str:
    return (
        f"{metric} is better by {comparison['difference']:.4g} "
        f"({comparison['confidence']:.0%} interval {comparison['low']:.4g} "
        f"to {comparison['high']:.4g})."
    )
