"""The model answers as the booster that grew it. Skipped where LightGBM is not installed."""

import numpy as np
import pytest

pytest.importorskip("lightgbm", reason="LightGBM is not installed: pip install lightgbm")

import lightgbm
from mlrecipe_lightgbm import LightGBM
from mlrecipe_lightgbm.growing import grow, trees_of
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine

from mlrecipe.interfaces import TensorSpec
from mlrecipe.testing import check_component
from mlrecipe.training import runtime
from mlrecipe.training.boosting import Order, Rows
from mlrecipe.training.fitting import answering
from mlrecipe.training.trees import tree_model


def vector(width: int) -> TensorSpec:
    return TensorSpec(name="vector", kind="vector", dtype="float32", shape=(width,))


def test_conformance() -> None:
    check_component(LightGBM)


@pytest.mark.parametrize("data", ["breast_cancer", "wine", "diabetes"])
def test_the_trees_are_lightgbms(data: str) -> None:
    load = {"breast_cancer": load_breast_cancer, "wine": load_wine, "diabetes": load_diabetes}
    x, y = load[data](return_X_y=True)
    x = x.astype(np.float32)
    objective, activation = {
        "breast_cancer": ({"objective": "binary"}, "sigmoid"),
        "wine": ({"objective": "multiclass", "num_class": 3}, "softmax"),
        "diabetes": ({"objective": "regression"}, "linear"),
    }[data]
    runtime.start()
    booster = lightgbm.train(
        {**objective, "verbosity": -1, "num_threads": 1}, lightgbm.Dataset(x, y), 40
    )
    trees = trees_of(booster, (None,) * x.shape[1])
    model = tree_model(trees, [0.0] * len(trees), [vector(x.shape[1])], activation, "trees")
    expected = booster.predict(x).reshape(len(x), -1)
    size = max(1.0, float(np.abs(expected).max()))
    np.testing.assert_allclose(answering(model)({"vector": x}) / size, expected / size, atol=1e-6)


def test_categories_and_the_best_round() -> None:
    draws = np.random.default_rng(0)
    x = np.stack([draws.integers(0, 30, 3000), draws.normal(size=3000)], axis=1)
    x = x.astype(np.float32)
    y = (np.sin(x[:, 0] * 7) + x[:, 1] + draws.logistic(size=3000) > 0).astype(np.int64)
    ones = np.ones(1500)
    runtime.start()
    order = Order("log_loss", (30, None), 500, 0)
    settings = {"learning_rate": 0.1, "num_leaves": 15, "min_data_per_group": 5}
    grown = grow(Rows(x[::2], y[::2], ones), Rows(x[1::2], y[1::2], ones), order, 20, settings)
    assert grown.rounds == np.argmin(grown.val_loss) + 1 == len(grown.trees[0]) < 500
    assert any(tree.categories for tree in grown.trees[0])
    codes = TensorSpec(name="codes", kind="codes", dtype="int32", shape=(1,), sizes=(30,))
    model = tree_model(grown.trees, grown.baseline, [codes, vector(1)], "sigmoid", "trees")
    outputs = answering(model)({"codes": x[:, :1].astype(np.int32), "vector": x[:, 1:]})[:, 0]
    truth = y[1::2]
    losses = -np.log(np.where(truth == 1, outputs[1::2], 1 - outputs[1::2]))
    assert losses.mean() == pytest.approx(min(grown.val_loss), abs=1e-5)
