"""Training configuration: optimizers, schedules, averages, and fits that go on after a kill."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mlrecipe
from mlrecipe.components.architecture.dense import Dense
from mlrecipe.components.architecture.linear import Linear
from mlrecipe.components.objective.table import LinearMeanSquaredError
from mlrecipe.components.training.standard import Algorithm, Schedule, Standard
from mlrecipe.composing import compose_recipe
from mlrecipe.interfaces import Progress, TensorSpec
from mlrecipe.registry import load_registry
from mlrecipe.testing.models import fresh_model
from mlrecipe.training.keeping import Kept
from mlrecipe.training.schedules import cuts
from mlrecipe.training.trainer import Trainer

random = np.random.default_rng(7)
X = {"vector": random.normal(size=(160, 4)).astype(np.float32)}
Y = (X["vector"] @ np.array([[1.0], [-2.0], [0.5], [0.0]])).astype(np.float32)
SPECS = (TensorSpec(name="vector", kind="vector", dtype="float32", shape=(4,)),)


def trainer(architecture: Any = None, **settings: Any) -> Trainer:
    objective, training = LinearMeanSquaredError(), Standard(**settings)
    network = architecture or Linear()
    model = fresh_model(network, objective, SPECS, 1, training.computes_in())
    return Trainer(model, objective, training, (1,))


def rates(schedule: str, epochs: int, steps: int = 10, **settings: Any) -> Any:
    training = Standard(schedule=schedule, epochs=epochs, learning_rate=0.1, **settings)
    found = [training.learning_rates(Progress(e, epochs, steps)) for e in range(epochs)]
    return np.concatenate(found)  # type: ignore[arg-type]


def test_schedules_go_as_they_say() -> None:
    """B5: where each schedule starts, where it ends, and that it never rises in between."""
    assert set(rates("constant", 5)) == {np.float32(0.1)}
    for schedule, last in (("cosine", 0.0), ("exponential", 0.001)):
        found = rates(schedule, 20)
        assert found[0] == pytest.approx(0.1)
        assert found[-1] == pytest.approx(last, abs=1e-4)
        assert (np.diff(found) <= 0).all()
    cycle = rates("one_cycle", 10)
    assert cycle.argmax() == 30
    assert cycle.max() == pytest.approx(0.1)
    assert cycle[-1] < 0.01
    warm = rates("constant", 4, warmup=2)
    np.testing.assert_allclose(warm[:20], 0.1 * np.arange(1, 21) / 20, rtol=1e-5)
    assert set(warm[20:]) == {np.float32(0.1)}


@given(st.lists(st.floats(0.1, 10), max_size=40))
def test_plateau_cuts_no_more_often_than_it_waits(losses: list[float]) -> None:
    """B5: a rate is cut after five epochs that stand still; a falling loss never cuts."""
    assert cuts(losses) <= len(losses) // 5
    assert cuts(sorted(set(losses), reverse=True)) == 0
    assert cuts([1.0] * 11) == 2


@pytest.mark.slow
@pytest.mark.parametrize("algorithm", Algorithm.__args__)  # type: ignore[attr-defined]
def test_every_optimizer_learns(algorithm: str) -> None:
    """B5: with decay, clipping and its default rate, the loss falls in a few epochs."""
    ours = trainer(algorithm=algorithm, weight_decay=1e-4, clip_norm=5.0, epochs=15)
    loss = ours.fit(X, Y, seed=0).loss
    assert loss[-1] < loss[0]


@pytest.mark.slow
@pytest.mark.parametrize("schedule", Schedule.__args__)  # type: ignore[attr-defined]
def test_every_schedule_learns(schedule: str) -> None:
    """B5: and the optimizer really steps at the rate of the schedule."""
    ours = trainer(schedule=schedule, epochs=12, learning_rate=0.05)
    loss = ours.fit(X, Y, seed=0).loss
    assert loss[-1] < 0.3 * loss[0]
    last = float(ours._optimizer.learning_rate.numpy())
    expected = rates(schedule, 12, 10)[-1] / 2
    assert last == pytest.approx(expected, rel=1e-3, abs=1e-7)


@pytest.mark.slow
def test_decay_shrinks_kernels_and_leaves_biases() -> None:
    """B5: decoupled decay takes its share off kernels at each step, whatever the gradient."""
    ours = trainer(weight_decay=0.5, learning_rate=0.1, epochs=40, algorithm="sgd", batch_size=160)
    kernel, bias = (w * 0 + 1 for w in ours.model.get_weights())
    ours.model.set_weights([kernel, bias])
    ours._initial[:2] = [kernel, bias]
    ours.fit({"vector": X["vector"] * 0}, Y * 0 + 1, seed=0)  # the bias is right, no gradient
    kernel, bias = ours.model.get_weights()
    np.testing.assert_allclose(kernel, 0.95**40, rtol=1e-3)
    np.testing.assert_allclose(bias, 1, rtol=1e-5)


@pytest.mark.slow
def test_averaged_weights_are_steadier_and_are_what_answers() -> None:
    """B5: at a rate that is far too high, the average comes near where the weights jump about."""
    noisy = (Y + random.normal(size=Y.shape)).astype(np.float32)
    settings = {"learning_rate": 0.3, "epochs": 60, "batch_size": 8}
    wild, steady = trainer(**settings), trainer(averaging=5.0, **settings)
    for one in (wild, steady):
        one.fit(X, noisy, seed=0)
    columns = np.column_stack([X["vector"], np.ones(len(Y))])
    solved = columns @ np.linalg.lstsq(columns, noisy, rcond=None)[0]
    errors = [float(np.mean((one.predict(X) - solved) ** 2)) for one in (wild, steady)]
    assert errors[1] < 0.5 * errors[0]


def _kept_fit(path: Path, precision: str, until: int | None = None) -> Any:
    """Fit with dropout, averages and a schedule; die after some epoch."""

    def listener(epoch: int, *_: Any) -> None:
        if epoch == until:
            os.kill(os.getpid(), signal.SIGKILL)

    network = Dense(layers=1, units=8, dropout=0.3)
    settings = {"averaging": 2.0, "schedule": "cosine", "weight_decay": 0.01}
    ours = trainer(network, epochs=9, precision=precision, **settings)
    held_out = ({"vector": X["vector"][:40]}, Y[:40])
    rows = {"vector": X["vector"][40:]}
    history = ours.fit(
        rows, Y[40:], held_out, seed=3, listener=listener, kept=Kept(path, seconds=0)
    )
    return history, ours.model.get_weights()


@pytest.mark.slow
@pytest.mark.parametrize("precision", ["float32", "mixed_bfloat16"])
def test_a_killed_fit_goes_on_with_the_same_result(precision: str, tmp_path: Path) -> None:
    """B5: killed after epoch 6, it goes on from epoch 5, and ends where an undisturbed one does."""
    program = (
        "import sys; from pathlib import Path; from tests.test_training_settings import _kept_fit;"
        "_kept_fit(Path(sys.argv[1]), sys.argv[2], 6)"
    )
    path = tmp_path / "killed.npz"
    root = Path(__file__).parents[1]
    words = [sys.executable, "-c", program, str(path), precision]
    done = subprocess.run(words, cwd=root, check=False)
    assert done.returncode == -signal.SIGKILL
    with np.load(path, allow_pickle=False) as state:
        assert '"best_epoch"' in str(state["history"])
        assert str(state["history"]).count(",") > 8, "five epochs were kept"
    history, weights = _kept_fit(path, precision)
    whole, expected = _kept_fit(tmp_path / "whole.npz", precision)
    assert history == whole
    for ours, theirs in zip(weights, expected, strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.slow
def test_mixed_precision_ends_in_a_model_of_32_bits(tmp_path: Path) -> None:
    """B5: activations of 16 bits while training; what is saved and shipped is as ever."""
    import keras

    words = ("recipe=diabetes", "architecture=dense", "tuner=none", "checks=[]")
    words += ("workflow.rungs=1", "training.epochs=6", "protocol=holdout", "compression=[none]")
    words += ("workflow.waive.no-statistical-power=a test", "workflow.alternatives=[]")
    scores, losses = {}, {}
    for precision in ("float32", "mixed_bfloat16"):
        run = mlrecipe.run(
            *words,
            f"training.precision={precision}",
            f"workflow.waive.test-set-reopened={precision}",
            path=tmp_path / precision,
        )
        assert run.step("ship")  # every runtime answers as training did
        tuned = json.loads(run.artifact("tune", "tuned.json").read_text())
        (name,) = list(tuned["scores"])[:1]
        scores[precision] = tuned["scores"][name]["mean"]
        ladder = json.loads(run.artifact("overfit", "ladder.json").read_text())
        losses[precision] = ladder["rungs"][0]["curves"]["loss"]
    assert scores["mixed_bfloat16"] == pytest.approx(scores["float32"], rel=0.15)
    assert losses["mixed_bfloat16"] != losses["float32"]
    model = keras.models.load_model(run.artifact("finalize", "model/model.keras"))
    assert {layer.dtype_policy.name for layer in model.layers} == {"float32"}


def test_mixed_precision_is_refused_for_an_algorithm_of_its_own() -> None:
    """B5: trees are grown in the precision of their library."""
    words = ["recipe=wine", "architecture=boosted_trees", "training.precision=mixed_bfloat16"]
    with pytest.raises(mlrecipe.MlrecipeError, match="fitted by an algorithm of its own"):
        compose_recipe(words, load_registry())
