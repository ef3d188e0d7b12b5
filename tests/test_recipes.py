"""Every shipped recipe, from start to end on real data, and any table besides."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import mlrecipe
from mlrecipe.files import read_json
from mlrecipe.run_folder import Run

QUICK = (
    "tuner=random",
    "tuner.trials=2",
    "training.epochs=25",
    "workflow.rungs=2",
    "compression=[int8,pruning]",
)

pytestmark = pytest.mark.slow


def carried_out(folder: Path, *overrides: str) -> Run:
    return mlrecipe.run(*overrides, *QUICK, "compression.pruning.epochs=4", path=folder / "run")


@pytest.mark.parametrize(
    ("recipe", "task", "metric", "least"),
    [
        ("breast_cancer", "binary", "roc_auc", 0.95),
        ("digits", "multiclass", "accuracy", 0.93),
        ("wine", "multiclass", "accuracy", 0.85),
        ("diabetes", "scalar_regression", "r2", 0.25),
        ("linnerud", "vector_regression", "r2", float("-inf")),
    ],
)
def test_shipped_recipe(tmp_path: Path, recipe: str, task: str, metric: str, least: float) -> None:
    """F2, B1, B2, O3, D1, D2: all twelve steps; the model beats what ignores the inputs."""
    # A network: it can be compressed. What auto takes is below.
    network = "convnet" if recipe == "digits" else "dense"
    run = carried_out(tmp_path, f"recipe={recipe}", f"architecture={network}")
    manifest = read_json(run.artifact("ship", "bundle/manifest.json"))
    assert manifest["task"] == task
    test = read_json(run.artifact("finalize", "test.json"))
    score = test["scores"][metric]
    assert score["value"] >= least
    assert score["low"] <= score["value"] <= score["high"]
    assert test["openings"] == 1
    power = read_json(run.artifact("power", "power.json"))
    assert power["beats_trivial"] or recipe == "linnerud"
    variants = read_json(run.artifact("optimize", "variants.json"))["variants"]
    assert [variant["name"] for variant in variants] == ["float32", "int8", "pruning"]
    # What is shipped answers raw rows, one answer a row.
    rows = pd.read_parquet(run.artifact("collect", "development.parquet"))
    answers = mlrecipe.load(run.path).predict(rows)
    assert len(answers) == len(rows)
    targets = manifest["targets"]
    if manifest["labels"]:
        agreeing = (answers["prediction"].astype(str) == rows[targets[0]].astype(str)).mean()
        assert agreeing > 0.85
        assert len(answers.columns) == 1 + len(manifest["labels"])
    elif len(targets) > 1:
        assert list(answers) == [f"prediction_{name}" for name in targets]


@pytest.mark.parametrize(("recipe", "metric", "least"), [("wine", "accuracy", 0.9)])
def test_a_blend_is_carried_through(tmp_path: Path, recipe: str, metric: str, least: float) -> None:
    """B3, D1: what auto takes for a table: several models that are shipped as one."""
    words = ("tuner=none", "training.epochs=25", "compression=[int8]")
    run = mlrecipe.run(f"recipe={recipe}", *words, path=tmp_path / "run")
    rungs = read_json(run.artifact("overfit", "ladder.json"))["rungs"]
    assert [len(rung["architecture"]["members"]) for rung in rungs][:3] == [1, 2, 3]
    (choice,) = read_json(run.artifact("collect", "choices.json"))["architecture"]
    assert choice["name"] == "blend"
    assert read_json(run.artifact("finalize", "test.json"))["scores"][metric]["value"] >= least
    final = read_json(run.artifact("finalize", "final.json"))
    assert sum(v for k, v in final["found"].items() if k.startswith("weight.")) == pytest.approx(1)
    differences = read_json(run.artifact("ship", "parity.json"))["differences"]
    assert max(differences.values()) < 1e-4
    assert {"litert", "saved_model", "server"} <= set(differences)


def test_any_table(mixed_table: Path, tmp_path: Path) -> None:
    """Numbers, categories, booleans, gaps and an identifier; nothing is named but the target."""
    run = carried_out(tmp_path, "recipe=csv", f"source.path={mixed_table}", "problem.target=bought")
    collected = read_json(run.artifact("collect", "collect.json"))
    assert [row["column"] for row in collected["left_out"]] == ["id"]
    choices = read_json(run.artifact("collect", "choices.json"))
    assert choices["task"][0]["name"] == "binary"
    assert all(choice["reason"] for made in choices.values() for choice in made)
    assert read_json(run.artifact("finalize", "test.json"))["scores"]["roc_auc"]["value"] > 0.8
    findings = {finding.code for _, finding in run.findings()}
    assert "missing-values" in findings
    bundle = mlrecipe.load(run.path)
    row: dict[str, Any] = {"age": None, "city": "nowhere", "member": True}
    assert bundle.predict(pd.DataFrame([row]))["prediction"].isin(["yes", "no"]).all()


def test_sealed_rows_are_in_no_development_artifact(mixed_table: Path, tmp_path: Path) -> None:
    """The test set is sealed: its rows are not among those that earlier steps see."""
    words = (f"source.path={mixed_table}", "problem.target=bought", "workflow.until=understand")
    run = mlrecipe.run("recipe=csv", *words, path=tmp_path / "run")
    development = pd.read_parquet(run.artifact("collect", "development.parquet"))
    (tmp_path / "test.parquet").write_bytes(run.artifact("collect", "test.sealed").read_bytes())
    test = pd.read_parquet(tmp_path / "test.parquet")
    assert not set(development["id"]) & set(test["id"])
    assert len(development) + len(test) == 400
    text = run.artifact("understand", "statistics.json").read_text()
    assert json.loads(text)["rows"] == len(development)


def test_opening_the_test_set_again_is_counted_and_said(tmp_path: Path, monkeypatch: Any) -> None:
    """R2: looks and openings are counted across runs; the same configuration counts once."""
    monkeypatch.setenv("MLRECIPE_HOME", str(tmp_path / "home"))
    words = ("recipe=wine", "tuner=none", "workflow.rungs=1", "workflow.until=finalize")
    first = mlrecipe.run(*words, "training.epochs=20", path=tmp_path / "1")
    same = mlrecipe.run(*words, "training.epochs=20", path=tmp_path / "2")
    why = "workflow.waive.test-set-reopened=a test"
    other = mlrecipe.run(*words, "training.epochs=30", why, path=tmp_path / "3")
    openings = [
        read_json(r.artifact("finalize", "test.json"))["openings"] for r in (first, same, other)
    ]
    looks = [read_json(r.artifact("tune", "tuned.json"))["looks"] for r in (first, same, other)]
    assert openings == [1, 1, 2]
    assert looks == [1, 1, 2]
    assert "test-set-reopened" in {finding.code for _, finding in other.findings()}
    assert "test-set-reopened" not in {finding.code for _, finding in same.findings()}


def test_too_few_rows(tmp_path: Path) -> None:
    path = tmp_path / "small.csv"
    path.write_text("a,y\n" + "1.5,0\n2.5,1\n" * 5)
    with pytest.raises(mlrecipe.MlrecipeError, match="10 labelled rows"):
        mlrecipe.run("recipe=csv", f"source.path={path}", "problem.target=y", path=tmp_path / "run")


def test_leak_holds_the_run(mixed_table: Path, tmp_path: Path) -> None:
    frame = pd.read_csv(mixed_table)
    frame["invoice"] = (frame["bought"] == "yes") * 12.5
    frame.to_csv(tmp_path / "leaky.csv", index=False)
    words = ["recipe=csv", f"source.path={tmp_path / 'leaky.csv'}", "problem.target=bought"]
    until = "workflow.until=understand"
    with pytest.raises(mlrecipe.MlrecipeError, match="invoice: the value alone tells bought"):
        mlrecipe.run(*words, until, path=tmp_path / "run")
    run = mlrecipe.run(*words, until, "problem.not_in_production=[invoice]", path=tmp_path / "run")
    schema = read_json(run.artifact("collect", "schema.json"))
    assert "invoice" not in schema["inputs"]
    assert read_json(run.artifact("understand", "powers.json"))["invoice"] == pytest.approx(1)
