"""The documentation is true: the tutorial runs, the reference is current, links lead somewhere."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
BLOCK = re.compile(r"^```(bash|python)([^\n]*)\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.mark.slow
def test_tutorial_runs(tmp_path: Path) -> None:
    """Every block of the tutorial, in order, in an empty folder."""
    program = tmp_path / "bin" / "mlrecipe"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m mlrecipe "$@"\n')
    program.chmod(0o755)
    environment = {**os.environ, "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}"}
    place = tmp_path / "place"
    place.mkdir()
    servers: list[subprocess.Popen[bytes]] = []
    try:
        for language, mark, text in BLOCK.findall((DOCS / "tutorial.md").read_text()):
            if "serves" in mark:
                command = text.strip().split()
                servers.append(subprocess.Popen(command, cwd=place, env=environment))
                wait_for("http://127.0.0.1:8511/healthz")
                continue
            shell = [sys.executable, "-c"] if language == "python" else ["bash", "-ec"]
            done = subprocess.run(
                [*shell, text], cwd=place, env=environment, capture_output=True, text=True
            )
            assert (done.returncode != 0) == ("fails" in mark), text + done.stdout + done.stderr
            if "fails" in mark:
                assert "did you mean: epochs" in done.stderr
    finally:
        for server in servers:
            server.terminate()
    assert len((place / "answers.csv").read_text().splitlines()) == 179


def wait_for(url: str) -> None:
    for _ in range(150):
        try:
            urllib.request.urlopen(url)
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"nothing answers at {url}")


def test_reference_is_current() -> None:
    spec = importlib.util.spec_from_file_location("generate", DOCS / "generate_reference.py")
    assert spec is not None
    assert spec.loader is not None
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    for name, text in generate.pages().items():
        written = (DOCS / "reference" / name).read_text(encoding="utf-8")
        assert written == text, f"{name} is stale: python docs/generate_reference.py"


@pytest.mark.parametrize(
    "page", [p.relative_to(ROOT) for p in [*ROOT.glob("*.md"), *DOCS.rglob("*.md")]], ids=str
)
def test_links_lead_somewhere(page: Path) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text):
        if not target.startswith(("http://", "https://", "mailto:")):
            assert (ROOT / page).parent.joinpath(target).exists(), f"{page} links to {target}"


def test_requirements_name_tests_that_exist() -> None:
    """Every requirement that is said to be met names a test, and the test is there."""
    text = (DOCS / "requirements.md").read_text(encoding="utf-8")
    named = re.findall(r"`tests/(\w+\.py)(?:::(\w+))?`", text)
    assert named
    for file, function in named:
        source = (ROOT / "tests" / file).read_text(encoding="utf-8")
        assert not function or f"def {function}(" in source, f"{file}::{function}"
