"""The pages of the step `explain`: a report for stakeholders, and the model's card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from markupsafe import Markup

from mlrecipe.files import read_json
from mlrecipe.findings import Finding
from mlrecipe.recipe import STEP_NAMES, Recipe
from mlrecipe.reports.data_report import by_severity
from mlrecipe.reports.figures import Line, curves, intervals, scatter
from mlrecipe.reports.framing import ethics, framing
from mlrecipe.reports.pages import render
from mlrecipe.run_folder import Run


def report(
    run: Run,
    recipe: Recipe,
    decision: Mapping[str, Any],
    groups: Mapping[str, Any],
    found: Sequence[tuple[str, Finding]] = (),
) -> str:
    """Return the report as HTML, one page that asks nothing of the network.

    Args:
        run: the run, with the steps up to `finalize`.
        recipe: the settled recipe.
        decision: content of ``decision.json``.
        groups: content of ``groups.json``.
        found: findings of the step that writes the report.
    """
    results = _results(run)
    return render(
        "report.html",
        recipe=recipe,
        decision=decision,
        groups=groups,
        framing=framing(recipe, results["framed"]),
        ethics=ethics(recipe.problem),
        comparison=_comparison(results),
        curves=_curves(results),
        scatters=_scatters(run, recipe),
        findings=by_severity([*_earlier(run), *found]),
        waived=run.waived(),
        **results,
    )


def card(
    run: Run,
    recipe: Recipe,
    decision: Mapping[str, Any],
    groups: Mapping[str, Any],
    found: Sequence[tuple[str, Finding]] = (),
) -> str:
    """Return the model's card as Markdown (after Mitchell et al., 2019)."""
    results = _results(run)
    return render(
        "card.md",
        recipe=recipe,
        decision=decision,
        groups=groups,
        framing=framing(recipe, results["framed"]),
        ethics=ethics(recipe.problem),
        findings=[*_earlier(run), *found],
        waived=run.waived(),
        **results,
    )


def _earlier(run: Run) -> list[tuple[str, Finding]]:
    """Return the findings of the steps before the report: a rerun has older ones of later steps."""
    before = STEP_NAMES[: STEP_NAMES.index("explain")]
    return [(step, finding) for step, finding in run.findings() if step in before]


def shipped_section(variants: Mapping[str, Any], scores: Mapping[str, float]) -> str:
    """Return what the bundle's card adds: which variant is shipped, and what that one scores."""
    (variant,) = (v for v in variants["variants"] if v["name"] == variants["chosen"])
    return render("shipped.md", variant=variant, reason=variants["reason"], scores=scores)


def _results(run: Run) -> dict[str, Any]:
    """Return what the earlier steps measured."""
    found = {
        "framed": ("frame", "problem.json"),
        "collected": ("collect", "collect.json"),
        "choices": ("collect", "choices.json"),
        "protocol": ("protocol", "protocol.json"),
        "baselines": ("baseline", "baselines.json"),
        "power": ("power", "power.json"),
        "ladder": ("overfit", "ladder.json"),
        "tuned": ("tune", "tuned.json"),
        "final": ("finalize", "final.json"),
        "test": ("finalize", "test.json"),
    }
    return {key: read_json(run.artifact(step, name)) for key, (step, name) in found.items()}


def _comparison(results: Mapping[str, Any]) -> Markup:
    """Draw baselines, model and test beside each other, by the primary metric."""
    primary = results["protocol"]["primary"]
    rows = []
    for baseline in results["baselines"]["baselines"]:
        score = baseline["scores"][primary]
        rows.append((baseline["name"], score["mean"], score["low"], score["high"], "baseline"))
    for name, part in (("small model", "power"), ("tuned model", "tuned")):
        score = results[part]["scores"][primary]
        rows.append((name, score["mean"], score["low"], score["high"], "model"))
    score = results["test"]["scores"][primary]
    rows.append(("final, on test", score["value"], score["low"], score["high"], "test"))
    return intervals(rows, primary, f"{primary} of baselines, models and the final test")


def _curves(results: Mapping[str, Any]) -> list[tuple[Mapping[str, Any], Markup]]:
    """Draw the learning curves of every rung of the ladder."""
    drawn = []
    for rung in results["ladder"]["rungs"]:
        lines = [
            *(Line("training", values, "training") for values in rung["curves"]["loss"]),
            *(Line("validation", values, "validation") for values in rung["curves"]["val_loss"]),
        ]
        title = f"learning curves of the model with {rung['parameters']} parameters"
        drawn.append((rung, curves(lines, title, float(np.median(rung["best_epochs"])))))
    return drawn


def _scatters(run: Run, recipe: Recipe) -> list[Markup]:
    """Draw answers against the truth on the test rows, for every target of a regression."""
    if not recipe.task.regression:
        return []
    with np.load(run.artifact("finalize", "test_outputs.npz"), allow_pickle=False) as arrays:
        y, outputs = arrays["y"], arrays["outputs"]
    return [
        scatter(y[:, i].tolist(), outputs[:, i].tolist(), name, f"answers against true {name}")
        for i, name in enumerate(recipe.problem.target)
    ]
