"""Intervals around predicted numbers, and the sentence about a day with the model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mlrecipe
from mlrecipe.components.task.regression import ScalarRegression, VectorRegression
from mlrecipe.evaluation.conformal import coverage, interval_of
from mlrecipe.evaluation.sentences import day_in_words
from mlrecipe.files import read_json
from mlrecipe.interfaces import Outcomes
from mlrecipe.preparation.target_codec import Interval, TargetCodec
from mlrecipe.problem import Problem


def outcomes(errors: Any, weights: Any = None) -> Outcomes:
    errors = np.asarray(errors, dtype=np.float32).reshape(len(errors), -1)
    weights = np.ones(len(errors)) if weights is None else np.asarray(weights)
    return Outcomes(errors, np.zeros_like(errors), weights.astype(np.float32))


@given(st.integers(19, 300), st.sampled_from([0.5, 0.8, 0.9, 0.95]))
@settings(max_examples=60, deadline=None)
def test_the_half_width_is_the_textbooks_order_statistic(rows: int, level: float) -> None:
    """Vovk et al. (2005): the ⌈(n + 1) level⌉-th smallest error."""
    errors = np.random.default_rng(rows).permutation(np.arange(1.0, rows + 1))
    interval = interval_of(outcomes(errors), level)
    assert interval is not None
    assert interval.half_widths == (int(np.ceil(round((rows + 1) * level, 9))),)


@pytest.mark.parametrize(("rows", "known"), [(18, False), (19, True)])
def test_too_few_rows_give_no_interval(rows: int, known: bool) -> None:
    assert (interval_of(outcomes(np.arange(rows)), 0.95) is not None) == known


def test_new_cases_are_covered_as_promised() -> None:
    """Whatever the errors are like, also skewed ones: the mean over many draws is the level."""
    draws = np.random.default_rng(1)
    covered = []
    for _ in range(300):
        errors = draws.lognormal(0, 1.5, (120, 1)) * draws.choice([-1, 1], (120, 1))
        interval = interval_of(outcomes(errors[:60]), 0.8)
        assert interval is not None
        covered.append(coverage(outcomes(errors[60:]), interval))
    assert np.mean(covered) == pytest.approx(0.8, abs=0.02)


def test_rows_of_weight_count_so_often() -> None:
    errors, weights = np.arange(1.0, 41), np.where(np.arange(40) < 20, 1, 3)
    plain, weighted = (
        interval_of(outcomes(errors), 0.5),
        interval_of(outcomes(errors, weights), 0.5),
    )
    assert plain is not None
    assert weighted is not None
    assert weighted.half_widths[0] > plain.half_widths[0]


def test_answers_carry_their_interval_within_the_bounds() -> None:
    """F2: what a caller reads of a number."""
    interval = Interval(level=0.9, half_widths=(0.2,))
    codec = TargetCodec(columns=("rate",), bounds=(0.0, 1.0), interval=interval)
    outputs = np.array([[0.1], [0.5], [0.95]], dtype=np.float32)
    answers = ScalarRegression().answers(outputs, codec, 0.5)
    assert [set(answer) for answer in answers] == [{"prediction", "low", "high"}] * 3
    np.testing.assert_allclose([a["low"] for a in answers], [0, 0.3, 0.75], atol=1e-6)
    np.testing.assert_allclose([a["high"] for a in answers], [0.3, 0.7, 1], atol=1e-6)
    without = codec.model_copy(update={"interval": None})
    assert ScalarRegression().answers(outputs, without, 0.5)[1] == {"prediction": 0.5}


def test_several_targets_have_an_interval_each() -> None:
    interval = Interval(level=0.9, half_widths=(1.0, 10.0))
    codec = TargetCodec(columns=("a", "b"), interval=interval)
    (answer,) = VectorRegression().answers(np.array([[5.0, 50.0]]), codec, 0.5)
    assert answer == {
        "prediction": {"a": 5.0, "b": 50.0},
        "low": {"a": 4.0, "b": 40.0},
        "high": {"a": 6.0, "b": 60.0},
    }


def test_the_books_sentence() -> None:
    """X1: section 6.3.1, from 8,280 transactions of which 280 are frauds."""
    truth = np.array(["fraud"] * 280 + ["valid"] * 8000, dtype=object)
    answers = np.array(
        ["valid"] * 14 + ["fraud"] * 266 + ["fraud"] * 200 + ["valid"] * 7800, dtype=object
    )
    problem = Problem(
        question="Is it fraud?", target=("label",), unit="transaction", volume_per_day=8280
    )
    weights = np.ones(8280)
    assert day_in_words(truth, answers, ("valid", "fraud"), problem, weights) == [
        "Every day, of 8,280 transactions, an average of 200 that are valid would be flagged as "
        "fraud, 14 that are fraud would be missed, and 266 would be caught: 5.0 % of what is fraud "
        "is missed and 2.5 % of what is valid is flagged."
    ]
    several = day_in_words(truth, answers, ("a", "b", "c"), problem, weights)
    unknown = problem.model_copy(update={"volume_per_day": None})
    assert several == day_in_words(truth, answers, ("valid", "fraud"), unknown, weights) == []


@pytest.mark.slow
def test_a_run_ships_intervals_that_hold(tmp_path: Path, quick: tuple[str, ...]) -> None:
    """F2, D1: the bundle answers with them, the report says how often they held on test rows."""
    run = mlrecipe.run("recipe=house_prices", *quick, "training.epochs=60", path=tmp_path / "run")
    decision = read_json(run.artifact("explain", "decision.json"))
    assert decision["interval"]["level"] == 0.95
    assert "On the test rows it held it in" in decision["statements"][0]
    rows = pd.read_parquet(run.artifact("collect", "development.parquet"))
    answers = mlrecipe.load(run.path).predict(rows)
    assert list(answers) == ["prediction", "low", "high"]
    held = (rows["price"] >= answers["low"]) & (rows["price"] <= answers["high"])
    assert held.mean() > 0.9
    half = decision["interval"]["half_widths"][0]
    np.testing.assert_allclose(answers["high"] - answers["low"], 2 * half, rtol=1e-3)
