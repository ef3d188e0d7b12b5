"""Last layers and losses: the table, its mathematics, its refusals, weights of classes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

import mlrecipe
from mlrecipe.components.architecture.linear import Linear
from mlrecipe.components.objective.focal import SigmoidFocalCrossentropy, SoftmaxFocalCrossentropy
from mlrecipe.components.objective.rates import (
    ExponentialPoisson,
    SigmoidMeanSquaredError,
    SigmoidRateCrossentropy,
)
from mlrecipe.components.objective.table import LinearQuantile, SigmoidBinaryCrossentropy
from mlrecipe.components.training.standard import Standard
from mlrecipe.composing import compose_recipe
from mlrecipe.errors import Fault, RecipeError
from mlrecipe.files import read_json
from mlrecipe.interfaces import TensorSpec
from mlrecipe.preparation.target_codec import TargetCodec
from mlrecipe.recipe.objective_rules import REASONS
from mlrecipe.registry import load_registry
from mlrecipe.testing.models import fresh_model
from mlrecipe.training.network import answer_in_unit
from mlrecipe.training.trainer import Trainer

DOCS = Path(__file__).parent.parent / "docs"
SPECS = (TensorSpec(name="vector", kind="vector", dtype="float32", shape=(3,)),)
draws = np.random.default_rng(5)
X = draws.normal(size=(400, 3)).astype(np.float32)
LINK = X @ np.array([[0.8], [-0.5], [0.0]]) - 2.0

FINE = Standard(epochs=150, learning_rate=0.02, patience=None)


def faults_of(*words: str) -> dict[str, Fault]:
    try:
        compose_recipe(list(words), load_registry())
    except RecipeError as error:
        return {fault.path: fault for fault in error.faults}
    return {}


def trained(objective: Any, y: Any, training: Any = FINE, labels: Any = (), **words: Any) -> Any:
    y = np.asarray(y, dtype=np.float32)
    model = fresh_model(Linear(), objective, SPECS, y.shape[1])
    trainer = Trainer(model, objective, training, y.shape[1:], labels)
    trainer.fit({"vector": X[: len(y)]}, y, seed=0, **words)
    return trainer


def loss_of(objective: Any, y: Any, outputs: Any) -> Any:
    return np.asarray(objective.loss()(np.array(y, np.float32), np.array(outputs, np.float32)))


def test_the_documented_table_is_the_registered_one() -> None:
    """B4: docs/objectives.md names every objective, its activation and its tasks, and no other."""
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| ([^|]*) \| ([^|]*) \|", _page(), re.MULTILINE)
    written = {name: (activation, _names(tasks)) for name, activation, _, tasks in rows}
    options = load_registry().components["objective"]
    registered: dict[str, Any] = {name: kind for name, kind in options.items() if name != "auto"}
    assert written == {n: (k.activation, set(k.tasks)) for n, k in registered.items()}


def test_the_documented_refusals_are_those_of_the_rules() -> None:
    """B4: every reason is in the docs, in the same words."""
    page = " ".join(_page().split())
    assert all(reason in page for reason in REASONS.values())


def _page() -> str:
    return (DOCS / "objectives.md").read_text(encoding="utf-8")


def _names(text: str) -> set[str]:
    return set(re.findall(r"`(\w+)`", text))


# Every objective against every task: either it is made for it, or the message says why not.

SOURCE = ("recipe=csv", "source.path=x.csv", "problem.target=y")
TASKS = ("binary", "multiclass", "scalar_regression", "vector_regression")
OBJECTIVES = sorted(set(load_registry().components["objective"]) - {"auto"})


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("name", OBJECTIVES)
def test_every_combination_is_trained_or_refused_with_the_reason(name: str, task: str) -> None:
    """B4: a combination that cannot work is refused with the reason, and what would fit."""
    kind: Any = load_registry().components["objective"][name]
    fault = faults_of(*SOURCE, f"task={task}", f"objective={name}").get("objective")
    assert (fault is None) == (task in kind.tasks)
    if fault is not None:
        assert any(reason in fault.problem for reason in REASONS.values())
        fitting = fault.expected.removeprefix("one of ").partition(" for task")[0].split(", ")
        options: Any = load_registry().components["objective"]
        assert all(task in options[option].tasks for option in fitting)
        assert fault.fix.partition(",")[0].removeprefix("objective=") in fitting


def test_softmax_of_one_output_says_why() -> None:
    fault = faults_of(*SOURCE, "task=binary", "objective=softmax_categorical_crossentropy")
    assert "softmax of a single number is always 1" in fault["objective"].problem


# The losses, held against their formulas and other libraries.


@given(st.lists(st.tuples(st.floats(0, 50), st.floats(0.01, 50)), min_size=1, max_size=20))
@settings(max_examples=40, deadline=None)
def test_poisson_deviance_is_scikit_learns(pairs: list[tuple[float, float]]) -> None:
    y, answers = np.array(pairs, dtype=np.float32).T
    ours = loss_of(ExponentialPoisson(), y[:, None], answers[:, None])
    assert (ours > -1e-4).all()
    expected = metrics.mean_poisson_deviance(y.astype(float), answers.astype(float))
    assert ours.mean() == pytest.approx(expected, rel=1e-3, abs=1e-4)


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0.01, 0.99)), min_size=1, max_size=20))
@settings(max_examples=40, deadline=None)
def test_rate_crossentropy_is_that_of_keras_less_the_truths_own(pairs: Any) -> None:
    y, answers = (values[:, None] for values in np.array(pairs, dtype=np.float32).T)
    own = loss_of(SigmoidBinaryCrossentropy(), y, y)
    expected = loss_of(SigmoidBinaryCrossentropy(), y, answers) - own
    np.testing.assert_allclose(
        loss_of(SigmoidRateCrossentropy(), y, answers), expected, rtol=1e-3, atol=1e-5
    )


@given(st.floats(0.05, 0.95), st.floats(-9, 9), st.floats(-9, 9))
@settings(max_examples=40, deadline=None)
def test_pinball_is_scikit_learns(level: float, y: float, answer: float) -> None:
    ours = float(loss_of(LinearQuantile(level=level), [[y]], [[answer]])[0])
    expected = metrics.mean_pinball_loss([y], [answer], alpha=level)
    assert ours == pytest.approx(expected, rel=1e-4, abs=1e-5)


def test_focal_without_focus_is_crossentropy_and_with_it_easy_rows_fade() -> None:
    """Lin et al. (2017): (1 - p)^gamma times the crossentropy."""
    y, outputs = [[1.0], [1.0], [0.0]], [[0.9], [0.3], [0.2]]
    plain = loss_of(SigmoidBinaryCrossentropy(), y, outputs)
    np.testing.assert_allclose(
        loss_of(SigmoidFocalCrossentropy(gamma=0), y, outputs), plain, rtol=1e-4
    )
    focused = loss_of(SigmoidFocalCrossentropy(gamma=2), y, outputs)
    np.testing.assert_allclose(focused, plain * np.array([0.1, 0.7, 0.2]) ** 2, rtol=1e-3)
    balanced = loss_of(SigmoidFocalCrossentropy(gamma=2, alpha=0.8), y, outputs)
    np.testing.assert_allclose(balanced, focused * [0.8, 0.8, 0.2], rtol=1e-3)
    three = loss_of(SoftmaxFocalCrossentropy(gamma=2), [[0, 1, 0]], [[0.2, 0.7, 0.1]])
    assert three[0] == pytest.approx(-(0.3**2) * np.log(0.7), rel=1e-3)


def test_smoothed_labels_keep_answers_from_the_ends() -> None:
    """The best answer to a sure label lies half of the smoothing away from it."""
    answers = np.linspace(0.01, 0.99, 99)[:, None]
    truth = np.ones_like(answers)
    for objective in (
        SigmoidBinaryCrossentropy(label_smoothing=0.2),
        SigmoidFocalCrossentropy(gamma=0, label_smoothing=0.2),
    ):
        best = answers[loss_of(objective, truth, answers).argmin(), 0]
        assert best == pytest.approx(0.9)


# What they learn.


@pytest.mark.parametrize("objective", [SigmoidMeanSquaredError(), SigmoidRateCrossentropy()])
def test_rates_are_learnt_in_their_own_unit(objective: Any) -> None:
    """B4: a bounded rate is answered within its bounds, and by its mean."""
    rate = 1 / (1 + np.exp(-LINK))
    y = draws.binomial(200, rate) / 200
    outputs = trained(objective, y).predict({"vector": X})
    assert ((outputs > 0) & (outputs < 1)).all()
    assert np.corrcoef(outputs[:, 0], rate[:, 0])[0, 1] > 0.97
    assert outputs.mean() == pytest.approx(y.mean(), rel=0.05)


def test_skewed_amounts_are_learnt_by_factors() -> None:
    """Targets are divided by their mean, and the exponential takes the factor back."""
    y = draws.poisson(np.exp(LINK + 9)).astype(np.float32)
    codec = TargetCodec(columns=("y",), shift=(float(y.mean()),), scale=(float(y.std()),))
    codec = codec.scaled("mean")
    assert codec.shift == (0.0,)
    trainer = trained(ExponentialPoisson(), y / np.float32(codec.scale[0]))
    inside = trainer.predict({"vector": X})
    answer_in_unit(trainer.model, codec)
    outputs = trainer.predict({"vector": X})
    np.testing.assert_allclose(outputs, inside * codec.scale[0], rtol=1e-4)
    assert np.abs(np.log(outputs) - LINK - 9).max() < 0.2


def test_a_quantile_has_its_share_of_rows_below() -> None:
    y = LINK + draws.normal(size=LINK.shape)
    outputs = trained(LinearQuantile(level=0.9), y).predict({"vector": X})
    assert (y < outputs).mean() == pytest.approx(0.9, abs=0.03)


@pytest.mark.parametrize(
    ("how", "shift", "scale"), [("none", (), ()), ("standard", (2.0,), (3.0,))]
)
def test_scales_that_objectives_want(how: Any, shift: Any, scale: Any) -> None:
    codec = TargetCodec(columns=("y",), shift=(2.0,), scale=(3.0,)).scaled(how)
    assert (codec.shift, codec.scale) == (shift, scale)
    labels = TargetCodec(columns=("y",), labels=("a", "b"))
    assert labels.scaled(how) == labels


# Where training starts.


@pytest.mark.parametrize(
    ("objective", "y", "mean"),
    [
        (SigmoidBinaryCrossentropy(), [[1.0]] * 4 + [[0.0]] * 196, [0.02]),
        (SoftmaxFocalCrossentropy(), [[1.0, 0, 0]] * 150 + [[0, 1.0, 0]] * 50, [0.75, 0.25, 0]),
        (SigmoidRateCrossentropy(), [[0.01]] * 100 + [[0.05]] * 100, [0.03]),
        (ExponentialPoisson(), [[4.0]] * 100 + [[0.0]] * 100, [2.0]),
    ],
)
def test_training_starts_at_the_mean_target(objective: Any, y: Any, mean: list[float]) -> None:
    """A model that knows nothing answers with the share of the class (Lin et al., 2017, 3.3)."""
    still = trained(objective, y, Standard(epochs=1, learning_rate=1e-12))
    nothing = still.predict({"vector": np.zeros((1, 3), dtype=np.float32)})
    np.testing.assert_allclose(nothing[0], mean, atol=0.004)


def test_rare_classes_are_found_sooner_from_the_mean() -> None:
    """The first epoch's loss is already that of the class shares, not of one half."""
    y = np.zeros((400, 1), dtype=np.float32)
    y[:6] = 1
    still = Standard(epochs=1, learning_rate=1e-12)
    model = fresh_model(Linear(), SigmoidBinaryCrossentropy(), SPECS, 1)
    x = {"vector": np.zeros_like(X)}
    first = Trainer(model, SigmoidBinaryCrossentropy(), still, (1,)).fit(x, y, seed=0).loss[0]
    p = 6 / 400
    assert first == pytest.approx(-p * np.log(p) - (1 - p) * np.log(1 - p), rel=1e-3)


# Weights of classes.


def test_weights_by_label() -> None:
    """U3, B5: a label that is named counts so many times, of all kinds of labels."""
    y = np.array([[1.0], [0.0], [0.0], [1.0]], dtype=np.float32)
    for labels, by_label in (
        (("no", "yes"), {"yes": 4}),
        ((False, True), {True: 4}),
        ((0, 1), {1: 4}),
    ):
        weights = Standard(class_weights=by_label).row_weights(y, labels)
        assert weights is not None
        np.testing.assert_allclose(weights, np.array([4, 1, 1, 4]) / 2.5)
    three = np.eye(3, dtype=np.float32)
    weights = Standard(class_weights={"b": 2, "c": 0.5}).row_weights(three, ("a", "b", "c"))
    np.testing.assert_allclose(weights, np.array([1, 2, 0.5]) / 3.5 * 3, rtol=1e-6)


def test_weights_by_label_shift_the_answers() -> None:
    y = (draws.random((400, 1)) < 0.1).astype(np.float32)
    labels = ("no", "yes")
    plain = trained(SigmoidBinaryCrossentropy(), y, FINE, labels)
    heavy = Standard(**{**FINE.model_dump(), "class_weights": {"yes": 9}})
    weighted = trained(SigmoidBinaryCrossentropy(), y, heavy, labels)
    assert plain.predict({"vector": X}).mean() == pytest.approx(y.mean(), abs=0.03)
    assert weighted.predict({"vector": X}).mean() > 0.4


@pytest.mark.parametrize(
    ("words", "path", "message"),
    [
        (
            ("task=binary", "training.class_weight=balanced", "training.class_weights={yes: 3}"),
            "training.class_weights",
            "already weighs every class",
        ),
        (
            ("task=scalar_regression", "training.class_weights={yes: 3}"),
            "training.class_weights",
            "it has no classes",
        ),
        (
            ("task=scalar_regression", "training.class_weight=balanced"),
            "training.class_weight",
            "it has no classes",
        ),
    ],
)
def test_weights_that_make_no_sense(words: tuple[str, ...], path: str, message: str) -> None:
    assert message in faults_of(*SOURCE, *words)[path].problem


# Values of the target, once they are known.


def _table(path: Path, target: Any) -> tuple[str, ...]:
    rows = len(target)
    frame = pd.DataFrame({"x": np.arange(rows) % 7 + 0.5, "y": target})
    frame.to_csv(path / "table.csv", index=False)
    return (
        "recipe=csv",
        f"source.path={path / 'table.csv'}",
        "problem.target=y",
        "workflow.until=collect",
    )


def test_target_out_of_bounds_names_row_and_value(tmp_path: Path) -> None:
    """B4: a sigmoid cannot answer 1.5."""
    words = _table(tmp_path, [0.1, 0.2, 1.5, 0.4, 2.5] * 20)
    with pytest.raises(RecipeError) as caught:
        mlrecipe.run(*words, "objective=sigmoid_rate_crossentropy", path=tmp_path / "run")
    (fault,) = caught.value.faults
    assert "'y' is 1.5 in row 2, and 39 more rows lie outside" in fault.problem
    assert "linear_mean_squared_error" in fault.fix


def test_bounded_targets_stay_in_their_unit(tmp_path: Path) -> None:
    words = _table(tmp_path, np.linspace(0, 0.3, 100))
    run = mlrecipe.run(*words, "objective=sigmoid_mean_squared_error", path=tmp_path / "run")
    assert read_json(run.artifact("collect", "target.json"))["scale"] == []


def test_misspelt_label_gets_the_nearest(tmp_path: Path) -> None:
    words = _table(tmp_path, ["fraud", "fine"] * 50)
    with pytest.raises(RecipeError) as caught:
        mlrecipe.run(*words, "training.class_weights={frad: 20}", path=tmp_path / "run")
    (fault,) = caught.value.faults
    assert fault.path == "training.class_weights.frad"
    assert "{fraud: 20}" in fault.fix


@pytest.mark.slow
@pytest.mark.parametrize("objective", ["exponential_poisson", "sigmoid_mean_squared_error"])
def test_a_run_with_bounded_answers(tmp_path: Path, objective: str, quick: tuple[str, ...]) -> None:
    """B4, D1, D2: training, the shipped model and its runtimes agree, and keep the bounds."""
    x = draws.normal(size=300)
    y = 1 / (1 + np.exp(-x - draws.normal(0, 0.3, 300)))
    y = y if objective.startswith("sigmoid") else np.round(400 * y**3, 1)
    frame = pd.DataFrame({"x": x, "z": draws.normal(size=300), "y": y})
    frame.to_csv(tmp_path / "table.csv", index=False)
    words = ("recipe=csv", f"source.path={tmp_path / 'table.csv'}", "problem.target=y")
    run = mlrecipe.run(
        *words, f"objective={objective}", *quick, "training.epochs=60", path=tmp_path / "run"
    )
    answers = mlrecipe.load(run.path).predict(frame)["prediction"]
    assert answers.min() >= 0
    assert np.corrcoef(answers, y)[0, 1] > 0.85
    assert "runtime-differs" not in {finding.code for _, finding in run.findings()}
