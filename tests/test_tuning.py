"""Searches: what is tried, what a kill or a failure costs, what the recipe may change."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

import mlrecipe
from mlrecipe.component import Search
from mlrecipe.composing import compose_recipe
from mlrecipe.errors import MlrecipeError, RecipeError
from mlrecipe.interfaces import Asked, Oracle, Trial
from mlrecipe.recipe import Recipe
from mlrecipe.registry import load_registry
from mlrecipe.steps.search_space import search_space
from mlrecipe.steps.searching import Attempt, Journal, Others, carry_out_search, hopeless

SPACE = {
    "training.learning_rate": Search(1e-4, 1e-1, log=True),
    "architecture.units": Search(4, 64),
    "architecture.activation": Search(choices=("relu", "tanh")),
}


def worth(overrides: Any) -> float:
    """Best at 0.01, 32 units and tanh, where it is 0."""
    off = abs(math.log10(overrides["training.learning_rate"]) + 2)
    off += abs(overrides["architecture.units"] - 32) / 32
    return -off - (overrides["architecture.activation"] == "relu")


def trying(judge: Callable[[Any], float] = worth, tried: list[Any] | None = None) -> Attempt:
    """Return an attempt that judges by a function, and keeps what it was asked."""

    def attempt(asked: Sequence[Asked], others: Others) -> list[Trial]:
        found = []
        for item in asked:
            if tried is not None:
                tried.append(dict(item.overrides))
            try:
                score = judge(item.overrides)
                found.append(Trial(0, item.overrides, score, budget=item.budget, folds=(score,)))
            except ValueError as error:
                found.append(Trial(0, item.overrides, None, str(error), item.budget))
        return found

    return attempt


def oracle_of(folder: Path, name: str, **fields: Any) -> Oracle:
    tuner: Any = load_registry().find("tuner", name)
    return tuner(**fields).oracle(SPACE, greater_is_better=True, folder=folder, seed=3)  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("name", "fields", "count", "least"),
    [
        ("random", {"trials": 30}, 30, -0.8),
        ("bayesian", {"trials": 20}, 20, -0.5),
        ("grid", {"places": 4}, 32, -0.7),
        ("grid", {"trials": 5}, 5, -9.0),
        ("hyperband", {"epochs": 9}, None, -1.2),
    ],
)
def test_every_tuner_comes_near_the_best(
    tmp_path: Path, name: str, fields: dict[str, Any], count: int | None, least: float
) -> None:
    """R1: random, Bayesian, Hyperband, grid; the same seed asks the same."""
    found = [
        carry_out_search(
            oracle_of(tmp_path / str(i), name, **fields),
            trying(),
            Journal(tmp_path / f"{i}.jsonl"),
            sign=1,
        )
        for i in range(2)
    ]
    assert found[0] == found[1]
    assert [trial.number for trial in found[0]] == list(range(len(found[0])))
    assert count is None or len(found[0]) == count
    complete = [trial.score for trial in found[0] if trial.complete and trial.score is not None]
    assert max(complete) >= least
    budgets = {trial.budget for trial in found[0]}
    assert (budgets == {1.0}) == (name != "hyperband")
    for trial in found[0]:
        assert 1e-4 <= trial.overrides["training.learning_rate"] <= 1e-1
        assert trial.overrides["architecture.units"] in range(4, 65)


@pytest.mark.parametrize("name", ["random", "bayesian", "grid", "hyperband"])
@pytest.mark.parametrize("at_once", [1, 3])
def test_a_killed_search_goes_on_and_loses_no_trial(
    tmp_path: Path, name: str, at_once: int
) -> None:
    """R1: what was tried is not tried again; the search comes to the same trials."""
    fields = {"epochs": 9} if name == "hyperband" else {"trials": 12}
    whole = carry_out_search(
        oracle_of(tmp_path / "whole", name, **fields),
        trying(),
        Journal(tmp_path / "whole.jsonl"),
        sign=1,
        at_once=at_once,
    )
    tried: list[Any] = []
    journal = Journal(tmp_path / "killed.jsonl")

    def killed(limit: int) -> Callable[[Any], float]:
        def judge(overrides: Any) -> float:
            if len(tried) > limit:
                tried.pop()
                raise KeyboardInterrupt
            return worth(overrides)

        return judge

    for limit in (3, 7):
        with pytest.raises(KeyboardInterrupt):
            carry_out_search(
                oracle_of(tmp_path / f"killed_{limit}", name, **fields),
                trying(killed(limit), tried),
                journal,
                sign=1,
                at_once=at_once,
            )
    with journal.path.open("a") as file:
        file.write('{"number": 7, "overr')
    resumed = carry_out_search(
        oracle_of(tmp_path / "again", name, **fields),
        trying(tried=tried),
        journal,
        sign=1,
        at_once=at_once,
    )
    assert resumed == whole
    if at_once == 1:  # of a batch that a kill cut off, all are tried again
        assert len(tried) == len(whole)


def test_failed_trials_are_recorded_and_not_fatal(tmp_path: Path) -> None:
    """R1: the search goes on; it ends when nothing but failures comes."""

    def judge(overrides: Any) -> float:
        if overrides["architecture.activation"] == "relu":
            raise ValueError("relu is out of order today")
        return worth(overrides)

    trials = carry_out_search(
        oracle_of(tmp_path / "a", "random", trials=12),
        trying(judge),
        Journal(tmp_path / "a.jsonl"),
        sign=1,
    )
    assert len(trials) == 12
    failed = [trial for trial in trials if trial.error]
    assert failed
    assert all(trial.error == "relu is out of order today" for trial in failed)
    assert {trial.score is None for trial in failed} == {True}

    def broken(overrides: Any) -> float:
        raise ValueError("no memory")

    with pytest.raises(MlrecipeError, match="5 trials in a row failed; the last one with: no mem"):
        carry_out_search(
            oracle_of(tmp_path / "b", "random", trials=12),
            trying(broken),
            Journal(tmp_path / "b.jsonl"),
            sign=1,
        )
    assert len(Journal(tmp_path / "b.jsonl").read()) == 5


def test_a_trial_behind_the_median_is_hopeless() -> None:
    """R1: Vizier's median rule, over the folds so far."""
    others = [[0.7, 0.9], [0.8, 0.8], [0.9, 0.7], [0.8, 0.8], [0.6, 0.9]]
    assert "after 1 of 2 folds" in hopeless([0.75], others)
    assert not hopeless([0.85], others)
    assert not hopeless([0.1], others[:4])  # too few to tell
    assert not hopeless([0.1, 0.1], others)  # it is complete


def recipe_with(*words: str) -> Recipe:
    return compose_recipe(["recipe=wine", "architecture=dense", *words], load_registry())[0]


def test_the_space_falls_out_of_the_fields_and_can_be_edited() -> None:
    """R1: ranges are declared once, with the field; fixed settings are not searched."""
    plain = search_space(recipe_with("tuner=random"))
    assert plain["training.learning_rate"].log
    assert "architecture.units" in plain
    edited = search_space(
        recipe_with(
            "tuner=random",
            "architecture.units=16",
            "tuner.space={training.learning_rate: {low: 0.001, high: 0.01, log: true}, "
            "architecture.dropout: [0.0, 0.5], architecture.l2: null}",
        )
    )
    assert edited["training.learning_rate"] == Search(0.001, 0.01, log=True)
    assert edited["architecture.dropout"] == Search(choices=(0.0, 0.5))
    assert not {"architecture.units", "architecture.l2"} & set(edited)


@pytest.mark.parametrize(
    ("space", "message"),
    [
        ("{architecture.dropuot: [0.1]}", "did you mean 'dropout'"),
        ("{archtecture.dropout: [0.1]}", "did you mean 'architecture'"),
        ("{architecture.dropout: {low: 0.5, high: 0.1}}", "low 0.5 is not below high 0.1"),
        ("{training.learning_rate: {low: 0, high: 1, log: true}}", "cannot begin at 0"),
        ("{architecture.dropout: 0.3}", "0.3 is no range"),
    ],
)
def test_a_space_that_cannot_be_searched_is_refused(space: str, message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        recipe_with("tuner=random", f"tuner.space={space}")


@pytest.mark.slow
def test_trials_side_by_side_are_those_of_one_after_the_other(tmp_path: Path) -> None:
    """R1: parallel trials; each is in the ledger, and the winner is the same."""
    words = ("recipe=wine", "architecture=linear", "training.epochs=8", "workflow.rungs=1")
    words += ("tuner=random", "tuner.trials=4", "tuner.stop_hopeless=false", "checks=[]")
    words += ("workflow.waive.no-statistical-power=a test", "workflow.alternatives=[]")
    words += ("protocol=kfold", "protocol.folds=3")
    runs = [
        mlrecipe.run(*words, f"tuner.workers={n}", path=tmp_path / str(n), until="tune")
        for n in (1, 2)
    ]
    lines = [
        [json.loads(line) for line in run.artifact("tune", "trials.jsonl").read_text().splitlines()]
        for run in runs
    ]
    assert [line["overrides"] for line in lines[0]] == [line["overrides"] for line in lines[1]]
    for one, two in zip(*lines, strict=True):
        assert one["folds"] == pytest.approx(two["folds"], abs=1e-6)
    best = [run.artifact("tune", "best.yaml").read_text() for run in runs]
    assert best[0] == best[1]
