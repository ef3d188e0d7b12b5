"""Smaller variants: the bridge to tf_keras, pruning, 8 bits, and the choice by rule."""

from __future__ import annotations

import gzip
from typing import Any

import numpy as np
import pytest

import mlrecipe
from mlrecipe.bundle.litert import Runtime
from mlrecipe.components.compression.int8 import Int8
from mlrecipe.components.compression.none import NoCompression
from mlrecipe.components.compression.pruning import Pruning
from mlrecipe.components.metric.classification import Accuracy
from mlrecipe.components.metric.probability import LogLoss
from mlrecipe.files import read_json
from mlrecipe.run_folder import Run
from mlrecipe.steps.optimize import choose

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def trained() -> Any:
    """A dense model that reads digits: (model, x, y, loss)."""
    from sklearn.datasets import load_digits

    from mlrecipe.components.architecture.dense import Dense
    from mlrecipe.components.objective.table import SoftmaxCategoricalCrossentropy
    from mlrecipe.components.training.standard import Standard
    from mlrecipe.interfaces import TensorSpec
    from mlrecipe.testing.models import fresh_model
    from mlrecipe.training.trainer import Trainer

    x, digit = load_digits(return_X_y=True)
    x, y = (x / 16).astype(np.float32), np.eye(10, dtype=np.float32)[digit]
    x = {"vector": x}
    specs = (TensorSpec(name="vector", kind="vector", dtype="float32", shape=(64,)),)
    objective = SoftmaxCategoricalCrossentropy()
    model = fresh_model(Dense(layers=2, units=64, dropout=0.1), objective, specs, 10)
    Trainer(model, objective, Standard(), (10,)).fit(x, y, seed=0, epochs=15)
    return model, x, y, objective.loss()


def test_float32_answers_as_keras_does(trained: Any) -> None:
    model, x, y, loss = trained
    outputs = Runtime(NoCompression().compress(model, x, y, loss, 64).model).run(x)
    np.testing.assert_allclose(outputs, np.asarray(model(x)), atol=1e-5)


@pytest.mark.parametrize("activations", ["float", "int8"])
def test_eight_bits_take_less_than_half(trained: Any, activations: Any) -> None:
    """O2: size and quality before and after."""
    model, x, y, loss = trained
    before = NoCompression().compress(model, x, y, loss, 64)
    after = Int8(activations=activations).compress(model, x, y, loss, 64)
    assert len(after.model) < 0.5 * len(before.model)
    accuracy = Accuracy().score(y, Runtime(after.model).run(x))
    assert accuracy > Accuracy().score(y, Runtime(before.model).run(x)) - 0.02


def test_pruning_reaches_its_sparsity_and_leaves_the_model_alone(trained: Any) -> None:
    """O1: pruning to a chosen sparsity, with the loss of quality stated."""
    import os

    model, x, y, loss = trained
    weights = [w.copy() for w in model.get_weights()]
    variant = Pruning(sparsity=0.75, epochs=6).compress(model, x, y, loss, 64)
    assert "75% of the weights are zero" in variant.notes
    assert "left alone: answer" in variant.notes
    assert Accuracy().score(y, Runtime(variant.model).run(x)) > 0.95
    eight_bit = Int8().compress(model, x, y, loss, 64)
    assert len(gzip.compress(variant.model)) < 0.7 * len(gzip.compress(eight_bit.model))
    for before, after in zip(weights, model.get_weights(), strict=True):
        np.testing.assert_array_equal(before, after)
    assert "TF_USE_LEGACY_KERAS" not in os.environ


def test_layer_that_cannot_be_carried_over_is_an_error(trained: Any) -> None:
    import keras

    inputs = keras.Input((4,))
    outputs = keras.layers.Dense(1, activation="hard_sigmoid")(inputs)
    model = keras.Model({"vector": inputs}, outputs)
    x, y = {"vector": np.zeros((8, 4), dtype=np.float32)}, np.zeros((8, 1), dtype=np.float32)
    with pytest.raises(mlrecipe.MlrecipeError, match="hard_sigmoid"):
        Pruning().compress(model, x, y, keras.losses.MeanSquaredError(reduction="none"), 4)


def row(name: str, size: int, accuracy: float) -> dict[str, Any]:
    return {
        "name": name,
        "gzip_bytes": size,
        "scores": {"accuracy": accuracy, "log_loss": accuracy},
    }


def test_smallest_within_the_tolerance_is_chosen() -> None:
    """O3: a choice by rule, the smallest within a share of the primary metric."""
    rows = [row("float32", 100, 0.90), row("int8", 30, 0.895), row("pruning", 10, 0.85)]
    assert choose(rows, Accuracy(), 0.01)[0]["name"] == "int8"
    assert choose(rows, Accuracy(), 0.10)[0]["name"] == "pruning"
    assert choose(rows, Accuracy(), 0.0)[0]["name"] == "float32"
    assert choose(rows, LogLoss(), 0.0)[0]["name"] == "pruning"


def test_every_runtime_agrees(finished_run: Run) -> None:
    """P4: SavedModel, LiteRT and server answer raw rows as training did, gaps included."""
    parity = read_json(finished_run.artifact("ship", "parity.json"))
    assert set(parity["differences"]) == {"litert", "saved_model", "javascript", "server"}
    assert max(parity["differences"].values()) < 1e-5
    assert parity["rows"] > 200


def test_saved_model_takes_raw_rows_by_name(finished_run: Run) -> None:
    import tensorflow as tf

    folder = finished_run.artifact("ship", "bundle") / "saved_model" / "1"
    signature = tf.saved_model.load(str(folder)).signatures["serving_default"]
    assert "mean_radius" in signature.structured_input_signature[1]
