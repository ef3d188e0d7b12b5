"""Clustering: no target, clusters around centres, measures without a truth."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mlrecipe
from mlrecipe.bundle import Bundle
from mlrecipe.components.architecture.kmeans import KMeans
from mlrecipe.components.metric.clustering import Inertia, SimplifiedSilhouette
from mlrecipe.components.task.clustering import Clustering
from mlrecipe.errors import RecipeError
from mlrecipe.interfaces import Evidence, Outcomes, Samples
from mlrecipe.preparation.target_codec import TargetCodec
from mlrecipe.problem import Problem

PROBLEM = Problem(question="?")


def nothing(rows: int) -> Any:
    """Return the targets of rows that have none."""
    return np.zeros((rows, 0), np.float32)


def blobs(rows: int, seed: int, centres: int = 4) -> Any:
    """Return rows around so many centres far apart, and which one each is of."""
    draws = np.random.default_rng(seed)
    of = np.arange(rows) % centres
    places = np.array([[0, 0], [9, 0], [0, 9], [9, 9]], dtype=float)[of]
    return (places + draws.normal(size=(rows, 2))).astype(np.float32), of


def samples(rows: int, seed: int) -> tuple[Samples, Any]:
    x, of = blobs(rows, seed)
    y = np.zeros((rows, 0), np.float32)
    return Samples(pd.DataFrame(x), {"vector": x}, y, np.ones(rows, np.float32)), of


def fitted(architecture: KMeans, validated: bool = True, found: Any = None) -> Any:
    from mlrecipe.components.objective.clustering import WithinClusterDistance
    from mlrecipe.components.training.standard import Standard
    from mlrecipe.interfaces import TensorSpec
    from mlrecipe.training.fitting import Fitter

    fitter = Fitter(
        Clustering(),
        architecture,
        WithinClusterDistance(),
        Standard(),
        TargetCodec(columns=()),
        seed=0,
    )
    spec = TensorSpec(name="vector", kind="vector", dtype="float32", shape=(2,))
    validation = samples(60, 1)[0] if validated else None
    return fitter.fit(samples(120, 0)[0], (spec,), ("a", "b"), validation, found, seed=3)


def test_silhouette_by_hand() -> None:
    """B2: (next - own) / next of every row; one cluster has none."""
    outputs = np.array([[1, 2, 4], [0, 0, 5], [3, 9, 3]], np.float32)
    np.testing.assert_allclose(SimplifiedSilhouette().row_scores(nothing(3), outputs), [0.5, 0, 0])
    assert SimplifiedSilhouette().score(nothing(3), outputs[:, :1]) == 0
    assert Inertia().score(nothing(3), outputs) == pytest.approx((1 + 0 + 9) / 3)


def test_silhouette_is_that_of_distances_to_centres() -> None:
    """With clusters far apart the simplified silhouette is near scikit-learn's, and above it."""
    from scipy.spatial.distance import cdist
    from sklearn.metrics import silhouette_score

    x, of = blobs(200, 5)
    centres = np.array([x[of == i].mean(axis=0) for i in range(4)])
    ours = SimplifiedSilhouette().score(nothing(200), cdist(x, centres).astype(np.float32))
    full = float(silhouette_score(x, of))
    assert full < ours < full + 0.1


def test_validation_rows_find_the_number_of_clusters() -> None:
    """B3: the number that validation found is what the last training uses, no wider."""
    first, answer = fitted(KMeans())
    assert first.found == {"clusters": 4}
    x, of = blobs(80, 7)
    outputs = answer({"vector": x})
    assert outputs.shape == (80, 10)
    numbers = Clustering().decode(outputs, TargetCodec(columns=()), 0.5)
    assert pd.crosstab(numbers, of).to_numpy().astype(bool).sum() == 4
    _, last = fitted(KMeans(), validated=False, found={"clusters": 4.0})
    distances = last({"vector": x})
    assert distances.shape == (80, 4)
    np.testing.assert_allclose(distances.min(axis=1), outputs.min(axis=1), atol=1e-3)


def test_a_number_that_is_given_stays() -> None:
    assert fitted(KMeans(clusters=3))[1](samples(9, 2)[0].x).shape == (9, 3)


def test_rows_that_are_all_the_same_are_refused() -> None:
    from mlrecipe.interfaces import Assignment

    rows = samples(20, 0)[0]
    same = Samples(rows.frame, {"vector": np.ones((20, 2), np.float32)}, rows.y, rows.weights)
    from mlrecipe.interfaces import TensorSpec

    spec = TensorSpec(name="vector", kind="vector", dtype="float32", shape=(2,))
    work: Any = Assignment(Clustering(), None, None, None, (spec,), (), 0)  # type: ignore[arg-type]
    with pytest.raises(mlrecipe.MlrecipeError, match="all rows are the same"):
        KMeans().fit(same, None, work, {})


def test_decision_says_what_is_typical() -> None:
    frame = pd.DataFrame({"height": [1.0, 1.2, 9.0, 9.2], "colour": ["red", "red", "blue", "blue"]})
    outputs = np.array([[0, 1], [0, 1], [1, 0], [1, 0]], np.float32)
    rows = Outcomes(np.zeros((4, 0), np.float32), outputs, np.ones(4, np.float32))
    codec = TargetCodec(columns=())
    told = Clustering().decide(Evidence(codec, PROBLEM, rows, rows, 0.95, frame))
    assert [row["share"] for row in told["consequences"]] == [0.5, 0.5]
    assert "strong structure" in told["statements"][0]
    assert "height about 1.1 (of all 5.1)" in told["statements"][1]
    assert "colour is blue (100%)" in told["statements"][2]


def faults_of(*words: str) -> dict[str, Any]:
    from mlrecipe.composing import compose_recipe
    from mlrecipe.registry import load_registry

    with pytest.raises(RecipeError) as caught:
        compose_recipe(list(words), load_registry())
    return {fault.path: fault for fault in caught.value.faults}


def test_other_tasks_need_a_target() -> None:
    """F1: a run refuses to start without a target, unless the task goes without one."""
    fault = faults_of("recipe=csv", "source.path=x.csv")["problem.target"]
    assert "task=clustering" in fault.fix
    fault = faults_of("recipe=iris_clusters", "problem.target=[species]")["problem.target"]
    assert "species" in fault.problem


@pytest.mark.parametrize("name", ["generation", "reinforcement_learning"])
def test_tasks_that_a_plugin_would_provide(name: str, tmp_path: Path) -> None:
    """F2: tasks known by name say that nothing provides them, and how a plugin would."""
    from mlrecipe.registry import load_registry

    fault = faults_of("recipe=wine", f"task={name}")["task"]
    assert fault.problem == f"no installed plugin provides task={name}"
    assert "mlrecipe.Task" in fault.fix and "docs/plugins.md" in fault.fix
    with pytest.raises(mlrecipe.MlrecipeError, match="no installed plugin"):
        load_registry().find("task", name)
    file = tmp_path / "mine.yaml"
    file.write_text(f"# @package _global_\ndefaults:\n  - override /task: {name}\n")
    assert "no installed plugin" in faults_of(f"recipe={file}")["task"].problem


def test_options_name_the_tasks_that_are_missing(capsys: pytest.CaptureFixture[str]) -> None:
    from mlrecipe.cli import main

    assert main(["options", "task"]) == 0
    assert "task=generation  [no installed plugin provides it]" in capsys.readouterr().out


def test_misspelt_tasks_get_the_nearest_name() -> None:
    assert faults_of("recipe=wine", "task=clusterin")["task"].nearest == "clustering"


@pytest.mark.slow
def test_iris_from_rows_to_answers(tmp_path: Path) -> None:
    """F2: what the recipe's header claims, and a bundle that answers with a cluster."""
    run = tmp_path / "run"
    mlrecipe.run("recipe=iris_clusters", path=run)
    power = json.loads((run / "06_power" / "power.json").read_text())
    assert power["beats_trivial"]
    assert "Cluster 1 (" in (run / "10_explain" / "report.html").read_text()
    bundle = Bundle.load(run)
    from sklearn.datasets import load_iris

    iris = load_iris(as_frame=True)
    table = bundle.predict(iris.data)
    setosa = iris.target == 0
    found = pd.crosstab(table["prediction"], setosa)
    assert ((found == 0).sum(axis=1) == 1).all(), "no cluster mixes setosa with the others"
    assert set(table["prediction"]) <= set(range(1, 11))
    np.testing.assert_allclose(table["distance"], table.filter(like="distances_").min(axis=1))
