"""The tabular network: bins, an ensemble in one network, and what it learns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mlrecipe
from mlrecipe.components.architecture.tabular import MOST_BINS, MOST_ENCODED, Tabular
from mlrecipe.components.objective.table import LinearMeanSquaredError
from mlrecipe.components.training.standard import Standard
from mlrecipe.interfaces import TensorSpec
from mlrecipe.preparation.target_codec import TargetCodec
from mlrecipe.testing.models import fresh_model
from mlrecipe.training.network import answer_in_unit
from mlrecipe.training.trainer import Trainer

random = np.random.default_rng(5)
X = random.normal(size=(600, 3)).astype(np.float32)
X[:, 2] = X[:, 2] > 0
Y = (np.sin(3 * X[:, :1]) + X[:, 1:2] * X[:, 2:]).astype(np.float32)
SPECS = (TensorSpec(name="vector", kind="vector", dtype="float32", shape=(3,)),)


def trainer(**settings: Any) -> Trainer:
    network = Tabular(layers=1, units=24, **settings).seen({"vector": X}, SPECS)
    objective = LinearMeanSquaredError()
    model = fresh_model(network, objective, SPECS, 1)
    training = Standard(epochs=25).preferring(network.prefers)
    return Trainer(model, objective, training, (1,))


def encoded(bins: tuple[int, ...], rows: np.ndarray[Any, Any]) -> Any:
    from mlrecipe.training.ensemble_layers import PiecewiseLinear

    layer = PiecewiseLinear(bins)
    layer.build((None, rows.shape[1]))
    layer.adapt(rows)
    return layer


def test_bins_are_filled_one_after_the_other() -> None:
    """B3: the encoding of Gorishniy et al. (2022), less the mean over the training rows."""
    rows = np.arange(101, dtype=np.float32)[:, None]
    layer = encoded((4,), rows)
    asked = np.array([[-10.0], [0], [25], [60], [100], [1000]], dtype=np.float32)
    found = np.asarray(layer(asked)) + np.asarray(layer.mean)
    expected = [[0] * 4, [0] * 4, [1, 0, 0, 0], [1, 1, 0.4, 0], [1] * 4, [1] * 4]
    np.testing.assert_allclose(found, expected, atol=1e-5)
    np.testing.assert_allclose(np.asarray(layer(rows)).mean(axis=0), 0, atol=1e-5)


def test_bins_that_rows_cannot_fill_stay_empty() -> None:
    """B3: a fold may have fewer distinct values than the one that the network was built on."""
    rows = np.array([[0.0], [1.0]] * 20, dtype=np.float32)
    found = np.asarray(encoded((5,), rows)(rows))
    assert np.isfinite(found).all()
    assert np.count_nonzero(np.ptp(found, axis=0)) == 1


def test_number_of_bins_follows_rows_and_columns() -> None:
    """B3: truths get none, small tables few, wide ones no more than they can carry."""

    def bins(rows: int, columns: int) -> tuple[int, ...]:
        x = random.normal(size=(rows, columns)).astype(np.float32)
        spec = (TensorSpec(name="v", kind="vector", dtype="float32", shape=(columns,)),)
        return Tabular().seen({"v": x}, spec)._bins["v"]

    assert Tabular().seen({"vector": X}, SPECS)._bins["vector"] == (6, 6, 0)
    assert bins(20, 2) == (0, 0)
    assert bins(100_000, 2) == (MOST_BINS, MOST_BINS)
    assert sum(bins(40_000, 200)) <= MOST_ENCODED
    assert sum(bins(2_000, 4_000)) == 0


@pytest.mark.slow
def test_members_answer_by_their_mean_and_are_trained_one_by_one() -> None:
    """B3: TabM, the loss is the mean of the members' losses, the answer the members' mean."""
    ours = trainer(members=4)
    history = ours.fit({"vector": X}, Y, seed=0)
    members = np.asarray(ours.model({"vector": X}, training=True))
    assert members.shape == (600, 4, 1)
    assert np.ptp(members, axis=1).mean() > 0.01, "the members are alike"
    assert history.loss[-1] < 0.35 * history.loss[0]

    still = trainer(members=4, dropout=0.0)
    before = np.asarray(still.model({"vector": X}, training=True))
    np.testing.assert_allclose(still.predict({"vector": X}), before.mean(axis=1), atol=1e-5)
    value = still._graphs.evaluate({"vector": X}, Y, np.ones(600, np.float32))
    alone = ((before - Y[:, None]) ** 2).mean(axis=1).sum()
    assert float(value) <= alone + 1e-3, "a mean of members is no worse than members are on average"


@pytest.mark.slow
def test_bends_where_a_linear_model_cannot() -> None:
    """B3: sine and product are learnt; rows never seen are answered as well."""
    ours = trainer()
    ours.fit({"vector": X[:480]}, Y[:480], ({"vector": X[480:]}, Y[480:]), seed=0)
    error = np.mean((ours.predict({"vector": X[480:]}) - Y[480:]) ** 2)
    assert error < 0.2 * Y.var()


@pytest.mark.slow
def test_answers_in_its_unit_and_is_read_again(tmp_path: Path) -> None:
    """B3, O2: scale and shift go into the last layer; the LiteRT file answers alike."""
    import keras

    from mlrecipe.bundle.litert import Runtime
    from mlrecipe.components.compression.litert import to_litert

    ours = trainer()
    ours.fit({"vector": X}, Y, seed=0, epochs=2)
    unit = ours.predict({"vector": X})
    answer_in_unit(ours.model, TargetCodec(columns=("y",), shift=(100.0,), scale=(7.0,)))
    outputs = ours.predict({"vector": X})
    np.testing.assert_allclose(outputs, unit * 7 + 100, rtol=1e-4)
    lite = Runtime(to_litert(ours.model)).run({"vector": X})
    np.testing.assert_allclose(lite, outputs, rtol=1e-4)
    ours.model.save(tmp_path / "model.keras")
    read = keras.saving.load_model(tmp_path / "model.keras", compile=False, safe_mode=True)
    np.testing.assert_allclose(np.asarray(read({"vector": X})), outputs, rtol=1e-5)


def test_what_the_recipe_says_stays() -> None:
    """B5: an architecture's preferences fill what is open, and nothing else."""
    found = Standard(learning_rate=0.5).preferring(Tabular.prefers)
    assert (found.learning_rate, found.algorithm, found.averaging) == (0.5, "adamw", 1.0)
    plain = Standard().preferring({})
    assert (plain.algorithm, plain.learning_rate, plain.averaging) == ("adam", 1e-3, 0.0)
    assert Standard(algorithm="sgd").preferring({}).learning_rate == 1e-2


@pytest.mark.slow
def test_what_an_architecture_prefers_is_logged(tmp_path: Path) -> None:
    """B5: what the recipe left open is a choice like any other, with its reason."""
    words = ("recipe=wine", "architecture=tabular", "workflow.rungs=1", "training.epochs=3")
    words += ("training.learning_rate=0.005", "tuner=none", "checks=[]")
    run = mlrecipe.run(*words, path=tmp_path / "run", until="finalize")
    chosen = {e["group"]: e for e in run.events() if e["event"] == "choice"}
    assert chosen["training.algorithm"]["name"] == "adamw"
    assert "tabular takes it" in chosen["training.algorithm"]["reason"]
    assert "training.learning_rate" not in chosen
