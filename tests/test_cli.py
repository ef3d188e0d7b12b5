"""The command line, as a user meets it."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import jsonschema
import numpy as np
import pandas as pd
import pytest
import yaml

import mlrecipe
from mlrecipe.cli import COMMANDS, main
from mlrecipe.cli.predict import read_rows
from mlrecipe.data.table_schema import Column, TableSchema
from mlrecipe.files import read_json
from mlrecipe.run_folder import Run

NOISE = "import numpy as np, pandas as pd\n"


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    shown = capsys.readouterr().out
    for name in COMMANDS:
        assert name in shown
    for name in COMMANDS:
        with pytest.raises(SystemExit) as exit_:
            main([name, "--help"])
        assert exit_.value.code == 0
        assert "usage" in capsys.readouterr().out


def test_misspelt_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["rum"])
    assert exit_.value.code == 2
    assert "did you mean 'run'" in capsys.readouterr().err


def test_check(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["check", "recipe=wine"]) == 0
    shown = capsys.readouterr().out
    assert "sound" in shown
    assert "left to the data: task" in shown
    assert main(["check", "recipe=wine", "tuner.trial=3"]) == 2
    assert "did you mean: trials" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_show_gives_source_of_values_and_steps(capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        main(["show", "recipe=digits", "tuner=random", "tuner.trials=2", "workflow.until=tune"])
        == 0
    )
    lines = capsys.readouterr().out.splitlines()
    assert any("epochs: 40" in line and "digits.yaml:" in line for line in lines)
    assert any("trials: 2" in line and "# the command line" in line for line in lines)
    assert any("share: 0.2" in line and "the default of protocol=holdout" in line for line in lines)
    steps = [line.split()[0] for line in lines[lines.index("steps:") + 1 :] if line.strip()]
    assert steps[0] == "frame"
    assert steps[-1] == "tune"


def test_options(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["options"]) == 0
    assert "architecture" in capsys.readouterr().out
    assert main(["options", "protocol=kfold"]) == 0
    shown = capsys.readouterr().out
    assert "folds (int, default 5)" in shown
    assert "Number of folds." in shown
    assert main(["options", "protocl"]) == 1
    assert "did you mean 'protocol'" in capsys.readouterr().err


def test_schema_accepts_the_shipped_recipes_and_refuses_a_typo(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["schema"]) == 0
    schema = json.loads(capsys.readouterr().out)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    recipes = Path(__file__).parent.parent / "recipes"
    for path in recipes.glob("*.yaml"):
        assert list(validator.iter_errors(yaml.safe_load(path.read_text()))) == [], path
    assert list(validator.iter_errors({"training": {"epoch": 3}}))


@pytest.mark.slow
def test_new_drafts_a_recipe_that_runs(
    mixed_table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draft = tmp_path / "customers.yaml"
    assert main(["new", str(mixed_table), "--target", "bought", "--out", str(draft)]) == 0
    text = draft.read_text()
    assert "override /task: binary" in text
    assert '"id": identifier' in text
    assert '"member": boolean' in text
    assert main(["check", f"recipe={draft}"]) == 0
    assert main(["new", str(mixed_table), "--target", "bought", "--out", str(draft)]) == 1
    assert "--force" in capsys.readouterr().err
    run = tmp_path / "run"
    words = [f"recipe={draft}", f"hydra.run.dir={run}", "workflow.until=baseline", "--quiet"]
    assert main(["run", *words]) == 0
    columns = read_json(Run(run).artifact("collect", "schema.json"))["columns"]
    assert columns["city"]["kind"] == "categorical"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["nowhere.csv", "--target", "y"], "no file"),
        (["{table}", "--target", "bougt"], "did you mean 'bought'"),
    ],
)
def test_new_explains_what_is_wrong(
    mixed_table: Path, capsys: pytest.CaptureFixture[str], words: list[str], expected: str
) -> None:
    assert main(["new", *(w.format(table=mixed_table) for w in words)]) == 1
    assert expected in capsys.readouterr().err


def test_status_of_a_finished_run(finished_run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """F5: the hypotheses and their state are visible."""
    assert main(["status", str(finished_run.path)]) == 0
    shown = capsys.readouterr().out
    assert shown.count("done in") == 12
    assert "hypothesis, supported" in shown
    assert "chose task=binary: diagnosis has two values" in shown


@pytest.mark.slow
def test_gate_lets_pass_what_a_simpler_model_learns(tmp_path: Path) -> None:
    """B2: one network that fails is no proof that the answer is not in the data."""
    draws = np.random.default_rng(0)
    frame = pd.DataFrame(draws.normal(size=(300, 100)), columns=[f"c{i}" for i in range(100)])
    frame.assign(y=2 * frame.c0 + frame.c1).to_csv(tmp_path / "wide.csv", index=False)
    words = [f"source.path={tmp_path / 'wide.csv'}", "problem.target=y", "training.epochs=1"]
    words.append("architecture=dense")
    run = mlrecipe.run("recipe=csv", *words, path=tmp_path / "run", until="power")
    found = {finding.code: finding for _, finding in run.findings()}
    assert "no-statistical-power" not in found
    assert found["network-without-power"].evidence["learns"] == "linear"
    power = read_json(run.artifact("power", "power.json"))
    assert {h["state"] for h in power["hypotheses"]} == {"supported"}


@pytest.mark.slow
def test_gate_holds_and_a_waiver_is_recorded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """B2: a model that learns nothing ends the run; going on takes a recorded reason."""
    table = tmp_path / "noise.csv"
    code = (
        f"{NOISE}r = np.random.default_rng(0)\n"
        "pd.DataFrame({'a': r.normal(size=200), 'b': r.normal(size=200), "
        f"'y': r.integers(0, 2, 200)}}).to_csv({str(table)!r}, index=False)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    run = tmp_path / "run"
    words = [
        "recipe=csv",
        f"source.path={table}",
        "problem.target=y",
        f"hydra.run.dir={run}",
        "training.epochs=10",
        "workflow.until=overfit",
        "workflow.rungs=1",
        "--quiet",
    ]
    assert main(["run", *words]) == 3
    message = capsys.readouterr().err
    assert "no-statistical-power" in message
    assert "workflow.waive.no-statistical-power" in message
    assert Run(run).step("overfit") is None
    assert f"mlrecipe resume {run}" in message
    assert main(["resume", str(run), "--quiet"]) == 3
    waiver = "workflow.waive.no-statistical-power=a lesson"
    assert main(["resume", str(run), waiver, "--quiet"]) == 0
    assert main(["status", str(run)]) == 0
    assert "(waived: a lesson)" in capsys.readouterr().out


@pytest.mark.slow
def test_sweep_stops_before_the_test_set_and_the_winner_opens_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [
        "recipe=wine",
        "architecture=dense",
        "tuner=none",
        "training.epochs=12",
        "workflow.rungs=1",
        "training.learning_rate=0.001,0.01",
        "compression=[none]",
        f"hydra.sweep.dir={tmp_path}",
        "--quiet",
    ]
    assert main(["run", "-m", *words]) == 0
    shown = capsys.readouterr().out
    assert f"mlrecipe finalize {tmp_path}" in shown
    jobs = [Run(tmp_path / str(i)) for i in range(2)]
    assert all(job.step("tune") and not job.step("finalize") for job in jobs)
    assert main(["finalize", str(tmp_path), "--quiet"]) == 0
    assert f"finalized is {tmp_path / '1'}, of 2 runs" in capsys.readouterr().out
    assert jobs[1].step("ship")
    assert not jobs[0].step("finalize")


def test_a_job_that_fails_does_not_stop_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["recipe=wine", "protocol=kfold", "protocol.folds=3,5000", "workflow.until=protocol"]
    assert main(["run", "-m", *words, f"hydra.sweep.dir={tmp_path}", "--quiet"]) == 1
    assert "5000 folds need" in capsys.readouterr().err
    assert Run(tmp_path / "0").step("protocol")


@pytest.mark.parametrize("flags", [["--cfg", "job"], ["--info", "searchpath"], ["--cfg", "hydra"]])
def test_hydra_flags(flags: list[str], tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mlrecipe", "run", "recipe=wine", *flags],
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
    assert list(tmp_path.iterdir()) == []


def test_interrupt_is_no_traceback(tmp_path: Path) -> None:
    import signal
    import time

    process = subprocess.Popen(
        [sys.executable, "-m", "mlrecipe", "run", "recipe=wine", f"hydra.run.dir={tmp_path / 'r'}"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "MLRECIPE_HOME": str(tmp_path / "home")},
        # What a shell starts in the background ignores it, and so would what that starts.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    log = tmp_path / "r" / "events.jsonl"
    while not (log.exists() and '"collect"' in log.read_text()):
        assert process.poll() is None
        time.sleep(0.02)
    # One that strikes inside a C library's callback is lost: Python tells of it and goes on.
    for _ in range(3):
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            _, errors = process.communicate(timeout=8)
            break
    # Python ends itself by the signal when it struck inside an exec, as of dataclasses while
    # TensorFlow is imported; a shell shows both as 130.
    assert process.returncode in (130, -signal.SIGINT), errors
    assert "interrupted" in errors
    assert "Traceback" not in errors


def test_predict_writes_one_row_a_row(finished_run: Run, tmp_path: Path) -> None:
    rows = pd.read_parquet(finished_run.artifact("collect", "development.parquet")).head(7)
    rows.drop(columns="diagnosis").to_csv(tmp_path / "rows.csv", index=False)
    for name in ("answers.csv", "answers.parquet"):
        words = ["predict", str(finished_run.path), "--data", str(tmp_path / "rows.csv")]
        assert main([*words, "--out", str(tmp_path / name)]) == 0
        read = pd.read_csv if name.endswith("csv") else pd.read_parquet
        answers = read(tmp_path / name)
        assert list(answers) == ["prediction", "score_benign", "score_malignant"]
        assert len(answers) == 7
        assert (answers.score_benign + answers.score_malignant).round(5).eq(1).all()


def test_predict_names_every_violation_and_writes_nothing(
    finished_run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = pd.read_parquet(finished_run.artifact("collect", "development.parquet")).head(5)
    rows = rows.rename(columns={"mean radius": "mean_radius"}).astype({"mean area": object})
    rows.loc[3, "mean area"] = "large"
    rows.to_csv(tmp_path / "rows.csv", index=False)
    words = ["--data", str(tmp_path / "rows.csv"), "--out", str(tmp_path / "answers.csv")]
    assert main(["predict", str(finished_run.path), *words]) == 1
    message = capsys.readouterr().err
    assert "is it 'mean_radius'" in message
    assert "mean area: no number in 1 row(s), first [3], such as 'large'" in message
    assert not (tmp_path / "answers.csv").exists()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["-m", "recipe=wine", "architecture=dense,dens"], "did you mean: dense"),
        (["-m", "recipe=wine", "architecture=dense", "architecture.unts=3,4"], "units"),
        (["-m", "recipe={broken}"], "{broken}:2"),
        (["-m", "recipe=wine", "hydra/launcher=nowhere"], "hydra/launcher"),
        (["--cfg", "job", "recipe=wines"], "did you mean: wine"),
        (["--info", "config", "recipe={broken}"], "{broken}:2"),
        (["recipe=wine", "hydra.run.dri=x"], "hydra.run.dri"),
    ],
)
def test_faults_are_named_whatever_hydra_is_asked_for(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    expected: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    broken = tmp_path / "broken.yaml"
    broken.write_text("a: [1\nb: 2\n")
    assert main(["run", *(word.format(broken=broken) for word in words)]) == 2
    assert expected.format(broken=broken) in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["broken.yaml"]


@pytest.mark.parametrize("folder", ["file", "file/below", "/proc/nowhere"])
def test_impossible_run_folder(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    folder: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    assert main(["run", "recipe=wine", f"hydra.run.dir={folder}"]) == 1
    error = capsys.readouterr().err
    assert "nothing can be written here" in error
    assert folder in error


def test_predict_reads_codes_as_the_bundle_knows_them(
    finished_run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "rows.csv").write_text("code\n007\n")
    schema = TableSchema(
        columns={"code": Column(kind="categorical", type="string")},
        targets=("y",),
        inputs=("code",),
    )
    bundle = dataclasses.replace(mlrecipe.load(finished_run.path), schema=schema)
    assert read_rows(tmp_path / "rows.csv", bundle)["code"].tolist() == ["007"]


def test_predict_into_a_place_that_cannot_be(
    finished_run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = read_json(mlrecipe.load(finished_run.path).path / "examples.json")
    pd.DataFrame(rows).to_csv(tmp_path / "rows.csv", index=False)
    words = ["predict", str(finished_run.path), "--data", str(tmp_path / "rows.csv")]
    assert main([*words, "--out", "/proc/nowhere/answers.csv"]) == 1
    assert "nothing can be written here" in capsys.readouterr().err
    assert main([*words, "--out", str(tmp_path / "not.parquet.csv")]) == 0
    assert (tmp_path / "not.parquet.csv").read_text().startswith("prediction")


def test_resume_changes_settings_and_exchanges_no_component(
    finished_run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    shutil.copytree(finished_run.path, run)
    assert main(["resume", str(run), "problem.volume_per_day=123", "--plain"]) == 0
    kept = [line.split()[0] for line in capsys.readouterr().out.splitlines() if "kept" in line]
    assert {"collect", "tune", "finalize"} <= set(kept)
    assert "explain" not in kept
    assert read_json(run / "10_explain" / "decision.json")["volume_per_day"] == 123
    assert main(["resume", str(run), "architecture=linear"]) == 2
    assert "cannot be exchanged" in capsys.readouterr().err
    assert main(["resume", str(run), "problem.volum_per_day=3"]) == 2
    assert "did you mean: volume_per_day" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("launcher", ["basic", "joblib"])
def test_sweep_says_what_came_of_every_job(launcher: str, tmp_path: Path) -> None:
    """Also where a launcher carries the jobs to other processes."""
    words = ["recipe=wine", "protocol=kfold", "protocol.folds=3,4,5000", "workflow.until=protocol"]
    words += [f"hydra/launcher={launcher}", f"hydra.sweep.dir={tmp_path}", "--quiet"]
    words += ["hydra.launcher.n_jobs=1"] if launcher == "joblib" else []  # a worker used again
    command = [sys.executable, "-m", "mlrecipe", "run", "-m", *words]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    listed = [line.split()[0] for line in done.stdout.splitlines() if line.endswith("no score")]
    assert listed == ["0", "1", "2"]
    assert done.stderr.count("5000 folds need") == 1
    assert all(Run(tmp_path / name).step("protocol") for name in "01")


def test_a_fault_in_a_plugin_does_not_stop_the_other_jobs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plugin = tmp_path / "fragile.py"
    plugin.write_text(
        "import mlrecipe\n\n"
        "class Fragile(mlrecipe.Check, name='fragile'):\n"
        '    """Breaks when told to."""\n\n'
        "    breaks: bool = False\n\n"
        "    def inspect(self, data):\n"
        "        return [1 / 0] if self.breaks else []\n\n"
        "@mlrecipe.hookimpl\n"
        "def mlrecipe_components():\n"
        "    return [Fragile]\n"
    )
    words = ["recipe=wine", "checks=[fragile]", "checks.fragile.breaks=true,false"]
    words += ["workflow.until=understand", f"hydra.sweep.dir={tmp_path / 'sweep'}", "--quiet"]
    assert main(["run", "-m", "--plugin", str(plugin), *words]) == 1
    errors = capsys.readouterr().err
    assert "ZeroDivisionError" in errors
    assert "job 0 failed" in errors
    assert Run(tmp_path / "sweep" / "1").step("understand")


def test_what_no_model_reads_is_reported_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """U1: whatever the columns are, the data report comes; the run ends where a model must read."""
    frame = pd.DataFrame(
        {"code": [f"k{i:03}" for i in range(80)], "label": ["spam", "ham", "ham", "ham"] * 20}
    )
    frame.to_csv(tmp_path / "codes.csv", index=False)
    run = tmp_path / "run"
    recipe = ["recipe=csv", f"source.path={tmp_path / 'codes.csv'}", "problem.target=label"]
    assert main(["run", *recipe, f"hydra.run.dir={run}", "--quiet"]) == 1
    assert "no input column can be read by a model: code (identifier)" in capsys.readouterr().err
    page = (run / "03_understand" / "data_report.html").read_text(encoding="utf-8")
    assert "code" in page
