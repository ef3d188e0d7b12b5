"""Preparation: fitted on training rows alone, and the same in every runtime."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlrecipe.components.preprocessing.tabular import Tabular
from mlrecipe.data.table_schema import Column, TableSchema
from mlrecipe.preparation.preparation import Preparation

SCHEMA = TableSchema(
    columns={
        "number": Column(kind="numeric", type="number"),
        "flag": Column(kind="boolean", type="boolean"),
        "word": Column(kind="categorical", type="string"),
        "code": Column(kind="categorical", type="number"),
    },
    targets=(),
    inputs=("number", "flag", "word", "code"),
)

MOSTLY_ZERO = [None, 0.0, 0.0, 0.0, 1.0, 1.9e-261]
"""Numbers whose quartiles differ by next to nothing."""

numbers = st.none() | st.floats(-1e12, 1e12, allow_subnormal=False) | st.integers(-(2**40), 2**40)
words = (
    st.none()
    | st.sampled_from(["a", "b", "a b", "Zürich", ""])
    | st.text(max_size=8).filter(lambda text: "\x00" not in text)
)
row = st.fixed_dictionaries(
    {
        "number": numbers,
        "flag": st.none() | st.booleans(),
        "word": words,
        "code": st.none() | st.integers(-3, 3),
    }
)


def frame_of(rows: list[dict[str, object]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(SCHEMA.inputs), dtype=object)
    return frame.astype({"number": "float64", "code": "float64"})


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    training=st.lists(row, min_size=2, max_size=20),
    served=st.lists(row, min_size=1, max_size=10),
    rescale=st.sampled_from(["standard", "min_max", "robust", "none"]),
    indicator=st.booleans(),
)
def test_same_features_in_every_runtime(
    training: list[dict[str, object]],
    served: list[dict[str, object]],
    rescale: str,
    indicator: bool,
) -> None:
    """P4: training, server and SavedModel prepare a row alike, whatever it holds."""
    tf = pytest.importorskip("tensorflow")
    component = Tabular(rescale=rescale, indicator=indicator, min_count=1)  # type: ignore[arg-type]
    preparation = component.fit(frame_of(training), SCHEMA)
    frame = frame_of(served)
    expected = preparation.transform(frame)
    assert expected.dtype == np.float32
    assert expected.shape == (len(served), len(preparation.feature_names()))
    assert np.isfinite(expected).all()
    np.testing.assert_array_equal(preparation.transform_records(served), expected)
    columns = {
        name: tf.constant(values, tf.string if values.dtype == object else tf.float64)
        for name, values in preparation.raw_columns(frame).items()
    }
    np.testing.assert_allclose(preparation.graph(columns).numpy(), expected, rtol=1e-6, atol=1e-6)


@settings(max_examples=50, deadline=None)
@given(training=st.lists(row, min_size=2, max_size=20))
def test_round_trip(training: list[dict[str, object]]) -> None:
    preparation = Tabular().fit(frame_of(training), SCHEMA)
    again = Preparation.model_validate_json(preparation.model_dump_json())
    assert again == preparation
    assert again.digest() == preparation.digest()


def test_statistics_come_from_the_rows_it_was_fitted_on() -> None:
    """P2: mean 0 and deviation 1 on training rows; other rows change nothing."""
    training = pd.DataFrame({"x": [1.0, 2.0, 3.0, 4.0]})
    schema = TableSchema(
        columns={"x": Column(kind="numeric", type="number")}, targets=(), inputs=("x",)
    )
    preparation = Tabular().fit(training, schema)
    features = preparation.transform(training)
    assert features.mean() == pytest.approx(0, abs=1e-6)
    assert features.std() == pytest.approx(1, abs=1e-6)
    assert preparation.transform(pd.DataFrame({"x": [2.5]}))[0, 0] == pytest.approx(0, abs=1e-6)


def test_gaps_are_filled_by_the_median_and_marked() -> None:
    """P3: a missing number gets the median and an indicator, never an arbitrary value."""
    schema = TableSchema(
        columns={"x": Column(kind="numeric", type="number")}, targets=(), inputs=("x",)
    )
    preparation = Tabular(rescale="none").fit(pd.DataFrame({"x": [1.0, 2.0, 9.0, None]}), schema)
    features = preparation.transform(pd.DataFrame({"x": [None, 5.0]}))
    assert features.tolist() == [[2.0, 1.0], [5.0, 0.0]]
    assert preparation.feature_names() == ["x", "x is missing"]


def test_unseen_and_rare_categories_share_one_code() -> None:
    schema = TableSchema(
        columns={"c": Column(kind="categorical", type="string")}, targets=(), inputs=("c",)
    )
    training = pd.DataFrame({"c": ["a"] * 3 + ["b"] * 3 + ["rare"]})
    preparation = Tabular(min_count=2).fit(training, schema)
    found = preparation.transform(pd.DataFrame({"c": ["a", "rare", "new", None]}))
    assert found.tolist() == [[1, 0, 0], [0, 0, 0], [0, 0, 0], [0, 0, 1]]


def test_order_of_rows_does_not_matter() -> None:
    random = np.random.default_rng(0)
    frame = frame_of(
        [
            {"number": float(n), "flag": bool(n % 2), "word": "abc"[n % 3], "code": n % 4}
            for n in range(40)
        ]
    )
    shuffled = frame.iloc[random.permutation(40)]
    assert Tabular().fit(frame, SCHEMA).digest() == Tabular().fit(shuffled, SCHEMA).digest()


def test_spread_that_is_next_to_nothing_blows_nothing_up() -> None:
    rows = [{"number": value, "flag": None, "word": None, "code": None} for value in MOSTLY_ZERO]
    frame = frame_of(rows)
    preparation = Tabular(rescale="robust").fit(frame, SCHEMA)
    assert np.abs(preparation.transform(frame)).max() <= 1
