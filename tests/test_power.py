"""Statistical power: is there anything to learn? Several architectures are asked before "no"."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mlrecipe
from mlrecipe.errors import Blocked, MlrecipeError
from mlrecipe.files import read_json
from mlrecipe.run_folder import Run


def power_of(folder: Path, *words: str) -> tuple[dict[str, Any], dict[str, Any], bool]:
    """Return power.json, the findings by code, and whether a gate held the run."""
    held = False
    try:
        mlrecipe.run(*words, path=folder / "run", until="power")
    except Blocked:
        held = True
    run = Run.open(folder / "run")
    found = {finding.code: finding for _, finding in run.findings()}
    return read_json(run.artifact("power", "power.json")), found, held


def from_table(folder: Path, frame: pd.DataFrame) -> tuple[str, ...]:
    frame.to_csv(folder / "rows.csv", index=False)
    return ("recipe=csv", f"source.path={folder / 'rows.csv'}", "problem.target=y", "checks=[]")


@pytest.mark.slow
def test_the_history_of_prices_does_not_tell_the_next_move(tmp_path: Path) -> None:
    """B2, F5: the run ends with the verdict, its evidence, the reasons, and what to try."""
    power, found, held = power_of(tmp_path, "recipe=stock_prices", "checks=[]")
    assert held
    verdict = found["no-statistical-power"]
    assert verdict.message.startswith("None of 3 architectures (blend, dense, linear) beats")
    assert len(power["tried"]) == 3
    assert all(not t["against"]["majority"]["better"] for t in power["tried"])
    assert 0.01 < verdict.evidence["visible"] < 0.05
    assert "workflow.alternatives" in verdict.advice
    assert [h["state"] for h in power["hypotheses"]] == ["open", "rejected"]


@pytest.mark.slow
def test_a_weak_signal_that_is_real_is_found(tmp_path: Path) -> None:
    """B2: a sixth of each day's return carries on to the next: the gate lets pass."""
    words = ("recipe=stock_prices", "source.flawed=false", "checks=[]")
    power, found, held = power_of(tmp_path, *words)
    assert not held
    assert "no-statistical-power" not in found
    assert power["scores"]["roc_auc"]["mean"] < 0.6
    assert [h["state"] for h in power["hypotheses"]] == ["supported", "supported"]


@pytest.mark.slow
def test_digits_with_shuffled_labels_end_at_the_gate(tmp_path: Path) -> None:
    """B2: nothing in the pixels tells a label that was drawn by lot."""
    from sklearn.datasets import load_digits

    pixels, labels = load_digits(return_X_y=True)
    frame = pd.DataFrame(pixels, columns=[f"p{i}" for i in range(64)])
    frame["y"] = np.random.default_rng(0).permutation(labels)
    words = ("task=multiclass", "architecture=dense", "training.epochs=10", "protocol=holdout")
    power, _, held = power_of(tmp_path, *from_table(tmp_path, frame), *words)
    assert held
    assert len(power["tried"]) == 3
    frame["y"] = labels
    (tmp_path / "true").mkdir()
    words = (*from_table(tmp_path, frame), *words)
    power, _, held = power_of(tmp_path / "true", *words)
    assert not held
    assert len(power["tried"]) == 1


@pytest.mark.slow
def test_another_architecture_may_find_what_the_chosen_one_does_not(tmp_path: Path) -> None:
    """B2: a weighted sum cannot tell whether two signs agree; trees can, and the run goes on."""
    draws = np.random.default_rng(1)
    frame = pd.DataFrame(draws.normal(size=(600, 2)), columns=["a", "b"])
    frame["y"] = np.where((frame.a > 0) == (frame.b > 0), "same", "other")
    words = (*from_table(tmp_path, frame), "architecture=linear", "training.epochs=20")
    power, found, held = power_of(tmp_path, *words, "baseline=[majority]")
    assert not held
    assert found["architecture-without-power"].advice == "architecture=boosted_trees"
    assert [t["architecture"]["name"] for t in power["tried"]][-1] == "boosted_trees"
    assert not power["beats_trivial"]
    assert {h["state"] for h in power["hypotheses"]} == {"supported"}


def test_a_misspelt_alternative_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MlrecipeError, match="did you mean 'boosted_trees'"):
        mlrecipe.run(
            "recipe=wine",
            "workflow.alternatives=[bosted_trees]",
            path=tmp_path / "run",
            until="frame",
        )


@pytest.mark.slow
def test_what_one_step_looked_at_is_not_trained_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The small model of `power` is the first rung of `overfit`, and here the winner of `tune`."""
    from mlrecipe.steps import development

    trained = []
    validate = development.validate

    def counted(*args: Any, **kwargs: Any) -> Any:
        trained.append(args[1].architecture)
        return validate(*args, **kwargs)

    monkeypatch.setattr(development, "validate", counted)
    words = ("recipe=wine", "architecture=dense", "architecture.units=8", "architecture.layers=1")
    words += ("training.epochs=5", "tuner=none", "workflow.rungs=1")
    run = mlrecipe.run(*words, path=tmp_path / "run", until="tune")
    assert len(trained) == 1
    rung = read_json(run.artifact("overfit", "ladder.json"))["rungs"][0]
    power = read_json(run.artifact("power", "power.json"))
    for metric, score in rung["scores"].items():
        assert score["folds"] == power["scores"][metric]["folds"]


@pytest.mark.slow
def test_without_a_baseline_that_ignores_the_inputs_nothing_is_settled(tmp_path: Path) -> None:
    """F5: the hypotheses stay open, and the evidence says what would settle them."""
    words = ("recipe=wine", "architecture=linear", "training.epochs=5", "baseline=[linear]")
    power, found, held = power_of(tmp_path, *words, "checks=[]")
    assert not held
    assert "no-statistical-power" not in found
    assert {h["state"] for h in power["hypotheses"]} == {"open"}
    assert "baseline=[auto]" in power["hypotheses"][0]["evidence"]


@pytest.mark.slow
def test_of_rungs_that_are_as_good_the_smallest_is_taken(tmp_path: Path) -> None:
    """S1: and the recipe may ask for the best one all the same."""
    words = ("recipe=breast_cancer", "tuner=none", "checks=[]")
    taken = {}
    for simplest in ("true", "false"):
        run = mlrecipe.run(
            *words, f"workflow.simplest={simplest}", path=tmp_path / simplest, until="tune"
        )
        ladder = read_json(run.artifact("overfit", "ladder.json"))
        scores = [rung["scores"]["roc_auc"]["mean"] for rung in ladder["rungs"]]
        assert ladder["best_rung"] == scores.index(max(scores))
        taken[simplest] = ladder["taken_rung"]
        tuned = read_json(run.artifact("tune", "tuned.json"))["scores"]["roc_auc"]["mean"]
        assert tuned == pytest.approx(scores[ladder["taken_rung"]])
    assert taken["false"] == ladder["best_rung"] > 0
    assert taken["true"] < taken["false"]
