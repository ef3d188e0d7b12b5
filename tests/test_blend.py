"""Blends weigh several kinds of models, and answer as one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression, Ridge

import mlrecipe
from mlrecipe.components.architecture.auto import Auto
from mlrecipe.components.architecture.blend import MEMBERS, Blend
from mlrecipe.components.architecture.penalized_linear import PenalizedLinear
from mlrecipe.components.objective import table
from mlrecipe.components.task.binary import Binary
from mlrecipe.components.task.multiclass import Multiclass
from mlrecipe.components.task.regression import ScalarRegression
from mlrecipe.components.training.standard import Standard
from mlrecipe.data.table_schema import Column, TableSchema
from mlrecipe.interfaces import Facts, Samples, TensorSpec
from mlrecipe.preparation.target_codec import TargetCodec
from mlrecipe.problem import Problem
from mlrecipe.training import linear_path
from mlrecipe.training.blending import selected, without_small
from mlrecipe.training.fitting import Fitter, answering

YES_NO = TargetCodec(columns=("y",), labels=("no", "yes"))


def samples(x: Any, y: Any) -> Samples:
    import pandas as pd

    y = np.asarray(y, np.float32).reshape(len(y), -1)
    tensors = x if isinstance(x, dict) else {"vector": np.asarray(x, np.float32)}
    return Samples(pd.DataFrame(index=range(len(y))), tensors, y, np.ones(len(y), np.float32))


def vector(width: int) -> TensorSpec:
    return TensorSpec(name="vector", kind="vector", dtype="float32", shape=(width,))


@pytest.fixture(scope="module")
def tumours() -> tuple[Samples, Samples]:
    x, y = load_breast_cancer(return_X_y=True)
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    return samples(x[::2], y[::2]), samples(x[1::2], y[1::2])


def fitter(architecture: Any, training: Any = None) -> Fitter:
    training = training or Standard(epochs=5)
    return Fitter(
        Binary(), architecture, table.SigmoidBinaryCrossentropy(), training, YES_NO, seed=0
    )


def test_whoever_is_right_is_selected() -> None:
    """B3: the weights minimize the loss; errors of opposite directions are averaged away."""
    truth = np.linspace(-1, 1, 50)[:, None]

    def loss(outputs: Any) -> float:
        return float(((outputs - truth) ** 2).mean())

    np.testing.assert_array_equal(selected(np.stack([truth, truth + 1, -truth]), loss), [1, 0, 0])
    opposite = selected(np.stack([truth + 1, truth - 1, 0 * truth + 9]), loss)
    np.testing.assert_allclose(opposite, [0.5, 0.5, 0])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=6), st.floats(0, 0.5))
def test_weights_stay_weights(weights: list[float], least: float) -> None:
    found = without_small(np.array(weights), least)
    assert found.min() >= 0
    assert found.sum() == pytest.approx(1)
    assert (found > 0).any()


@pytest.mark.slow
def test_the_answer_is_the_weighted_mean(tumours: Any, tmp_path: Path) -> None:
    """B3, D1: one model answers for all members, is written, read again and converted."""
    import keras

    from mlrecipe.bundle.litert import Runtime
    from mlrecipe.components.compression.litert import to_litert

    rows, held_out = tumours
    members: dict[str, dict[str, Any]] = {**MEMBERS, "tabular": {"layers": 1, "units": 8}}
    fitted, answer = fitter(Blend(members=members, least=0.0)).fit(
        rows, (vector(30),), (), held_out, seed=0
    )
    weights = [fitted.found[f"weight.{name}"] for name in members]
    assert sum(weights) == pytest.approx(1)
    assert min(weights) > 0  # equal weights count like some rows
    assert {"tabular.epochs", "boosted_trees.rounds", "penalized_linear.penalty"} < set(
        fitted.found
    )
    parts = [answering(fitted.model.get_layer(name))(held_out.x) for name in members]
    mean = sum(w * p for w, p in zip(weights, parts, strict=True))
    np.testing.assert_allclose(answer(held_out.x), mean, atol=1e-6)
    right = (answer(held_out.x) > 0.5) == held_out.y
    assert right.mean() > 0.95
    fitted.model.save(tmp_path / "model.keras")
    read = keras.saving.load_model(tmp_path / "model.keras", compile=False, safe_mode=True)
    np.testing.assert_allclose(answering(read)(held_out.x), mean, atol=1e-6)
    lite = Runtime(to_litert(fitted.model)).run(held_out.x)
    np.testing.assert_allclose(lite, mean, atol=1e-5)


def test_the_last_training_leaves_out_who_weighs_nothing(tumours: Any) -> None:
    """B3: what the folds found is used when all rows are trained on."""
    rows, _ = tumours
    found = {"weight.penalized_linear": 0.6, "weight.boosted_trees": 0.38, "weight.tabular": 0.02}
    found |= {"boosted_trees.rounds": 7.0, "penalized_linear.penalty": 0.01}
    last, _ = fitter(Blend()).fit(rows, (vector(30),), (), None, found, seed=0)
    assert last.found["boosted_trees.rounds"] == 7
    assert last.found["weight.penalized_linear"] == pytest.approx(0.6 / 0.98)
    assert not any("tabular" in name for name in last.found)
    alone = {**found, "weight.boosted_trees": 0.0}
    last, _ = fitter(Blend()).fit(rows, (vector(30),), (), None, alone, seed=0)
    assert last.model.name == "penalized_linear"


def test_members_that_do_not_change_are_not_fitted_again(tumours: Any, monkeypatch: Any) -> None:
    """B3: a trial that varies the training of networks does not fit the linear member anew."""
    rows, held_out = tumours
    calls = []
    fit_path = linear_path.fit_path
    monkeypatch.setattr(linear_path, "fit_path", lambda *words: calls.append(1) or fit_path(*words))
    blend = Blend(members={"penalized_linear": {"steps": 3}})
    for epochs in (1, 2):
        fitter(blend, Standard(epochs=epochs)).fit(rows, (vector(30),), (), held_out, seed=3)
    assert len(calls) == 1
    other = samples(held_out.x, 1 - held_out.y)
    fitter(blend).fit(rows, (vector(30),), (), other, seed=3)
    assert len(calls) == 2


def test_members_are_checked_with_the_recipe(tmp_path: Path) -> None:
    """B3: a misspelt member, or a setting it does not have, is a fault of the recipe."""
    for members, said in (
        ("{boosted_tree: {}}", "did you mean 'boosted_trees'"),
        ("{dense: {unit: 3}}", "dense.unit"),
        ("{blend: {}}", "cannot be a member"),
    ):
        words = ("recipe=wine", "architecture=blend", f"architecture.members={members}")
        with pytest.raises(mlrecipe.RecipeError, match=said):
            mlrecipe.run(*words, path=tmp_path)


def test_sizes_begin_with_the_cheapest_member() -> None:
    sizes = list(Blend().sizes())
    assert [len(size.members) for size in sizes] == [1, 2, 3, 3]
    assert sizes[0].members == {"penalized_linear": {}}
    assert sizes[2].members["tabular"] == {"layers": 2, "units": 96}
    assert sizes[3].members["tabular"]["units"] > 96
    assert [size.members for size in sizes[3].sizes()][-1] == sizes[3].members


def test_auto_blends_tables_and_keeps_trees_from_words() -> None:
    """B3: the architecture follows from task and columns, with a reason."""
    problem = Problem(question="?", target=("y",))

    def chosen(kind: Any, type_: Any, tensors: set[Any], *others: str) -> Any:
        columns = {"x": Column(kind=kind, type=type_)}
        columns |= {name: Column(kind="numeric", type="number") for name in others}
        schema = TableSchema(columns=columns, targets=(), inputs=tuple(columns))
        return Auto().resolve(Facts(problem, schema, 500, {}, tensors=frozenset(tensors)))[0]

    assert chosen("numeric", "number", {"vector"}).name == "blend"
    assert "500 rows" in chosen("numeric", "number", {"vector"}).reason
    assert chosen("categorical", "string", {"codes"}).name == "blend"
    members = chosen("text", "string", {"vector"}, "number").fields["members"]
    assert members.keys() == {"penalized_linear", "tabular"}
    assert chosen("text", "string", {"vector"}).name == "penalized_linear"
    assert chosen("text", "string", {"tokens"}).name == "text_convnet"


def test_the_penalty_is_found_and_the_model_is_scikit_learns(tumours: Any) -> None:
    """B3: of the path's penalties the best on validation rows, then solved exactly."""
    rows, held_out = tumours
    fitted, answer = fitter(PenalizedLinear()).fit(rows, (vector(30),), (), held_out, seed=0)
    assert fitted.best == np.argmin(fitted.val_loss) + 1
    strength = 1 / (fitted.found["penalty"] * len(rows.y))
    model = LogisticRegression(C=strength, max_iter=5000, tol=1e-6)
    model.fit(rows.x["vector"], rows.y[:, 0])
    expected = model.predict_proba(held_out.x["vector"])[:, 1]
    np.testing.assert_allclose(answer(held_out.x)[:, 0], expected, atol=5e-3)


def test_linear_in_codes_and_numbers() -> None:
    """B3: a code has a weight of its own; numbers come in the target's unit."""
    draws = np.random.default_rng(0)
    codes = draws.integers(0, [3, 4], (400, 2)).astype(np.int32)
    number = draws.normal(size=(400, 1)).astype(np.float32)
    y = np.array([5.0, -40, 90])[codes[:, 0]] + 30 * (codes[:, 1] == 2) + 10 * number[:, 0] + 1000
    x = {"codes": codes, "vector": number}
    both = TensorSpec(name="codes", kind="codes", dtype="int32", shape=(2,), sizes=(3, 4))
    codec = TargetCodec(columns=("y",), shift=(float(y.mean()),), scale=(float(y.std()),))
    objective = table.LinearMeanSquaredError()
    work = Fitter(ScalarRegression(), PenalizedLinear(), objective, Standard(), codec, seed=0)
    rows = samples(x, y)
    fitted, answer = work.fit(rows, (both, vector(1)), (), rows, seed=0)
    hot = np.concatenate([np.eye(3)[codes[:, 0]], np.eye(4)[codes[:, 1]], number], axis=1)
    expected = Ridge(alpha=fitted.found["penalty"] * 400).fit(hot, y).predict(hot)
    np.testing.assert_allclose(answer(x)[:, 0], expected, rtol=1e-4)
    assert np.abs(answer(x)[:, 0] - y).max() < 0.1
    only = Fitter(ScalarRegression(), PenalizedLinear(), objective, Standard(), codec, seed=0)
    _, answer = only.fit(samples({"codes": codes}, y), (both,), (), rows, seed=0)
    assert answer({"codes": codes}).mean() == pytest.approx(y.mean(), rel=1e-3)


def test_classes_that_no_row_has() -> None:
    draws = np.random.default_rng(0)
    x = draws.normal(size=(200, 2))
    index = np.where(x[:, 0] > 0, 3, 1)
    codec = TargetCodec(columns=("y",), labels=("a", "b", "c", "d"))
    objective = table.SoftmaxCategoricalCrossentropy()
    work = Fitter(Multiclass(), PenalizedLinear(), objective, Standard(), codec, seed=0)
    rows = samples(x, np.eye(4)[index])
    _, answer = work.fit(rows, (vector(2),), (), rows, seed=0)
    outputs = answer(rows.x)
    assert (outputs.argmax(axis=1) == index).mean() > 0.95
    assert outputs[:, [0, 2]].max() < 1e-5


def test_members_that_cannot_follow_an_objective_are_refused_by_name() -> None:
    """B4: nothing is left out in silence; the message names what to type."""
    from mlrecipe.composing import compose_recipe
    from mlrecipe.registry import load_registry

    words = ["recipe=breast_cancer", "architecture=blend", "objective=sigmoid_focal_crossentropy"]
    with pytest.raises(mlrecipe.MlrecipeError) as caught:
        compose_recipe(words, load_registry())
    assert "penalized_linear, boosted_trees cannot be fitted" in str(caught.value)
    assert "architecture.members={tabular: {}}" in str(caught.value)
