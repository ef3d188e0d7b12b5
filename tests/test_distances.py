"""Distances between distributions, from summaries alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.spatial.distance import jensenshannon

from mlrecipe.comparison.distances import (
    cramers_v,
    jensen_shannon,
    kolmogorov_smirnov,
    missing_difference,
    unseen_categories,
    wasserstein,
)
from mlrecipe.comparison.summaries import (
    Numbers,
    design_effect,
    effective_rows,
    summarize_categories,
    summarize_numbers,
)

draws = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (draws.normal(size=300), draws.normal(0.4, 1.3, 200)),
        (draws.integers(0, 5, 400).astype(float), draws.integers(1, 6, 100).astype(float)),
        (np.zeros(50), np.ones(50)),
    ],
)
def test_small_samples_agree_with_scipy(a: Any, b: Any) -> None:
    """C3: exact while a column has no more distinct values than the summary has steps."""
    one, other = summarize_numbers(a), summarize_numbers(b)
    expected = stats.ks_2samp(a, b, method="asymp")
    found = kolmogorov_smirnov(one, other)
    assert found.value == pytest.approx(expected.statistic, abs=1e-12)
    assert found.p == pytest.approx(expected.pvalue, abs=0.02)
    scale = a.std() or b.std()
    exact = stats.wasserstein_distance(a, b) / scale if scale else np.inf
    assert wasserstein(one, other) == pytest.approx(exact)


@pytest.mark.parametrize("kind", ["normal", "lognormal", "standard_t"])
def test_large_samples_are_near(kind: str) -> None:
    """A stored summary of 512 steps stands for 200,000 rows, also with long tails."""
    random = np.random.default_rng(1)
    arguments: Any = {"standard_t": {"df": 3}, "lognormal": {"sigma": 2.0}}.get(kind, {})
    a = getattr(random, kind)(size=200_000, **arguments)
    b = getattr(random, kind)(size=200_000, **arguments) * 1.2
    one, other = summarize_numbers(a), summarize_numbers(b)
    assert len(one.values) < 600
    assert kolmogorov_smirnov(one, other).value == pytest.approx(
        stats.ks_2samp(a, b).statistic, abs=2 / 512
    )
    exact = stats.wasserstein_distance(a, b) / a.std()
    assert wasserstein(one, other) == pytest.approx(exact, rel=0.05, abs=0.005)


def test_a_summary_survives_storage() -> None:
    """W1 will compare production with a reference of which no row was kept."""
    summary = summarize_numbers(draws.normal(size=2000))
    assert Numbers.model_validate_json(summary.model_dump_json()) == summary


numbers = st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=60).map(np.array)


@settings(max_examples=60, deadline=None)
@given(a=numbers, b=numbers, scale=st.floats(0.01, 100), shift=st.floats(-100, 100))
def test_distances_of_numbers(a: Any, b: Any, scale: float, shift: float) -> None:
    """Symmetric, 0 for equal samples, at most 1; the unit of the column does not matter."""
    one, other = summarize_numbers(a), summarize_numbers(b)
    value = kolmogorov_smirnov(one, other).value
    assert 0 <= value <= 1
    assert kolmogorov_smirnov(other, one).value == pytest.approx(value)
    assert kolmogorov_smirnov(one, one).value == 0
    assert wasserstein(one, one) == 0


@settings(max_examples=60, deadline=None)
@given(counts=st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=2, max_size=6))
def test_cramers_v_is_that_of_equally_large_samples(counts: Any) -> None:
    """C3: V equals SciPy's association on a table whose two columns sum alike."""
    table = np.array(counts, dtype=float)
    table = table[table.sum(axis=1) > 0]
    if len(table) < 2 or (table.sum(axis=0) == 0).any():
        return
    names = [f"k{i}" for i in range(len(table))]
    sides = [pd.Series(np.repeat(names, table[:, i].astype(int))) for i in (0, 1)]
    a, b = (summarize_categories(side) for side in sides)
    shares = table / table.sum(axis=0)
    if (shares.max(axis=1) < 0.01).any():
        return  # rare categories are put together
    # χ² of shares as a table of two rows' worth of weight: V = sqrt(χ²/2).
    expected = np.outer(shares.sum(axis=1), [0.5, 0.5])
    chi2 = float(((shares - expected) ** 2 / expected).sum())
    found = cramers_v(a, b)
    assert found.value == pytest.approx(np.sqrt(chi2 / 2), abs=1e-9)
    pearson = stats.chi2_contingency(table, correction=False)
    assert found.p == pytest.approx(pearson.pvalue, abs=1e-9)
    assert jensen_shannon(a, b) == pytest.approx(
        float(np.nan_to_num(jensenshannon(shares[:, 0], shares[:, 1], base=2))), abs=1e-6
    )


def test_effect_sizes_do_not_grow_with_the_rows() -> None:
    """Ten times the rows make p smaller and leave the effect as it is."""
    few, many = pd.Series(["a", "b", "b"] * 50), pd.Series(["a", "b", "b"] * 5000)
    other = pd.Series(["a", "a", "b"] * 50)
    small = cramers_v(summarize_categories(few), summarize_categories(other))
    large = cramers_v(summarize_categories(many), summarize_categories(other))
    assert small.value == pytest.approx(large.value)
    assert large.p < small.p


def test_new_categories_and_missing_shares() -> None:
    a = summarize_categories(pd.Series(["x"] * 90 + [None] * 10))
    b = summarize_categories(pd.Series(["x"] * 40 + ["new"] * 20 + [None] * 40))
    assert unseen_categories(a, b) == {"new": pytest.approx(1 / 3)}
    found = missing_difference(a, b)
    assert found.value == pytest.approx(0.3)
    assert found.p < 1e-4


def test_weights_count() -> None:
    """A row of weight 3 counts like three rows; the effective number is smaller (Kish)."""
    values = np.array([1.0, 2.0, 3.0])
    weights = np.array([1.0, 3.0, 1.0])
    assert summarize_numbers(values, weights).cumulative == pytest.approx((0.2, 0.8, 1.0))
    assert effective_rows(weights) == pytest.approx(25 / 11)
    assert design_effect(weights) == pytest.approx(33 / 25)
    shares = summarize_categories(pd.Series(["a", "b", "a"]), weights).shares
    assert shares == pytest.approx({"b": 0.6, "a": 0.4})
