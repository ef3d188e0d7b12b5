"""The run folder: atomic steps, one writer, errors for people."""

from __future__ import annotations

import errno
import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mlrecipe
from mlrecipe import run_folder
from mlrecipe.cli import main
from mlrecipe.composing import compose_recipe
from mlrecipe.files import digest, read_json, write_json, write_text
from mlrecipe.registry import load_registry
from mlrecipe.run_folder import Run
from mlrecipe.workflow import new_run

SHORT = ("recipe=wine", "workflow.until=protocol")


def test_reading_a_finished_run(finished_run: Run) -> None:
    run = mlrecipe.open_run(finished_run.path)
    assert read_json(run.artifact("finalize", "test.json"))["scores"]["roc_auc"]["value"] > 0.9
    registry = load_registry()
    settled = run.settled(run.recipe(registry), "collect", registry)
    assert settled.task.name == "binary"
    assert {event["event"] for event in run.events()} >= {"step_started", "step_finished", "choice"}
    provenance = run.provenance()
    assert set(provenance["packages"]) >= {"tensorflow", "keras", "mlrecipe"}
    assert (run.path / "work").is_dir()
    assert list((run.path / "work").iterdir()) == []


def test_no_run_there(tmp_path: Path) -> None:
    with pytest.raises(mlrecipe.MlrecipeError, match="no run in"):
        mlrecipe.open_run(tmp_path)


def test_artifact_that_is_not_there_yet(tmp_path: Path) -> None:
    run = mlrecipe.run(*SHORT, path=tmp_path / "run")
    with pytest.raises(mlrecipe.MlrecipeError, match=r"no power\.json yet"):
        run.artifact("power", "power.json")


def test_second_writer_is_refused_and_a_killed_one_is_not_in_the_way(tmp_path: Path) -> None:
    recipe, _ = compose_recipe(SHORT, load_registry())
    run = new_run(tmp_path / "run", recipe)
    code = (
        "import sys, time\nfrom pathlib import Path\nfrom mlrecipe.run_folder import Run\n"
        "with Run(Path(sys.argv[1])).writing():\n    print('held', flush=True)\n    time.sleep(9)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(run.path)], stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(mlrecipe.MlrecipeError, match="another process"), run.writing():
            pass
        other.kill()
    with run.writing():
        pass


def test_failed_step_leaves_nothing_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("in the middle of it")

    from mlrecipe.steps import protocol

    monkeypatch.setattr(protocol, "write_json", fail)
    with pytest.raises(RuntimeError, match="middle"):
        mlrecipe.run(*SHORT, path=tmp_path / "run")
    run = Run.open(tmp_path / "run")
    assert run.step("understand") is not None
    assert not run.step_folder("protocol").exists()
    assert list((run.path / "work").iterdir()) == []


def test_full_disk_says_so_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from mlrecipe.steps import protocol

    def full(path: Path, value: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr(protocol, "write_json", full)
    folder = tmp_path / "run"
    assert main(["run", *SHORT, f"hydra.run.dir={folder}", "--quiet"]) == 1
    message = capsys.readouterr().err
    assert "the disk is full" in message
    assert f"mlrecipe resume {folder}" in message
    monkeypatch.undo()
    assert main(["resume", str(folder), "--quiet"]) == 0
    assert Run.open(folder).step("protocol") is not None


def test_file_size_limit_while_writing(tmp_path: Path) -> None:
    """A write that the system cuts off leaves the old file as it was."""
    path = tmp_path / "value.json"
    write_json(path, {"old": 1})
    code = (
        "import resource, signal, sys\nfrom pathlib import Path\n"
        "from mlrecipe.files import write_json\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "write_json(Path(sys.argv[1]), {'new': 'x' * 10_000})\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True)
    assert done.returncode != 0
    assert read_json(path) == {"old": 1}


def test_no_permission(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def denied(path: Path, text: str) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(run_folder, "write_text", denied)
    assert main(["run", *SHORT, f"hydra.run.dir={tmp_path / 'run'}", "--quiet"]) == 1
    assert "hydra.run.dir=DIR" in capsys.readouterr().err


def test_changed_plugin_file_is_not_resumed_with(tmp_path: Path) -> None:
    plugin = tmp_path / "nothing_plugin.py"
    plugin.write_text("")
    run = mlrecipe.run(*SHORT, path=tmp_path / "run", plugins=[plugin])
    plugin.write_text("x = 1\n")
    with pytest.raises(mlrecipe.MlrecipeError, match="was changed"):
        run.plugin_files()


plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(value=st.dictionaries(st.text(), plain))
def test_digest_ignores_the_order_of_keys(value: dict[str, object]) -> None:
    assert digest(value) == digest(dict(reversed(list(value.items()))))


def test_json_has_no_nan(tmp_path: Path) -> None:
    write_json(tmp_path / "x.json", {"a": float("nan"), "b": [float("inf"), 1.5]})
    assert json.loads((tmp_path / "x.json").read_text()) == {"a": None, "b": [None, 1.5]}


def test_write_text_replaces_whole_files(tmp_path: Path) -> None:
    write_text(tmp_path / "a.txt", "one")
    write_text(tmp_path / "a.txt", "two")
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]
