"""The ledger of looks and openings, the optimism of looks, the seal, the last training."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mlrecipe
from mlrecipe.cli import main
from mlrecipe.components.metric.probability import ROCAUC
from mlrecipe.errors import Blocked
from mlrecipe.evaluation.optimism import optimism, optimism_of
from mlrecipe.files import read_json
from mlrecipe.ledger import Ledger
from mlrecipe.run_folder import Run
from mlrecipe.steps.drop import judge_drop

WINE = ("recipe=wine", "architecture=dense", "tuner=none", "workflow.rungs=1", "checks=[]")


def test_the_ledger_is_safe_under_concurrency() -> None:
    """R2: processes that look at the same time lose no look, and count none twice."""
    code = (
        "import sys; from mlrecipe.ledger import Ledger\n"
        "for n in range(40): Ledger('data').record('look', {'n': n // int(sys.argv[1])}, score=n)"
    )
    workers = [subprocess.Popen([sys.executable, "-c", code, str(share)]) for share in (1, 2, 4, 5)]
    assert [worker.wait(60) for worker in workers] == [0, 0, 0, 0]
    assert Ledger("data").count("look") == 40
    assert Ledger("other").count("look") == 0


def test_a_line_that_a_kill_cut_off_loses_nothing_else() -> None:
    ledger = Ledger("data")
    ledger.record("look", {"n": 1}, score=0.5)
    with ledger.path.open("a") as file:
        file.write('{"id": "half a li')
    ledger.record("opening", {"n": 1}, run="here", reason="why not")
    ledger.record("opening", {"n": 1}, run="there")
    assert ledger.count("look") == 1
    (opening,) = ledger.entries("opening")
    assert (opening["run"], opening["reason"]) == ("here", "why not")
    assert ledger.has("opening", {"n": 1})
    assert not ledger.has("opening", {"n": 2})


def test_optimism_of_looks_that_are_all_alike_is_that_of_the_luckiest() -> None:
    """R2: thirty looks of equal worth, each with luck of its own, of a known size."""
    random = np.random.default_rng(0)
    estimates, gaps = [], []
    for _ in range(60):
        scores = random.normal(0.8, 0.03, 30)
        samples = scores[:, None] + random.normal(0, 0.03, (30, 100))
        estimates.append(optimism(scores, samples))
        gaps.append(scores.max() - 0.8)
    assert np.mean(estimates) == pytest.approx(np.mean(gaps), rel=0.15)


@settings(deadline=None)
@given(seed=st.integers(0, 1000), looks=st.integers(2, 20), shift=st.floats(-5, 5))
def test_luck_that_all_share_brings_no_optimism(seed: int, looks: int, shift: float) -> None:
    random = np.random.default_rng(seed)
    scores = random.normal(size=looks)
    samples = scores[:, None] + random.normal(0, 0.3, (looks, 100))
    found = optimism(scores, samples)
    assert found >= 0
    assert optimism(scores + shift, samples + shift) == pytest.approx(found, abs=1e-6)
    together = scores[:, None] + random.normal(0, 0.3, 100)
    assert optimism(scores, together) == pytest.approx(0, abs=1e-9)
    assert optimism(scores[:1], samples[:1]) == 0


def test_looks_at_other_rows_do_not_count_as_choices() -> None:
    draws = np.random.default_rng(1)

    def look(split: str, score: float) -> dict[str, Any]:
        samples = (score + draws.normal(0, 0.05, 100)).tolist()
        return {"split": split, "metric": "roc_auc", "score": score, "samples": samples}

    looks = [look("a", 0.8), look("a", 0.81), look("b", 0.9), {"kind": "look"}]
    assert optimism_of(looks, "a", "roc_auc", True) > 0
    assert optimism_of(looks, "b", "roc_auc", True) == 0
    assert optimism_of(looks, "a", "accuracy", True) == 0


@pytest.mark.parametrize(("test_score", "significant"), [(0.70, True), (0.88, False)])
def test_a_drop_counts_the_luck_of_both_sides(test_score: float, significant: bool) -> None:
    """L3: a significant drop names both causes and the stronger protocol."""
    draws = np.random.default_rng(2)
    found: list[Any] = []
    context: Any = SimpleNamespace(
        recipe=SimpleNamespace(
            workflow=SimpleNamespace(confidence=0.95), protocol=SimpleNamespace(name="holdout")
        ),
        find=lambda *words, **more: found.append((words, more)),
    )
    tuned = {"scores": {"roc_auc": {"mean": 0.9}}, "optimism": 0.05, "looks": 40}
    test, validation = (draws.normal(score, 0.04, 1000) for score in (test_score, 0.9))
    drop = judge_drop(context, ROCAUC(), test, test_score, validation, tuned)
    assert drop["significant"] == significant
    assert drop["high"] - drop["low"] == pytest.approx(2 * 1.96 * 0.04 * 2**0.5, rel=0.1)
    assert bool(found) == significant
    if significant:
        (code, _, message), more = found[0]
        assert code == "worse-than-validation"
        assert "was not reliable" in message
        assert "40 looks explain about 25%" in message
        assert "protocol=kfold" in more["advice"]


@pytest.mark.slow
def test_no_step_before_the_last_training_reads_the_sealed_rows(tmp_path: Path) -> None:
    """L2: all steps up to `tune` do without the file; only then it has to be there."""
    run = mlrecipe.run(*WINE, "training.epochs=5", path=tmp_path / "run", until="collect")
    sealed = run.artifact("collect", "test.sealed")
    sealed.rename(tmp_path / "away")
    run = mlrecipe.run(*WINE, "training.epochs=5", path=tmp_path / "run", until="tune")
    assert run.step("tune")
    with pytest.raises((OSError, mlrecipe.MlrecipeError)):
        mlrecipe.run(*WINE, "training.epochs=5", path=tmp_path / "run", until="finalize")
    (tmp_path / "away").rename(sealed)
    run = mlrecipe.run(*WINE, "training.epochs=5", path=tmp_path / "run", until="finalize")
    # L1: trained on all development rows, for as long as the folds found best.
    final = read_json(run.artifact("finalize", "final.json"))
    tuned = read_json(run.artifact("tune", "tuned.json"))
    assert final["rows"] == read_json(run.artifact("collect", "collect.json"))["development_rows"]
    assert final["epochs"] == round(np.median(tuned["best_epochs"]))


@pytest.mark.slow
def test_a_second_opening_takes_a_reason_and_is_told_for_ever(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """L2: each opening is recorded with time, run and reason; every later report shows them."""
    until = "workflow.until=explain"
    first = mlrecipe.run(*WINE, "training.epochs=5", until, path=tmp_path / "1")
    mlrecipe.run(*WINE, "training.epochs=5", until, path=tmp_path / "again")  # the same model
    words = (*WINE, "training.epochs=6", until)
    with pytest.raises(Blocked, match="opened before, for another configuration") as caught:
        mlrecipe.run(*words, path=tmp_path / "2")
    assert str(first.path) in str(caught.value)
    assert "workflow.waive.test-set-reopened" in caught.value.fix
    assert Run.open(tmp_path / "2").step("finalize") is None
    reason = "workflow.waive.test-set-reopened=the first model was withdrawn"
    second = mlrecipe.run(*words, reason, path=tmp_path / "2")
    test = read_json(second.artifact("finalize", "test.json"))
    assert (test["openings"], test["reason"]) == (2, "the first model was withdrawn")
    assert [item["run"] for item in test["other_openings"]] == [str(first.path)]
    report = second.artifact("explain", "report.html").read_text(encoding="utf-8")
    assert "the first model was withdrawn" in report
    assert str(first.path) in report
    assert main(["ledger", str(second.path)]) == 0
    shown = capsys.readouterr().out
    assert "2 looks at validation rows" in shown
    assert "2 openings of the test set" in shown
    assert "the first model was withdrawn" in shown


@pytest.mark.slow
@pytest.mark.parametrize(
    "change",
    [
        "problem.inputs=[alcohol,hue]",
        "problem.not_in_production=[proline]",
        "problem.gaps_in_production={hue: 0.3}",
        "problem.weight=proline",
    ],
)
def test_other_columns_or_rows_are_another_model(change: str, tmp_path: Path) -> None:
    """R2, L2: all that decides a score tells models apart, not the choice of architecture alone."""
    words = (*WINE, "training.epochs=2", "workflow.until=finalize")
    first = mlrecipe.run(*words, path=tmp_path / "1")
    fingerprint = read_json(first.artifact("collect", "collect.json"))["fingerprint"]
    looks = Ledger(fingerprint).count("look")
    with pytest.raises(Blocked, match="opened before, for another configuration"):
        mlrecipe.run(*words, change, path=tmp_path / "2")
    assert Ledger(fingerprint).count("look") > looks
    assert Ledger(fingerprint).count("opening") == 1


@pytest.mark.slow
def test_the_same_columns_in_other_words_are_the_same_model(tmp_path: Path) -> None:
    """R2: who names all inputs instead of none has not looked again."""
    words = (*WINE, "training.epochs=2", "workflow.until=finalize")
    first = mlrecipe.run(*words, path=tmp_path / "1")
    schema = read_json(first.artifact("collect", "schema.json"))
    inputs = ",".join(f"'{name}'" for name in schema["inputs"])
    second = mlrecipe.run(*words, f"problem.inputs=[{inputs}]", path=tmp_path / "2")
    assert read_json(second.artifact("finalize", "test.json"))["openings"] == 1


@pytest.mark.slow
def test_tuned_to_death_ends_in_the_finding(tmp_path: Path) -> None:
    """R2: many looks at few rows; the optimism is estimated, and a stronger protocol advised."""
    run = mlrecipe.run(
        "recipe=tuned_to_death",
        "tuner.trials=12",
        "workflow.looks=10",
        "training.epochs=10",
        "checks=[]",
        path=tmp_path / "run",
        until="finalize",
    )
    found = {finding.code: finding for _, finding in run.findings()}
    leak = found["validation-leak"]
    assert leak.severity == "warning"
    assert "protocol=kfold" in leak.advice
    assert 0.005 < leak.evidence["optimism"] < 0.15
    assert leak.evidence["looks"] >= 12
    tuned = read_json(run.artifact("tune", "tuned.json"))
    assert "seem better by about" in tuned["statement"]
    lines = run.artifact("tune", "trials.jsonl").read_text().splitlines()
    assert len({json.dumps(json.loads(line)["overrides"]) for line in lines}) == 12
