"""Shell completion works behind the subcommand."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mlrecipe.cli.completion import SCRIPTS, candidates


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("mlrecipe ru", "run"),
        ("mlrecipe run rec", "recipe="),
        ("mlrecipe run recipe=wi", "recipe=wine"),
        ("mlrecipe check recipe=wine architecture=de", "architecture=dense"),
        ("mlrecipe show recipe=wine training.ep", "training.epochs="),
        ("mlrecipe options tu", "tuner"),
    ],
)
def test_candidates(line: str, expected: str) -> None:
    assert expected in candidates(line)


def test_own_recipe_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine.yaml").touch()
    monkeypatch.chdir(tmp_path)
    assert candidates("mlrecipe run recipe=mi") == ["recipe=mine.yaml"]


@pytest.mark.parametrize("shell", sorted(SCRIPTS))
def test_script_is_sound_for_its_shell(shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed here")
    done = subprocess.run([shell, "-n"], input=SCRIPTS[shell], text=True, capture_output=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("typed", "reply"),
    [
        ("mlrecipe re", "resume"),
        ("mlrecipe run recipe=wi", "wine"),
        ("mlrecipe run recipe=wine training.pat", "training.patience="),
    ],
)
def test_bash_completes(typed: str, reply: str, tmp_path: Path) -> None:
    program = tmp_path / "mlrecipe"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m mlrecipe "$@"\n')
    program.chmod(0o755)
    script = (
        f"PATH={tmp_path}:$PATH\n{SCRIPTS['bash']}\ncompopt() {{ :; }}\n"
        f"COMP_LINE='{typed}' COMP_POINT={len(typed)}\n_mlrecipe\n"
        'printf "%s\\n" "${COMPREPLY[@]}"\n'
    )
    done = subprocess.run(["bash", "-c", script], text=True, capture_output=True, check=True)
    assert done.stdout.split() == [reply]
