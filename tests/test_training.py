"""Training: the same seed gives the same numbers, and folds start from the same weights."""

from __future__ import annotations

import gc
from typing import Any

import numpy as np
import pytest

from mlrecipe.components.architecture.dense import Dense
from mlrecipe.components.architecture.linear import Linear
from mlrecipe.components.objective.table import (
    LinearMeanSquaredError,
    SigmoidBinaryCrossentropy,
    SoftmaxCategoricalCrossentropy,
)
from mlrecipe.components.training.standard import Standard
from mlrecipe.interfaces import TensorSpec
from mlrecipe.preparation.target_codec import TargetCodec
from mlrecipe.testing.models import fresh_model
from mlrecipe.training.network import answer_in_unit
from mlrecipe.training.trainer import Trainer

random = np.random.default_rng(3)
FEATURES = random.normal(size=(200, 5)).astype(np.float32)
X = {"vector": FEATURES}
SPECS = (TensorSpec(name="vector", kind="vector", dtype="float32", shape=(5,)),)
Y = (FEATURES @ np.array([[1.0], [-2.0], [0.5], [0.0], [0.0]]) > 0).astype(np.float32)


def first_rows(start: int, end: int) -> dict[str, Any]:
    return {"vector": FEATURES[start:end]}


def trainer(
    architecture: Any, training: Any = None, objective: Any = None, outputs: int = 1
) -> Any:
    objective = objective or SigmoidBinaryCrossentropy()
    model = fresh_model(architecture, objective, SPECS, outputs)
    return Trainer(model, objective, training or Standard(epochs=20), (outputs,))


def test_same_seed_same_weights_also_after_another_fit() -> None:
    ours = trainer(Dense(layers=2, units=8, dropout=0.3))
    ours.fit(X, Y, seed=1)
    first = [w.copy() for w in ours.model.get_weights()]
    ours.fit(first_rows(0, 77), Y[:77], seed=2)
    ours.fit(X, Y, seed=1)
    for before, after in zip(first, ours.model.get_weights(), strict=True):
        np.testing.assert_array_equal(before, after)
    other = trainer(Dense(layers=2, units=8, dropout=0.3))
    other.fit(X, Y, seed=1)
    for before, after in zip(first, other.model.get_weights(), strict=True):
        np.testing.assert_array_equal(before, after)


def test_what_was_compiled_for_a_fit_goes_with_it() -> None:
    """S1: a search fits thousands of models in one process."""
    before = graphs_alive()
    for units in (4, 5, 6):
        trainer(Dense(layers=1, units=units), Standard(epochs=2)).fit(X, Y, seed=0)
    assert graphs_alive() <= before


def graphs_alive() -> int:
    gc.collect()
    return sum(type(thing).__name__ == "FuncGraph" for thing in gc.get_objects())


def test_learns_what_can_be_learnt() -> None:
    ours = trainer(Linear(), Standard(epochs=200, learning_rate=0.05, patience=None))
    history = ours.fit(X, Y, seed=0)
    assert history.loss[-1] < 0.1 < history.loss[0]
    assert ((ours.predict(X) > 0.5) == Y).mean() > 0.98


def test_stops_early_with_the_best_weights() -> None:
    noise = (random.random((60, 1)) < 0.5).astype(np.float32)
    held_out = (first_rows(100, 160), (random.random((60, 1)) < 0.5).astype(np.float32))
    ours = trainer(Dense(layers=2, units=64), Standard(epochs=200, patience=5, learning_rate=0.01))
    history = ours.fit(first_rows(0, 60), noise, held_out, seed=0)
    assert len(history.loss) == history.best_epoch + 5
    assert history.val_loss[history.best_epoch - 1] == min(history.val_loss)
    p = np.clip(ours.predict(held_out[0]), 1e-7, 1 - 1e-7)
    loss = -(held_out[1] * np.log(p) + (1 - held_out[1]) * np.log(1 - p)).mean()
    assert loss == pytest.approx(min(history.val_loss), rel=1e-4)


def test_every_row_counts_once_an_epoch_whatever_the_batch() -> None:
    """The mean loss of an epoch without steps is the loss itself, also with a last short batch."""
    still = trainer(Linear(), Standard(epochs=1, batch_size=64, learning_rate=1e-12))
    loss = still.fit(X, Y, seed=0).loss[0]
    p = still.predict(X)
    assert loss == pytest.approx(-(Y * np.log(p) + (1 - Y) * np.log(1 - p)).mean(), rel=1e-5)


def test_balanced_weights_make_classes_equal() -> None:
    y = np.zeros((100, 1), dtype=np.float32)
    y[:20] = 1
    weights = Standard(class_weight="balanced").row_weights(y)
    assert weights is not None
    assert weights[:20].sum() == pytest.approx(weights[20:].sum())
    assert weights.sum() == pytest.approx(100)


@pytest.mark.parametrize(
    ("rows", "batch"), [(30, 16), (364, 16), (1437, 64), (20_640, 256), (8, 8)]
)
def test_batch_size_is_about_a_twentieth(rows: int, batch: int) -> None:
    assert Standard().rows_per_step(rows) == batch


def test_regression_answers_in_its_unit() -> None:
    ours = trainer(Dense(layers=1, units=4), None, LinearMeanSquaredError(), outputs=2)
    standardized = ours.predict(X)
    codec = TargetCodec(columns=("a", "b"), shift=(10.0, -3.0), scale=(2.0, 0.5))
    answer_in_unit(ours.model, codec)
    np.testing.assert_allclose(
        ours.predict(X), standardized * [2.0, 0.5] + [10.0, -3.0], rtol=1e-4, atol=1e-4
    )


def test_objectives_follow_the_books_table() -> None:
    """B4: activation and loss of the last layer, in one place."""
    table = [
        (SigmoidBinaryCrossentropy(), "sigmoid", [[1.0]], [[0.25]], -np.log(0.25)),
        (
            SoftmaxCategoricalCrossentropy(),
            "softmax",
            [[0.0, 1.0, 0.0]],
            [[0.2, 0.5, 0.3]],
            -np.log(0.5),
        ),
        (LinearMeanSquaredError(), "linear", [[3.0]], [[1.0]], 4.0),
    ]
    for objective, activation, y, outputs, loss in table:
        assert objective.activation == activation
        assert np.asarray(objective.loss()(np.array(y), np.array(outputs))).shape == (1,)
        assert float(objective.loss()(np.array(y), np.array(outputs))[0]) == pytest.approx(loss)


def test_ladder_grows_and_respects_what_is_fixed() -> None:
    sizes = list(Dense().sizes())
    assert [(s.layers, s.units) for s in sizes][:3] == [(1, 16), (2, 64), (3, 256)]
    assert {s.units for s in Dense(units=32).sizes()} == {32}
    assert len(list(Dense(units=32, layers=2).sizes())) == 1
    assert list(Linear().sizes()) == [Linear()]
