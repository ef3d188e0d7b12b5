"""The benchmarks start; what they measure is no matter for a test."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

SCRIPTS = sorted((Path(__file__).parents[1] / "benchmarks").glob("*.py"))


def test_there_are_benchmarks() -> None:
    assert {script.stem for script in SCRIPTS} >= {"start_up", "training", "overhead"}


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_help(script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main = runpy.run_path(str(script), run_name="benchmark")["main"]
    with pytest.raises(SystemExit) as exit_:
        main(["--help"])
    assert exit_.value.code == 0
    assert "usage:" in capsys.readouterr().out
