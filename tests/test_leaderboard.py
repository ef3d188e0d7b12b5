"""Runs beside one another: `mlrecipe compare`, its page, and the winner that is finalized."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

import mlrecipe
from mlrecipe.cli import main
from mlrecipe.errors import MlrecipeError
from mlrecipe.files import read_json
from mlrecipe.leaderboard import board_of, flat, varying
from mlrecipe.run_folder import Run

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), ""
)

WORDS = ("recipe=wine", "tuner=none", "workflow.rungs=1", "checks=[]", "compression=[none]")


@pytest.fixture(scope="module")
def sweep(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sweep of three jobs, the second of which learns too little."""
    folder = tmp_path_factory.mktemp("sweep")
    words = [*WORDS, "architecture=linear", "training.learning_rate=0.05,0.0001,0.02"]
    words += ["training.epochs=15", "workflow.alternatives=[]", f"hydra.sweep.dir={folder}"]
    words.append("workflow.waive.no-statistical-power=a test")
    assert main(["run", "-m", "--quiet", *words]) == 0
    return folder


def test_settings_are_told_by_what_differs() -> None:
    recipes = [
        {"name": "a", "architecture": {"name": "dense", "units": 8}, "seed": 1},
        {"name": "b", "architecture": {"name": "dense", "units": 16}, "seed": 1},
        {"name": "c", "architecture": {"name": "linear"}, "seed": 1},
    ]
    found = varying([flat(recipe) for recipe in recipes])
    assert found[0] == {"architecture": "dense", "architecture.units": 8}
    assert found[2] == {"architecture": "linear", "architecture.units": None}


@pytest.mark.slow
def test_runs_are_ranked_with_how_sure_that_is(
    sweep: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """R1: a leaderboard for any set of runs; unlike ones stand aside, with the reason."""
    other = mlrecipe.run(
        *WORDS,
        "architecture=linear",
        "training.epochs=5",
        "protocol=holdout",
        "workflow.waive.no-statistical-power=a test",
        path=sweep.parent / "other",
        until="tune",
    )
    capsys.readouterr()
    assert main(["compare", str(sweep), str(other.path), "--json"]) == 0
    board = json.loads(capsys.readouterr().out)
    scores = [run["score"]["mean"] for run in board["runs"]]
    assert scores == sorted(scores, reverse=True)
    assert [set(run["settings"]) for run in board["runs"]] == [{"training.learning_rate"}] * 3
    last = board["runs"][-1]
    assert last["settings"]["training.learning_rate"] == 0.0001
    assert 0 < last["behind"]["low"] <= last["behind"]["difference"]
    assert "its validation rows are others" in board["aside"][str(other.path)]
    monkeypatch.setenv("COLUMNS", "160")
    assert main(["compare", str(sweep)]) == 0
    shown = capsys.readouterr().out
    assert "learning_rate=0.0001" in shown
    assert re.search(r"The best is \d, with accuracy", shown)


@pytest.mark.slow
def test_jobs_of_a_sweep_share_what_is_the_same(sweep: Path) -> None:
    """R1: data is checked, looked at and split once; later jobs take it from the first."""
    taken = [
        {event["step"] for event in Run(sweep / name).events() if event["event"] == "step_taken"}
        for name in ("0", "1", "2")
    ]
    assert taken[0] == set()
    assert taken[1] == taken[2] == {"frame", "understand", "protocol", "baseline"}
    first, second = (Run(sweep / name).artifact("protocol", "splits.npz") for name in "01")
    assert first.samefile(second)


@pytest.mark.slow
def test_the_simplest_run_within_a_standard_error(sweep: Path) -> None:
    """R1: Breiman's rule takes the smaller of two that differ by luck alone."""
    board = board_of([sweep])
    assert board.simplest().behind is None or board.simplest() is not board.entries[-1]
    with pytest.raises(MlrecipeError, match="there is no run in"):
        board_of([sweep / "nowhere"])


@pytest.mark.slow
@pytest.mark.skipif(not CHROMIUM, reason="no Chromium is installed")
def test_the_page_sorts_by_a_click(sweep: Path, tmp_path: Path) -> None:
    page = tmp_path / "board.html"
    assert main(["compare", str(sweep), "--html", str(page)]) == 0
    text = page.read_text(encoding="utf-8")
    assert "http://" not in text.replace("http://www.w3.org", "")
    column = "th:nth-child(9) button"
    click = f'<script>document.querySelector("{column}").click()</script></body>'
    page.write_text(text.replace("</body>", click), encoding="utf-8")
    done = subprocess.run(
        [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", page.as_uri()],
        capture_output=True,
        text=True,
        timeout=60,
    )
    rates = re.findall(r'<td data-value="(0\.\d+)">0\.\d+</td>\s*</tr>', done.stdout)
    assert rates == ["0.0001", "0.02", "0.05"]
    assert 'aria-sort="ascending"' in done.stdout


@pytest.mark.slow
def test_the_winner_is_finalized_and_runs_that_cannot_be_compared_are_refused(
    sweep: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = mlrecipe.run(
        *WORDS,
        "architecture=linear",
        "training.epochs=5",
        "workflow.seed=5",
        "workflow.waive.no-statistical-power=a test",
        path=tmp_path / "other",
        until="tune",
    )
    assert main(["finalize", str(sweep), str(other.path), "--quiet"]) == 1
    assert "validation rows are others" in capsys.readouterr().err
    best = board_of([sweep]).entries[0].run
    assert main(["finalize", str(sweep), "--quiet"]) == 0
    assert f"finalized is {best.path}, of 3 runs" in capsys.readouterr().out
    assert best.step("ship")
    assert read_json(best.artifact("finalize", "test.json"))["openings"] == 1
