"""A killed run loses nothing: resumed, it leaves what an undisturbed one leaves."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import mlrecipe
from mlrecipe.recipe import STEP_NAMES

QUICK = (
    "recipe=wine",
    "training.epochs=12",
    "workflow.rungs=2",
    "tuner.trials=3",
    "compression=[int8]",
)

DIFFERS = {"latency.json", "events.jsonl", "run.json", "lock", "step.json", "model.keras"}
"""Holds measured times, or the date of saving."""


def start(folder: Path, *words: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "MLRECIPE_HOME": str(folder.parent / f"home_{folder.name}")}
    command = [sys.executable, "-m", "mlrecipe", *words, "--plain"]
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def run(folder: Path, *words: str) -> str:
    process = start(folder, *words)
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 0, output
    return output


def content(folder: Path) -> dict[str, object]:
    """Return what each artifact says; arrays by their numbers, the rest by a hash of the bytes."""
    found: dict[str, object] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        inside = "saved_model" in name or name.startswith("work/")
        if path.is_dir() or path.name in DIFFERS or inside:
            continue
        if path.suffix == ".npz":
            with np.load(path) as arrays:
                found[name] = {key: arrays[key].tobytes() for key in arrays.files}
        elif path.name == "manifest.json":
            manifest = json.loads(path.read_text())
            found[name] = {k: v for k, v in manifest.items() if k != "files"}
        else:
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def kill_after(folder: Path, words: tuple[str, ...], event: str, step: str, delay: float) -> None:
    """Start a run and kill -9 it some time after an event of a step."""
    process = start(folder, *words)
    limit = time.monotonic() + 120
    while time.monotonic() < limit and process.poll() is None:
        log = folder / "events.jsonl"
        lines = log.read_text().splitlines() if log.exists() else []
        if any(f'"{event}"' in line and f'"{step}"' in line for line in lines):
            break
        time.sleep(0.01)
    time.sleep(delay)
    process.send_signal(signal.SIGKILL)
    process.wait()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    folder = tmp_path_factory.mktemp("undisturbed") / "run"
    run(folder, "run", *QUICK, f"hydra.run.dir={folder}")
    return content(folder)


@pytest.mark.slow
def test_killed_again_and_again(undisturbed: dict[str, object], tmp_path: Path) -> None:
    folder = tmp_path / "run"
    first = ("run", *QUICK, f"hydra.run.dir={folder}")
    again = ("resume", str(folder))
    kill_after(folder, first, "step_started", "collect", 0.05)
    kill_after(folder, again, "step_started", "power", 1.5)
    kill_after(folder, again, "step_started", "overfit", 1.0)
    kill_after(folder, again, "step_started", "tune", 2.0)
    kill_after(folder, again, "step_finished", "tune", 0.3)
    kill_after(folder, again, "step_started", "optimize", 1.0)
    kill_after(folder, again, "step_started", "ship", 0.2)
    run(folder, *again)
    resumed = content(folder)
    assert resumed.keys() == undisturbed.keys()
    assert [name for name in resumed if resumed[name] != undisturbed[name]] == []


@pytest.mark.slow
def test_finished_run_is_kept(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    words = (*QUICK, f"hydra.run.dir={folder}", "workflow.until=baseline")
    run(folder, "run", *words)
    before = content(folder)
    output = run(folder, "run", *words)
    assert output.count("  kept\n") == 5
    assert content(folder) == before
    # A change downstream leaves what does not depend on it.
    output = run(folder, "run", *words, "baseline=[majority,prior]")
    assert kept(output) == {"frame", "understand", "protocol"}, output


def kept(output: str) -> set[str]:
    return {line.split()[0] for line in output.splitlines() if line.endswith("  kept")}


@pytest.mark.slow
def test_changed_recipe_redoes_only_what_depends_on_it(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    words = (*QUICK[:3], "tuner=none", f"hydra.run.dir={folder}")
    run(folder, "run", *words, "compression=[int8]")
    output = run(folder, "run", *words, "compression=[none]")
    redone = {"collect", "explain", "optimize", "ship"}
    assert kept(output) == set(STEP_NAMES) - redone, output
    variants = json.loads((folder / "11_optimize" / "variants.json").read_text())
    assert "int8" not in [variant["name"] for variant in variants["variants"]]
    output = run(folder, "run", *words, "compression=[none]", "workflow.confidence=0.9")
    assert kept(output) == {"frame", "collect", "understand"}, output


CHANGED = (
    "problem.volume_per_day=77",
    "problem.constraints.size_kb=500",
    "workflow.confidence=0.8",
    "workflow.tolerance=0.3",
    "problem.used_by=a cellar master",
    "compression=[none]",
)


@pytest.mark.slow
def test_a_changed_recipe_leaves_what_a_fresh_run_leaves(tmp_path: Path) -> None:
    """Whatever key changes, no step keeps results that the new recipe would not give."""
    quick = [w for w in QUICK if "rungs" not in w and "trials" not in w]
    quick += ["workflow.rungs=1", "tuner=none"]
    mlrecipe.run(*quick, path=tmp_path / "changed")
    for one in CHANGED:
        again = mlrecipe.run(*quick, one, path=tmp_path / "changed")
        os.environ["MLRECIPE_HOME"] = str(tmp_path / one)
        fresh = mlrecipe.run(*quick, one, path=tmp_path / "fresh" / one)
        ours, theirs = content(again.path), content(fresh.path)
        assert [name for name in theirs if ours.get(name) != theirs[name]] == [], one
