"""The documentation is true: the tutorial runs, the reference is current, links lead somewhere."""

from __future__ import annotations

import importlib.util
import inspect
import os
import re
import subprocess
import sys
import time
import urllib.request
import zipfile
from pathlib import Path

import pytest

from mlrecipe import hookspecs
from mlrecipe.cli import COMMANDS
from mlrecipe.composing import compose_recipe
from mlrecipe.interfaces import GROUPS
from mlrecipe.recipe import STEP_NAMES
from mlrecipe.registry import load_registry

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
BLOCK = re.compile(r"^```(bash|python)([^\n]*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"^```\w+ file=(\S+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


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


def test_every_command_is_shown_outside_the_reference() -> None:
    pages = [ROOT / "README.md", *DOCS.glob("*.md")]
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    assert [name for name in COMMANDS if f"mlrecipe {name}" not in text] == []


def test_every_step_and_group_is_explained() -> None:
    architecture = (DOCS / "architecture.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `(\w+)` \|", architecture, re.MULTILINE) == list(STEP_NAMES)
    assert [group for group in GROUPS if f"`{group}`" not in architecture] == []
    plugins = (DOCS / "plugins.md").read_text(encoding="utf-8")
    for group, kind in GROUPS.items():
        assert f"| `{group}` | `mlrecipe.{kind.__name__}` |" in plugins
        (row,) = re.findall(rf"^\| `{group}` \|.*$", plugins, re.MULTILINE)
        for method in sorted(getattr(kind, "__abstractmethods__", ())):
            assert f"`{method}`" in row, f"{group}: {method}"


def test_every_hook_is_documented_with_its_arguments() -> None:
    hooks = {
        name: list(inspect.signature(function).parameters)
        for name, function in vars(hookspecs).items()
        if name.startswith("mlrecipe_")
    }
    text = (DOCS / "plugins.md").read_text(encoding="utf-8")
    documented = re.findall(r"^\| `(mlrecipe_\w+)\(([^)]*)\)` \|", text, re.MULTILINE)
    assert {name: re.findall(r"\w+", words) for name, words in documented} == hooks


def test_layers_on_the_architecture_page_are_those_that_are_held() -> None:
    import tomllib

    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (contract,) = settings["tool"]["importlinter"]["contracts"]
    lines = "\n".join(layer.replace("mlrecipe.", "") for layer in contract["layers"])
    assert lines in (DOCS / "architecture.md").read_text(encoding="utf-8")


def test_readme_is_sound(tmp_path: Path) -> None:
    """Its recipe, its overrides and its plugin pass the check."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (recipe,) = re.findall(r"^```yaml\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    (tmp_path / "churn.yaml").write_text(recipe, encoding="utf-8")
    compose_recipe([f"recipe={tmp_path / 'churn.yaml'}"], load_registry())
    for line in re.findall(r"^mlrecipe run (recipe=.*)$", text, re.MULTILINE):
        compose_recipe(line.replace("'", "").split(), load_registry())
    (plugin,) = re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    (tmp_path / "my_metric.py").write_text(plugin, encoding="utf-8")
    registry = load_registry((tmp_path / "my_metric.py",))
    compose_recipe(["recipe=breast_cancer", "metric=[top_100,roc_auc]"], registry)


@pytest.mark.slow
def test_plugins_page_is_a_working_package(tmp_path: Path) -> None:
    """The package of the page, file by file: it builds, its tests pass, a recipe uses it."""
    package, site = tmp_path / "package", tmp_path / "site"
    for name, text in FILE.findall((DOCS / "plugins.md").read_text(encoding="utf-8")):
        file = package / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(site)]
    subprocess.run([*build, str(package)], check=True, capture_output=True)
    (wheel,) = site.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(site)
    rows = tmp_path / "rows.txt"
    rows.write_text("a   b  y\n" + "".join(f"{i:<3} {i % 7}  {i % 2}\n" for i in range(60)))
    run = tmp_path / "run"
    words = ["recipe=fwf", f"source.path={rows}", "problem.target=y", f"hydra.run.dir={run}"]
    old = os.environ.get("PYTHONPATH")
    environment = {**os.environ, "PYTHONPATH": f"{site}{os.pathsep}{old}" if old else str(site)}
    for command, expected in (
        (["pytest", "-q", "-p", "no:cacheprovider", str(package)], "2 passed"),
        (["mlrecipe", "plugins"], "mlrecipe-fwf 0.1.0: 1 components\n    source=fwf"),
        (["mlrecipe", "run", *words, "workflow.until=protocol"], "protocol"),
    ):
        done = subprocess.run(
            [sys.executable, "-m", *command], env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert expected in done.stdout
    assert "epochs: 300" in (run / "recipe.yaml").read_text()
