"""Optuna within a run and across runs. Skipped where Optuna is not installed."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path

import pytest

pytest.importorskip("optuna", reason="Optuna is not installed: pip install optuna")

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra_plugins.mlrecipe_optuna.ranges import distribution_of
from mlrecipe_optuna import OptunaSearch

from mlrecipe.cli import main
from mlrecipe.component import Search
from mlrecipe.errors import MlrecipeError
from mlrecipe.interfaces import Asked, Trial
from mlrecipe.leaderboard import board_of
from mlrecipe.run_folder import Run
from mlrecipe.steps.searching import Journal, Others, carry_out_search
from mlrecipe.testing import check_component

SPACE = {
    "training.learning_rate": Search(1e-4, 1e-1, log=True),
    "architecture.units": Search(4, 64),
    "architecture.activation": Search(choices=("relu", "tanh")),
}


def attempt(asked: Sequence[Asked], others: Others) -> list[Trial]:
    """Judge by the distance to a learning rate of 0.01 and 32 units; more than 60 fail."""
    found = []
    for item in asked:
        off = abs(math.log10(item.overrides["training.learning_rate"]) + 2)
        off += abs(item.overrides["architecture.units"] - 32) / 32
        failed = item.overrides["architecture.units"] > 60
        found.append(
            Trial(0, item.overrides, None if failed else off, "too many" if failed else "")
        )
    return found


def test_conformance() -> None:
    check_component(OptunaSearch)


def test_it_comes_near_the_best_and_asks_the_same_again(tmp_path: Path) -> None:
    def searched(name: str) -> list[Trial]:
        oracle = OptunaSearch(trials=40).oracle(
            SPACE, greater_is_better=False, folder=tmp_path, seed=1
        )
        return carry_out_search(oracle, attempt, Journal(tmp_path / name), sign=-1)

    trials = searched("a")
    assert len(trials) == 40
    assert min(trial.score for trial in trials if trial.score is not None) < 0.3
    assert searched("b") == trials  # anew, to the same end
    assert searched("a") == trials  # from the journal


@pytest.mark.parametrize(
    ("line", "kind", "content"),
    [
        ("a.b=1,2,4", "Categorical", {"choices": (1, 2, 4)}),
        ("a.b=choice(relu,tanh)", "Categorical", {"choices": ("relu", "tanh")}),
        ("a.b=range(2,9,2)", "Int", {"low": 2, "high": 8, "step": 2}),
        ("a.b=interval(0,1)", "Float", {"low": 0.0, "high": 1.0, "log": False}),
        ("a.b=tag(log, interval(0.001,1))", "Float", {"low": 0.001, "log": True}),
        ("a.b=tag(int, log, interval(1,100))", "Int", {"low": 1, "high": 100, "log": True}),
    ],
)
def test_hydras_grammar_becomes_ranges(line: str, kind: str, content: dict[str, object]) -> None:
    (override,) = OverridesParser.create().parse_overrides([line])
    found = distribution_of(override)
    assert type(found).__name__ == f"{kind}Distribution"
    for name, value in content.items():
        assert getattr(found, name) == value


def test_what_cannot_be_searched_is_refused() -> None:
    (override,) = OverridesParser.create().parse_overrides(["a.b=glob(*)"])
    with pytest.raises(MlrecipeError, match="cannot be searched"):
        distribution_of(override)


@pytest.mark.slow
def test_a_sweep_is_led_by_scores_and_goes_on_after_a_stop(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def swept(trials: int) -> int:
        words = ["recipe=wine", "architecture=linear", "training.epochs=6", "tuner=none"]
        words += ["workflow.rungs=1", "checks=[]", "workflow.alternatives=[]"]
        words += ["workflow.waive.no-statistical-power=a test", "metric=[log_loss]"]
        words += ["hydra/sweeper=mlrecipe_optuna", f"hydra.sweeper.trials={trials}"]
        words += ["hydra.sweeper.startup=2", f"hydra.sweep.dir={tmp_path}", "--quiet"]
        words += ["training.learning_rate=tag(log, interval(0.0001, 0.1))"]
        return main(["run", "-m", *words])

    assert swept(2) == 0
    assert "mlrecipe finalize" in capsys.readouterr().out
    assert swept(5) == 0
    jobs = [Run(tmp_path / str(number)) for number in range(5)]
    assert all(job.step("tune") and not job.step("finalize") for job in jobs)
    assert not (tmp_path / "5").exists()
    board = board_of([tmp_path])
    rates = {entry.settings["training.learning_rate"] for entry in board.entries}
    assert len(rates) == 5
    assert all(1e-4 <= rate <= 1e-1 for rate in rates)
    lines = [json.loads(line) for line in (tmp_path / "study.log").read_text().splitlines()]
    assert lines
