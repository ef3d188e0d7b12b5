"""Step 6: trains a small model and compares it with the baselines: is there anything to learn?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mlrecipe.evaluation.answers import Answers, load_answers
from mlrecipe.files import read_json, write_json
from mlrecipe.steps.baseline import against_baselines
from mlrecipe.steps.context import StepContext
from mlrecipe.steps.development import Development
from mlrecipe.steps.verdict import EXISTING, existing_in_words


def run(context: StepContext) -> None:
    """Write ``power.json``; hold the run when a model learns nothing (book, 6.2.3)."""
    development = Development.of(context)
    small = next(context.recipe.architecture.sizes())
    result = development.look(replace(context.recipe, architecture=small))
    baselines = read_json(context.artifact("baseline", "baselines.json"))
    trivial = {row["name"]: row["trivial"] for row in baselines["baselines"]}
    outputs = load_answers(context.artifact("baseline", "outputs.npz"))
    against = against_baselines(development, result.answers)
    beats_trivial = all(against[name]["better"] for name in trivial if trivial[name])
    beats_all = all(comparison["better"] for comparison in against.values())
    scores = development.scores(result.answers)
    simple = "" if beats_trivial else _learning_baseline(development, outputs, baselines)
    _judge(context, beats_trivial, simple, against, baselines)
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
            "hypotheses": _hypotheses(context, beats_trivial, simple, against, baselines),
            "existing": words,
            "curves": result.curves(),
        },
    )


def _learning_baseline(
    development: Development,
    outputs: dict[str, Answers],
    baselines: dict[str, Any],
) -> str:
    """Return a baseline that learns from the inputs, where the small model did not; or ""."""
    best = outputs[baselines["best_trivial"]]
    for row in baselines["baselines"]:
        ours = outputs[row["name"]]
        if not row["trivial"] and development.compare(ours, best)["better"]:
            return str(row["name"])
    return ""


def _judge(
    context: StepContext,
    beats_trivial: bool,
    simple: str,
    against: dict[str, Any],
    baselines: dict[str, Any],
) -> None:
    name = baselines["best_trivial"]
    if simple:
        context.find(
            "network-without-power",
            "warning",
            f"A small model does not beat the baseline {name!r}, but {simple!r} does: the answer "
            "is in the data, the network does not find it.",
            evidence={**against[name], "learns": simple},
            advice=f"Expect no more than {simple!r} reaches: try architecture=linear, or leave "
            "columns out (problem.inputs) and collect more rows.",
            section="6.2.3",
        )
        return
    if not beats_trivial:
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
    context: StepContext,
    beats_trivial: bool,
    simple: str,
    against: dict[str, Any],
    baselines: dict[str, Any],
) -> list[dict[str, str]]:
    """Settle what `frame` opened, by whether inputs help to predict rows never seen."""
    name = baselines["best_trivial"]
    evidence = f"against {name!r}: {_in_words(against[name], baselines['primary'])}"
    if simple:
        evidence = f"{simple!r} beats {name!r}; a small model {evidence}"
    opened = read_json(context.artifact("frame", "problem.json"))["hypotheses"]
    state = "supported" if beats_trivial or simple else "open"
    if state == "open" and against[name]["high"] < 0:
        state = "refuted"
    return [{"statement": h["statement"], "state": state, "evidence": evidence} for h in opened]


def _in_words(comparison: dict[str, Any], metric: str) -> str:
    gain, low, high = comparison["difference"], comparison["low"], comparison["high"]
    word = "better"
    if gain < 0:
        word, gain, low, high = "worse", -gain, -high, -low
    return (
        f"{metric} is {word} by {gain:.4g} "
        f"({comparison['confidence']:.0%} interval {low:.4g} to {high:.4g})."
    )
