"""Step 8: searches for better settings, from the rung that the ladder took on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import yaml

from mlrecipe.component import Search
from mlrecipe.evaluation.answers import save_answers
from mlrecipe.evaluation.validation import medians
from mlrecipe.files import read_json, write_json, write_text
from mlrecipe.interfaces import Trial
from mlrecipe.recipe import Recipe
from mlrecipe.recipe.parsing import parse_recipe
from mlrecipe.steps.baseline import against_baselines
from mlrecipe.steps.context import TUNED_GROUPS, StepContext
from mlrecipe.steps.development import Development
from mlrecipe.steps.reliability import stronger
from mlrecipe.steps.search_space import search_space, with_overrides
from mlrecipe.steps.searching import Journal, carry_out_search
from mlrecipe.steps.trying import Trying


def run(context: StepContext) -> None:
    """Write the trials, the winner as an overlay, and the recipe that `finalize` trains."""
    development = Development.of(context)
    start = _from_ladder(context)
    primary = development.primary
    space = search_space(context.recipe)
    trials = _search(development, start, space, context) if space else []
    best = _best(development, start, trials, context)
    tuned = with_overrides(start, best, context.registry)
    result = development.look(tuned)
    looks = development.ledger.count("look")
    scores = development.scores(result.answers)
    optimism = development.optimism()
    text = _statement(trials, best, scores[primary.name]["mean"], primary.name, looks, optimism)
    if looks >= context.recipe.workflow.looks:
        _tell_leak(context, looks, optimism, primary.name)
    lines = [json.dumps(asdict(trial), sort_keys=True) for trial in trials]
    write_text(context.folder / "trials.jsonl", "".join(f"{line}\n" for line in lines))
    write_text(context.folder / "best.yaml", _overlay(tuned))
    write_json(context.folder / "components.json", tuned.choices(TUNED_GROUPS))
    write_json(
        context.folder / "tuned.json",
        {
            "trials": len(trials),
            "scores": scores,
            "against": against_baselines(development, result.answers),
            "best_epochs": result.best_epochs,
            "found": medians(result.found),
            "looks": looks,
            "optimism": optimism,
            "statement": text,
        },
    )
    save_answers(context.folder / "outputs.npz", {"tuned": result.answers})
    development.forget_looks()


def _search(
    development: Development, start: Recipe, space: dict[str, Search], context: StepContext
) -> list[Trial]:
    """Carry out the tuner's search; a killed one goes on where it stopped."""
    tuner, greater = context.recipe.tuner, development.primary.greater_is_better
    oracle = tuner.oracle(
        space, greater_is_better=greater, folder=context.work / "oracle", seed=context.seed
    )
    trying = Trying(development, start, stop_hopeless=tuner.stop_hopeless)
    trials = carry_out_search(
        oracle,
        trying.attempt if tuner.workers == 1 else trying.side_by_side(tuner.workers),
        Journal(context.work / "trials.jsonl"),
        sign=1 if greater else -1,
        at_once=tuner.workers,
    )
    failed = [trial for trial in trials if trial.error]
    if failed:
        context.find(
            "trials-failed",
            "advice",
            f"{len(failed)} of {len(trials)} trials failed; the first with: {failed[0].error}",
            evidence={"trials": [trial.number for trial in failed]},
            advice="See trials.jsonl; leave out what cannot work: tuner.space.",
            section="6.2.5",
        )
    return trials


def _tell_leak(context: StepContext, looks: int, optimism: float, metric: str) -> None:
    """Say that so many looks have fitted the settings to the validation rows (book, 6.2.2)."""
    context.find(
        "validation-leak",
        "warning",
        f"This data's validation rows were looked at {looks} times, by all runs of it. Each look "
        f"fits the settings to them a little: the best {metric} is likely to be better by "
        f"{optimism:.2g} than what it is worth.",
        evidence={"looks": looks, "optimism": optimism, "budget": context.recipe.workflow.looks},
        advice=f"Believe the test set alone. For further looks, a stronger protocol: "
        f"{stronger(context.recipe.protocol.name)}; or fewer trials (tuner.trials=…).",
        section="6.2.2",
    )


def _from_ladder(context: StepContext) -> Recipe:
    """Return the recipe with the architecture and the training of the rung that was taken."""
    ladder = read_json(context.artifact("overfit", "ladder.json"))
    mapping = context.recipe.mapping()
    rung = ladder["rungs"][ladder["taken_rung"]]
    mapping.update({group: rung[group] for group in ("architecture", "training")})
    return parse_recipe(mapping, context.registry)


def _best(
    development: Development, start: Recipe, trials: list[Trial], context: StepContext
) -> Mapping[str, Any]:
    """Return the overrides of the best trial, or none when the ladder's rung stays ahead."""
    primary = development.primary
    sign = 1 if primary.greater_is_better else -1
    ladder = read_json(context.artifact("overfit", "ladder.json"))
    rung = ladder["rungs"][ladder["taken_rung"]]["scores"][primary.name]["mean"]
    best: tuple[float, Mapping[str, Any]] = (sign * rung, {})
    for trial in trials:
        if trial.complete and trial.score is not None and sign * trial.score > best[0]:
            best = (sign * trial.score, trial.overrides)
    return best[1]


def _overlay(tuned: Recipe) -> str:
    """Return the winner's settings as a recipe that overrides another."""
    settings = {group: tuned.section(group) for group in TUNED_GROUPS}
    defaults = [{f"override /{group}": fields.pop("name")} for group, fields in settings.items()]
    body = {"defaults": [*defaults, "_self_"], **settings}
    text = yaml.safe_dump(body, sort_keys=False, allow_unicode=True)
    return "# @package _global_\n# The settings that the step `tune` found best.\n" + text


def _statement(
    trials: list[Trial],
    best: Mapping[str, Any],
    score: float,
    metric: str,
    looks: int,
    optimism: float,
) -> str:
    stopped = sum(bool(trial.stopped) for trial in trials)
    ended = f" {stopped} were ended early, as hopeless." if stopped else ""
    if not trials:
        text = f"Nothing was searched: the ladder's rung stands, with {metric} {score:.4g}."
    elif best:
        text = f"The best of {len(trials)} trials reaches {metric} {score:.4g}."
    else:
        text = f"None of {len(trials)} trials beats the best rung, with {metric} {score:.4g}."
    times = "once" if looks == 1 else f"{looks} times"
    seems = f", which makes the best one seem better by about {optimism:.2g}" if optimism else ""
    return f"{text}{ended} The validation rows of this data were looked at {times} so far{seems}."
