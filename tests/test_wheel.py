"""The wheel, installed alone in another environment, runs a shipped recipe."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.slow
def test_wheel_runs_a_shipped_recipe(tmp_path: Path) -> None:
    """The environment holds the wheel; the dependencies are lent from the one under test."""
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path)]
    subprocess.run([*build, str(ROOT)], check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    venv.create(tmp_path / "env", with_pip=False)
    python = tmp_path / "env" / "bin" / "python"
    site = next((tmp_path / "env" / "lib").glob("python*/site-packages"))
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*install, "--target", str(site), str(wheel)], check=True)
    lent = [p for p in sys.path if p.endswith("site-packages")]
    # `addsitedir` is not used: the lending environment's editable mlrecipe must stay out.
    (site / "lent.pth").write_text("".join(f"{path}\n" for path in lent))
    code = "import mlrecipe; print(mlrecipe.__file__)"
    environment = {**os.environ, "MLRECIPE_HOME": str(tmp_path / "home")}
    environment.pop("PYTHONPATH", None)
    where = subprocess.run(
        [python, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert where.stdout.startswith(str(site)), where.stdout + where.stderr
    words = ["recipe=wine", "tuner=none", "training.epochs=10", "workflow.rungs=1"]
    done = subprocess.run(
        [python, "-m", "mlrecipe", "run", *words, f"hydra.run.dir={tmp_path / 'run'}", "--plain"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "run" / "12_ship" / "bundle" / "manifest.json").is_file()
