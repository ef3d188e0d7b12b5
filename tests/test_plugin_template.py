"""A third party's package: installed, it is found; its own tests pass; a recipe can use it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

TEMPLATE = Path(__file__).parent.parent / "plugins" / "mlrecipe-template"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Build the template's wheel and unpack it into a folder on the path: no index is asked."""
    folder = tmp_path_factory.mktemp("site")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    subprocess.run([*build, str(TEMPLATE)], check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    import zipfile

    zipfile.ZipFile(wheel).extractall(folder)
    return {**os.environ, "PYTHONPATH": str(folder)}


@pytest.mark.slow
def test_installed_package_is_listed_and_usable(installed: dict[str, str]) -> None:
    for words, expected in (
        (["plugins"], "mlrecipe-template 0.1.0: 1 components\n    metric=spherical"),
        (["options", "metric=spherical"], "[mlrecipe-template 0.1.0]"),
        (["check", "recipe=wine", "metric=[spherical,accuracy]"], "is sound"),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "mlrecipe", *words],
            env=installed,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        assert expected in done.stdout


@pytest.mark.slow
def test_its_own_tests_pass(installed: dict[str, str]) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(TEMPLATE)]
    done = subprocess.run(command, env=installed, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
