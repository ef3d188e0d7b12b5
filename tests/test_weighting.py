"""Population shares, raking weights, weight columns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mlrecipe
from mlrecipe.comparison.weighting import fit_weighting, row_weights
from mlrecipe.errors import MlrecipeError, RecipeError
from mlrecipe.files import read_json
from mlrecipe.problem import Problem

POPULATION = {"sex": {"f": 0.5, "m": 0.5}, "age": {"young": 0.3, "mid": 0.5, "old": 0.2}}


def problem(**settings_: Any) -> Problem:
    return Problem(question="?", target=("y",), **settings_)


def sample(rows: int, seed: int = 0, women: float = 0.3) -> pd.DataFrame:
    draws = np.random.default_rng(seed)
    sex = np.where(draws.random(rows) < women, "f", "m")
    age = draws.choice(["young", "mid", "old"], rows, p=[0.2, 0.4, 0.4])
    first = pd.DataFrame({"sex": ["f", "m"] * 3, "age": ["young", "mid", "old"] * 2})
    return pd.concat([first, pd.DataFrame({"sex": sex, "age": age})], ignore_index=True)


@settings(max_examples=40, deadline=None)
@given(rows=st.integers(30, 200), seed=st.integers(0, 1000), women=st.floats(0.1, 0.9))
def test_weighted_margins_are_the_declared_shares(rows: int, seed: int, women: float) -> None:
    """C4: positive, mean 1, every margin as declared, and the order of rows does not matter."""
    frame = sample(rows, seed, women)
    asked = problem(population=POPULATION)
    weights = row_weights(frame, asked)
    assert weights.dtype == np.float32
    assert (weights > 0).all()
    assert weights.mean() == pytest.approx(1, abs=1e-5)
    for name, shares in POPULATION.items():
        found = pd.Series(weights.astype(float)).groupby(frame[name]).sum() / weights.sum()
        assert found.to_dict() == pytest.approx(shares, abs=1e-4)
    order = np.random.default_rng(seed).permutation(len(frame))
    shuffled = row_weights(frame.iloc[order].reset_index(drop=True), asked)
    np.testing.assert_allclose(shuffled, weights[order], rtol=1e-4)


def test_a_fair_sample_keeps_its_weights() -> None:
    frame = pd.DataFrame({"sex": ["f", "m"] * 50, "z": range(100)})
    weights = row_weights(frame, problem(population={"sex": {"f": 0.5, "m": 0.5}}))
    np.testing.assert_allclose(weights, 1, rtol=1e-6)
    np.testing.assert_array_equal(row_weights(frame, problem()), np.ones(100))


def test_raking_starts_from_the_weight_column() -> None:
    frame = sample(200).assign(w=np.random.default_rng(1).uniform(0.5, 2, 206))
    alone = row_weights(frame, problem(weight="w"))
    np.testing.assert_allclose(alone, frame.w / frame.w.mean(), rtol=1e-6)
    both = row_weights(frame, problem(weight="w", population=POPULATION))
    assert (both[frame.sex == "f"].sum() / both.sum()) == pytest.approx(0.5, abs=1e-4)
    same = (frame.sex == "f") & (frame.age == "old")
    ratio = both[same] / frame.w[same]
    assert ratio.std() / ratio.mean() < 1e-5


def test_trimming_limits_the_weights_and_says_what_is_left() -> None:
    frame = pd.DataFrame({"g": ["rare"] * 5 + ["common"] * 495})
    shares = {"g": {"rare": 0.3, "common": 0.7}}
    free = row_weights(frame, problem(population=shares))
    assert free.max() == pytest.approx(30, rel=1e-3)
    trimmed = fit_weighting(frame, problem(population=shares, most_weight=5.0))
    assert trimmed.weights(frame).max() <= 5.0 + 1e-3
    assert trimmed.raking is not None
    assert trimmed.raking.error > 0.2


def test_other_rows_get_weights_by_the_same_rule() -> None:
    """Test rows are weighted by what development rows taught."""
    frame = sample(300)
    weighting = fit_weighting(frame, problem(population=POPULATION))
    one = weighting.weights(frame)
    half = weighting.weights(frame.head(100))
    np.testing.assert_allclose(half / half[0], one[:100] / one[0], rtol=1e-4)


def test_missing_values_keep_their_weight() -> None:
    frame = sample(300)
    frame.loc[10:40, "sex"] = None
    weights = row_weights(frame, problem(population=POPULATION))
    known = frame.sex.notna().to_numpy()
    women = weights[(frame.sex == "f").to_numpy()].sum() / weights[known].sum()
    assert women == pytest.approx(0.5, abs=1e-4)
    assert np.isfinite(weights).all()


@pytest.mark.parametrize(
    ("population", "message"),
    [
        ({"sex": {"f": 0.5, "mm": 0.5}}, "'m' in .* rows.*declared as 'mm'"),
        ({"sex": {"f": 0.5, "m": 0.4, "x": 0.1}}, "no development row has the value 'x' of sex"),
        ({"sxe": {"f": 1.0}}, "no column 'sxe'; did you mean 'sex'"),
    ],
)
def test_population_that_does_not_match(population: Any, message: str) -> None:
    with pytest.raises(MlrecipeError, match=message):
        row_weights(sample(50), problem(population=population))


@pytest.mark.parametrize("bad", [-1.0, np.nan, np.inf])
def test_weights_that_cannot_be_used_are_named_with_their_row(bad: float) -> None:
    frame = sample(50).assign(w=1.0)
    frame.loc[7, "w"] = bad
    with pytest.raises(MlrecipeError, match=r"1 rows have no usable weight \(row 7"):
        row_weights(frame, problem(weight="w"))


def test_values_are_compared_as_a_recipe_writes_them() -> None:
    frame = pd.DataFrame({"flag": [True, False, False] * 20, "n": [1.0, 2.0, 2.0] * 20})
    shares = {"flag": {"true": 0.5, "false": 0.5}, "n": {"1": 0.5, "2": 0.5}}
    assert row_weights(frame, problem(population=shares))[0] == pytest.approx(1.5, rel=1e-4)


def table(folder: Path) -> str:
    draws = np.random.default_rng(3)
    frame = sample(400).assign(x=draws.normal(size=406), w=draws.uniform(0.5, 2, 406))
    frame["when"] = pd.date_range("2024-01-01", periods=406).strftime("%Y-%m-%d")
    frame["y"] = np.where(frame.x + draws.normal(size=406) > 0, "yes", "no")
    path = folder / "t.csv"
    frame.to_csv(path, index=False)
    return f"source.path={path}"


def test_helper_columns_are_no_inputs_and_weights_reach_the_run(tmp_path: Path) -> None:
    """C4, C5: neither weight nor time is an input; the estimate is stated raw and weighted."""
    run = mlrecipe.run(
        "recipe=csv",
        table(tmp_path),
        "problem.target=y",
        "problem.weight=w",
        "problem.time=when",
        "problem.population={sex:{f:0.5,m:0.5}}",
        "workflow.until=understand",
        path=tmp_path / "run",
    )
    schema = read_json(run.artifact("collect", "schema.json"))
    assert set(schema["inputs"]) == {"sex", "age", "x"}
    collected = read_json(run.artifact("collect", "collect.json"))
    reasons = {row["column"]: row["reason"] for row in collected["left_out"]}
    assert "problem.weight" in reasons["w"]
    assert "problem.time" in reasons["when"]
    weights = collected["weights"]
    assert weights["design_effect"] > 1
    assert weights["effective_rows"] < collected["development_rows"]
    assert set(weights["estimates"]["y"]) == {"yes", "no"}
    codes = {finding.code for _, finding in run.findings()}
    assert {"weighted-estimate", "sampling-bias"} <= codes
    with np.load(run.artifact("collect", "weights.npz")) as arrays:
        assert arrays["development"].mean() == pytest.approx(1, abs=1e-5)
        assert arrays["test"].mean() == pytest.approx(1, abs=1e-5)


def test_recipe_refuses_a_weight_as_input_and_shares_that_do_not_sum_to_one(tmp_path: Path) -> None:
    with pytest.raises(RecipeError) as caught:
        mlrecipe.run(
            "recipe=csv",
            table(tmp_path),
            "problem.target=y",
            "problem.weight=w",
            "problem.inputs=[x,w]",
            "problem.population={sex:{f:0.5,m:0.4}}",
            path=tmp_path / "run",
        )
    text = str(caught.value)
    assert "'w' is problem.weight, and cannot be in problem.inputs" in text
    assert "sum to 1" in text
