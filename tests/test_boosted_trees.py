"""Boosted trees answer as the library that grew them, wherever the model runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

import mlrecipe
from mlrecipe.components.architecture.boosted_trees import BoostedTrees
from mlrecipe.components.objective import table
from mlrecipe.components.task.binary import Binary
from mlrecipe.components.task.multiclass import Multiclass
from mlrecipe.components.task.regression import ScalarRegression, VectorRegression
from mlrecipe.components.training.standard import Standard
from mlrecipe.interfaces import Samples, TensorSpec
from mlrecipe.preparation.target_codec import TargetCodec
from mlrecipe.training.fitting import Fitter, answering
from mlrecipe.training.histogram_trees import trees_of
from mlrecipe.training.trees import Tree, by_level, rounded_down, tree_model


def vector(width: int) -> TensorSpec:
    return TensorSpec(name="vector", kind="vector", dtype="float32", shape=(width,))


def codes(*sizes: int) -> TensorSpec:
    return TensorSpec(name="codes", kind="codes", dtype="int32", shape=(len(sizes),), sizes=sizes)


def samples(x: dict[str, Any], y: Any) -> Samples:
    import pandas as pd

    y = np.asarray(y, np.float32).reshape(len(y), -1)
    return Samples(pd.DataFrame(index=range(len(y))), x, y, np.ones(len(y), np.float32))


def halves(x: dict[str, Any], y: Any) -> tuple[Samples, Samples]:
    training = {name: values[::2] for name, values in x.items()}
    held_out = {name: values[1::2] for name, values in x.items()}
    return samples(training, y[::2]), samples(held_out, y[1::2])


def fit(task: Any, objective: Any, codec: TargetCodec, specs: Any, rows: Any, **fields: Any) -> Any:
    fitter = Fitter(task, BoostedTrees(**fields), objective, Standard(), codec, seed=0)
    return fitter.fit(rows[0], specs, (), rows[1], seed=0)


YES_NO = TargetCodec(columns=("y",), labels=("no", "yes"))


@pytest.mark.parametrize("data", ["breast_cancer", "wine", "diabetes"])
def test_the_trees_are_scikit_learns(data: str) -> None:
    """B3: the private arrays of scikit-learn are read as they are meant: outputs agree to 1e-6."""
    load: Any = {"breast_cancer": load_breast_cancer, "wine": load_wine, "diabetes": load_diabetes}
    x, y = load[data](return_X_y=True)
    x = x.astype(np.float32)
    if data == "diabetes":
        y = (y - y.mean()) / y.std()
        estimator: Any = HistGradientBoostingRegressor(max_iter=40).fit(x, y)
        expected, activation = estimator.predict(x)[:, None], "linear"
    else:
        estimator = HistGradientBoostingClassifier(max_iter=40).fit(x, y)
        expected, activation = estimator.predict_proba(x), "softmax"
    if data == "breast_cancer":
        expected, activation = expected[:, 1:], "sigmoid"
    trees, baseline = trees_of(estimator, (None,) * x.shape[1])
    model = tree_model(trees, baseline, [vector(x.shape[1])], activation, "trees")
    np.testing.assert_allclose(answering(model)({"vector": x}), expected, atol=1e-6)


def test_categories_are_told_as_scikit_learn_tells_them() -> None:
    """B3: codes go left or right by sets, those that no training row has as the larger child."""
    draws = np.random.default_rng(0)
    code = draws.integers(0, 40, (2000, 1))
    code[code == 17] = 18  # 17 is in no training row
    number = draws.normal(size=(2000, 1))
    y = np.sin(code[:, 0] * 7.0) + number[:, 0] * (code[:, 0] % 3)
    both = np.concatenate([number, code], axis=1)
    estimator = HistGradientBoostingRegressor(max_iter=40, categorical_features=[False, True])
    estimator.fit(both, y)
    trees, baseline = trees_of(estimator, (None, 40))
    assert any(tree.categories for tree in trees[0])
    model = tree_model(trees, baseline, [vector(1), codes(40)], "linear", "trees")
    unseen = np.concatenate([both, [[0.3, 17.0], [-2.0, 17.0]]])
    x = {"vector": unseen[:, :1].astype(np.float32), "codes": unseen[:, 1:].astype(np.int32)}
    unseen[:, :1] = x["vector"]
    np.testing.assert_allclose(answering(model)(x)[:, 0], estimator.predict(unseen), atol=1e-5)


def test_more_categories_than_scikit_learn_tells() -> None:
    draws = np.random.default_rng(1)
    code = draws.integers(0, 300, 12000)
    y = (code % 2).astype(np.float32)
    x = {"codes": code[:, None].astype(np.int32)}
    specs = (codes(300),)
    objective = table.SigmoidBinaryCrossentropy()
    _, answer = fit(Binary(), objective, YES_NO, specs, halves(x, y), rows_a_leaf=1)
    outputs = answer(x)[:, 0]
    few = code < 254
    assert ((outputs > 0.5) == y)[few].mean() > 0.95
    assert np.ptp(outputs[~few]) < 1e-6  # all others are one category


def test_each_class_keeps_its_place() -> None:
    """B1: classes that no training row has are all but ruled out, the others stay in order."""
    draws = np.random.default_rng(0)
    x = draws.normal(size=(600, 4)).astype(np.float32)
    index = np.where(x[:, 0] > 0.5, 3, np.where(x[:, 1] > 0, 1, 0))  # 2 never occurs
    codec = TargetCodec(columns=("y",), labels=("a", "b", "c", "d"))
    objective = table.SoftmaxCategoricalCrossentropy()
    rows = halves({"vector": x}, np.eye(4)[index])
    fitted, answer = fit(Multiclass(), objective, codec, (vector(4),), rows)
    outputs = answer({"vector": x})
    assert (outputs.argmax(axis=1) == index).mean() > 0.95
    assert outputs[:, 2].max() < 1e-5
    np.testing.assert_allclose(outputs.sum(axis=1), 1, atol=1e-5)
    assert fitted.best == fitted.found["rounds"] == np.argmin(fitted.val_loss) + 1
    two = samples({"vector": x}, np.eye(4)[np.where(index == 3, 3, 1)])
    _, answer = fit(Multiclass(), objective, codec, (vector(4),), (two, two))
    outputs = answer({"vector": x})
    assert (outputs.argmax(axis=1) == np.where(index == 3, 3, 1)).mean() > 0.95


def test_numbers_come_in_their_own_unit() -> None:
    """B1: one output a target, each with as many rounds as its validation rows find."""
    x, y = load_diabetes(return_X_y=True)
    both = np.stack([y * 1000 + 7, x[:, 2] * 0.01], axis=1)
    codec = TargetCodec(
        columns=("a", "b"), shift=tuple(both.mean(axis=0)), scale=tuple(both.std(axis=0))
    )
    rows = halves({"vector": x.astype(np.float32)}, both)
    objective = table.LinearMeanSquaredError()
    fitted, answer = fit(VectorRegression(), objective, codec, (vector(10),), rows)
    outputs = answer(rows[1].x)
    error = ((outputs - rows[1].y) ** 2).mean(axis=0) / rows[1].y.var(axis=0)
    assert error[0] < 0.75
    assert error[1] < 0.05
    assert set(fitted.found) == {"rounds_0", "rounds_1"}
    again = Fitter(VectorRegression(), BoostedTrees(), objective, Standard(), codec, seed=0)
    last, _ = again.fit(
        rows[0], (vector(10),), (), None, {"rounds_0": 3.0, "rounds_1": 5.0}, seed=0
    )
    assert dict(last.found) == {"rounds_0": 3.0, "rounds_1": 5.0}
    assert last.val_loss == []


def test_weights_and_the_median() -> None:
    """B4: rows count by their weights; mean_absolute_error aims at the median."""
    y = np.concatenate([np.zeros(60), np.full(40, 10.0)])
    x = {"vector": np.zeros((100, 1), np.float32)}
    rows = samples(x, y)
    codec = TargetCodec(columns=("y",), shift=(4.0,), scale=(4.9,))
    for objective, expected in (
        (table.LinearMeanSquaredError(), 4.0),
        (table.LinearMeanAbsoluteError(), 0.0),
    ):
        fitter = Fitter(ScalarRegression(), BoostedTrees(), objective, Standard(), codec, seed=0)
        _, answer = fitter.fit(rows, (vector(1),), (), rows, seed=0)
        assert answer(x)[0, 0] == pytest.approx(expected, abs=1e-3)
    heavy = Samples(rows.frame, rows.x, rows.y, np.where(y > 0, 9.0, 1.0).astype(np.float32))
    fitter = Fitter(
        ScalarRegression(),
        BoostedTrees(),
        table.LinearMeanSquaredError(),
        Standard(),
        codec,
        seed=0,
    )
    _, answer = fitter.fit(heavy, (vector(1),), (), heavy, seed=0)
    assert answer(x)[0, 0] == pytest.approx(360 / 42, abs=1e-3)


def test_saved_and_converted(tmp_path: Path) -> None:
    """B3, D1: the model is written without code, and LiteRT answers alike to 1e-5."""
    import keras

    from mlrecipe.bundle.litert import Runtime
    from mlrecipe.components.compression.int8 import Int8
    from mlrecipe.components.compression.litert import to_litert
    from mlrecipe.components.compression.pruning import Pruning

    x, y = load_breast_cancer(return_X_y=True)
    x = {"vector": x.astype(np.float32)}
    objective = table.SigmoidBinaryCrossentropy()
    fitted, answer = fit(Binary(), objective, YES_NO, (vector(30),), halves(x, y))
    expected = answer(x)
    assert ((expected[:, 0] > 0.5) == y).mean() > 0.95
    fitted.model.save(tmp_path / "model.keras")
    read = keras.saving.load_model(tmp_path / "model.keras", compile=False, safe_mode=True)
    np.testing.assert_array_equal(answering(read)(x), expected)
    lite = Runtime(to_litert(fitted.model))
    np.testing.assert_allclose(lite.run(x), expected, atol=1e-5)
    for compression in (Int8(), Pruning()):
        with pytest.raises(mlrecipe.MlrecipeError, match="decision trees"):
            compression.compress(fitted.model, x, y, objective.loss(), 32)


def test_what_cannot_be_fitted_is_refused(tmp_path: Path) -> None:
    """B4: an objective that trees cannot minimize is a fault of the recipe."""
    x = {"vector": np.zeros((40, 1), np.float32)}
    rows = samples(x, np.arange(40) % 2)
    smooth = table.SigmoidBinaryCrossentropy(label_smoothing=0.1)
    with pytest.raises(mlrecipe.MlrecipeError, match="label smoothing"):
        fit(Binary(), smooth, YES_NO, (vector(1),), (rows, rows))
    words = ("recipe=diabetes", "architecture=boosted_trees", "objective=linear_huber")
    with pytest.raises(mlrecipe.RecipeError, match="boosted_trees cannot be fitted for"):
        mlrecipe.run(*words, path=tmp_path)


@given(st.lists(st.floats(-1e30, 1e30), min_size=1), st.floats(-(2.0**99), 2.0**99, width=32))
def test_thresholds_say_the_same_in_fewer_bits(thresholds: list[float], value: float) -> None:
    exact = np.array(thresholds)
    assert ((value <= exact) == (np.float32(value) <= rounded_down(exact))).all()


@given(st.integers(0, 2**32 - 1))
def test_numbering_by_level_keeps_every_answer(seed: int) -> None:
    draws = np.random.default_rng(seed)
    left, right = [-1], [-1]
    for _ in range(draws.integers(0, 20)):
        leaf = int(draws.choice([i for i, child in enumerate(left) if child == -1]))
        left[leaf], right[leaf] = len(left), len(left) + 1
        left, right = [*left, -1, -1], [*right, -1, -1]
    nodes = len(left)
    tree = Tree(
        draws.integers(0, 3, nodes),
        draws.normal(size=nodes),
        np.array(left),
        np.array(right),
        np.arange(nodes) + 1.0,
    )
    ordered, depth = by_level(tree)
    for row in draws.normal(size=(10, 3)):
        node = 0
        while tree.left[node] != -1:
            goes_left = row[tree.feature[node]] <= tree.threshold[node]
            node = int(tree.left[node] if goes_left else tree.right[node])
        place = 0
        for _ in range(depth):
            goes_left = row[ordered.feature[place]] <= ordered.threshold[place]
            place = int(ordered.left[place] if goes_left else ordered.left[place] + 1)
        assert ordered.value[place] == tree.value[node]
