"""Step 6: trains small models and compares them with the baselines: is there anything to learn?"""

from __future__ import annotations

from typing import Any

from mlrecipe.evaluation.answers import Answers, load_answers
from mlrecipe.evaluation.scores import level_of_each
from mlrecipe.files import read_json, write_json
from mlrecipe.steps.attempts import Attempt, Gate, alternatives
from mlrecipe.steps.baseline import against_baselines
from mlrecipe.steps.context import StepContext
from mlrecipe.steps.development import Development
from mlrecipe.steps.verdict import EXISTING, existing_in_words


def run(context: StepContext) -> None:
    """Write ``power.json``; hold the run when no architecture learns anything (book, 6.2.3).

    The recipe's own architecture is tried first; where it does not beat the answers that ignore the
    inputs, baselines that learn are asked, then other architectures. Since the best of several is
    looked for, each is judged at a level that keeps the whole at ``workflow.confidence``.
    """
    development = Development.of(context)
    baselines = read_json(context.artifact("baseline", "baselines.json"))
    answers = load_answers(context.artifact("baseline", "outputs.npz"))
    trivial = [row["name"] for row in baselines["baselines"] if row["trivial"]]
    learning = [name for name in answers if name not in (*trivial, EXISTING)]
    others = alternatives(context, development)
    level = level_of_each(context.recipe.workflow.confidence, 1 + len(learning) + len(others))
    gate = Gate(development, {name: answers[name] for name in trivial}, level)
    tried = [gate.attempt(context.recipe)]
    simple = "" if tried[0].learns else _which_learns(gate, {n: answers[n] for n in learning})
    while others and not simple and not tried[-1].learns:
        tried.append(gate.attempt(others.pop(0)))
    own, last = tried[0], tried[-1]
    against = against_baselines(development, own.result.answers)
    if own.learns:
        _tell_no_better_than_simple(context, against, baselines)
    elif simple:
        _tell_what_learns(context, own.against, simple, baselines)
    elif last.learns:
        _tell_what_learns(context, own.against, last.architecture.name, baselines, last)
    else:
        _hold(context, tried, baselines, level)
    learns = simple or (last.architecture.name if last.learns else "")
    existing = against.get(EXISTING)
    write_json(
        context.folder / "power.json",
        {
            "architecture": own.architecture.mapping(),
            "parameters": own.result.parameters,
            "scores": development.scores(own.result.answers),
            "against": against,
            "beats_trivial": own.learns,
            "beats_all": own.learns and all(c["better"] for c in against.values()),
            "level": level,
            "tried": [_as_row(development, item) for item in tried],
            "hypotheses": _hypotheses(context, learns, tried, baselines),
            "existing": existing
            and existing_in_words(existing, baselines["primary"], "A small model"),
            "curves": own.result.curves(),
        },
    )


def _which_learns(gate: Gate, learning: dict[str, Answers]) -> str:
    """Return a baseline that learns from the inputs, and beats those that ignore them; or ""."""
    for name, answers in learning.items():
        if all(comparison["better"] for comparison in gate.against(answers).values()):
            return name
    return ""


def _as_row(development: Development, item: Attempt) -> dict[str, Any]:
    return {
        "architecture": item.architecture.mapping(),
        "parameters": item.result.parameters,
        "scores": development.scores(item.result.answers),
        "against": item.against,
    }


def _tell_what_learns(
    context: StepContext,
    against: dict[str, Any],
    learns: str,
    baselines: dict[str, Any],
    other: Attempt | None = None,
) -> None:
    """Say that the answer is in the data, though the recipe's architecture does not find it."""
    name = baselines["best_trivial"]
    advice = (
        f"architecture={learns}"
        if other
        else f"Expect no more than {learns!r} reaches: try architecture=linear, or leave columns "
        "out (problem.inputs) and collect more rows."
    )
    found = other.against[name] if other else against[name]
    context.find(
        "architecture-without-power" if other else "network-without-power",
        "warning",
        f"A small model ({context.recipe.architecture.name}) does not beat the baseline {name!r}, "
        f"but {learns!r} does: the answer is in the data, this architecture does not find it.",
        evidence={**found, "learns": learns},
        advice=advice,
        section="6.2.3",
    )


def _hold(
    context: StepContext, tried: list[Attempt], baselines: dict[str, Any], level: float
) -> None:
    """End the run: nothing was found to learn; say with what evidence, why, and what to try."""
    name, metric = baselines["best_trivial"], baselines["primary"]
    best = max(tried, key=lambda item: item.against[name]["difference"])
    comparison = best.against[name]
    names = ", ".join(item.architecture.name for item in tried)
    which = (
        f"None of {len(tried)} architectures ({names}) beats"
        if len(tried) > 1
        else (f"A small model ({names}) does not beat")
    )
    whose = f"; the best is {best.architecture.name}, whose" if len(tried) > 1 else ": its"
    visible = (comparison["high"] - comparison["low"]) / 2
    context.find(
        "no-statistical-power",
        "blocker",
        f"{which} the baseline {name!r}, which ignores the inputs{whose} "
        + _in_words(comparison, metric),
        evidence={
            **comparison,
            "tried": {item.architecture.name: item.against[name] for item in tried},
            "level": level,
            "visible": visible,
        },
        advice="Either the answer is not in these inputs, or these rows are too few to show it: a "
        f"lead of about {visible:.2g} in {metric} would have been seen. First see that targets and "
        "preparation are right (03_understand/data_report.html). Then try other inputs, more rows, "
        "another question, or further architectures (workflow.alternatives=[…]).",
        section="6.2.3",
    )


def _tell_no_better_than_simple(
    context: StepContext, against: dict[str, Any], baselines: dict[str, Any]
) -> None:
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
            else f"A small model is not clearly better than the baseline {name!r}: its "
            + _in_words(against[name], baselines["primary"]),
            evidence=against[name],
            advice="If larger models do not change this, prefer the simple one.",
            section="6.2.3",
        )


def _hypotheses(
    context: StepContext, learns: str, tried: list[Attempt], baselines: dict[str, Any]
) -> list[dict[str, str]]:
    """Settle what `frame` opened, by whether inputs help to predict rows never seen.

    What learns supports both. If nothing does, these data are not informative enough; whether the
    target can be predicted at all stays open, since other inputs or more rows might show it.
    """
    opened = read_json(context.artifact("frame", "problem.json"))["hypotheses"]
    if not tried[0].against:
        evidence = "no baseline ignores the inputs (baseline=[auto] brings one)"
        return [{**item, "evidence": evidence} for item in opened]
    name = baselines["best_trivial"]
    best = max(tried, key=lambda item: item.against[name]["difference"])
    told = _in_words(best.against[name], baselines["primary"])
    evidence = f"{best.architecture.name} against {name!r}: {told}"
    if learns and learns != best.architecture.name:
        evidence = f"{learns!r} beats {name!r}; {evidence}"
    states = ["supported", "supported"] if learns else ["open", "rejected"]
    return [
        {"statement": item["statement"], "state": state, "evidence": evidence}
        for item, state in zip(opened, states, strict=True)
    ]


def _in_words(comparison: dict[str, Any], metric: str) -> str:
    gain, low, high = comparison["difference"], comparison["low"], comparison["high"]
    word = "better"
    if gain < 0:
        word, gain, low, high = "worse", -gain, -high, -low
    return (
        f"{metric} is {word} by {gain:.4g} "
        f"({comparison['confidence']:.0%} interval {low:.4g} to {high:.4g})."
    )
