"""Preparation: fitted on training rows alone, and the same in every runtime."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlrecipe.components.preprocessing.by_kind import ByKind
from mlrecipe.data.table import Table
from mlrecipe.data.table_schema import Column, TableSchema
from mlrecipe.errors import MlrecipeError
from mlrecipe.preparation.kinds.categorical import Categorical
from mlrecipe.preparation.kinds.numeric import Numeric
from mlrecipe.preparation.preparation import VECTOR, Preparation
from mlrecipe.testing.executors import Node, assert_agree

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

numbers = st.none() | st.floats() | st.integers(-(2**70), 2**70)
words = st.none() | st.sampled_from(["a", "b", "a b", "Zürich", ""]) | st.text(max_size=8)
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


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    process = Node()
    yield process
    process.close()


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    training=st.lists(row, min_size=2, max_size=20),
    served=st.lists(row, min_size=1, max_size=10),
    numeric=st.builds(
        Numeric,
        missing=st.sampled_from(["median", "mean", "linear"]),
        indicator=st.booleans(),
        log=st.sampled_from(["never", "auto", "always"]),
        rescale=st.sampled_from(["standard", "min_max", "robust", "quantile", "none"]),
        encode=st.sampled_from(["none", "piecewise_linear", "periodic"]),
        bins=st.integers(2, 5),
    ),
)
def test_same_features_in_every_runtime(
    node: Node,
    training: list[dict[str, object]],
    served: list[dict[str, object]],
    numeric: Numeric,
) -> None:
    """P4: training, server, SavedModel and browser prepare a row alike, whatever it holds."""
    component = ByKind(numeric=numeric, categorical=Categorical(min_count=1))
    preparation = component.fit(Table(frame_of(training)), SCHEMA)
    found = assert_agree(preparation, frame_of(served), served, node)
    assert np.isfinite(found["vector"]).all()


@settings(max_examples=50, deadline=None)
@given(training=st.lists(row, min_size=2, max_size=20))
def test_round_trip(training: list[dict[str, object]]) -> None:
    preparation = ByKind().fit(Table(frame_of(training)), SCHEMA)
    again = Preparation.model_validate_json(preparation.model_dump_json())
    assert again == preparation
    assert again.digest() == preparation.digest()


def test_statistics_come_from_the_rows_it_was_fitted_on() -> None:
    """P2: mean 0 and deviation 1 on training rows; other rows change nothing."""
    training = pd.DataFrame({"x": [1.0, 2.0, 3.0, 4.0]})
    schema = TableSchema(
        columns={"x": Column(kind="numeric", type="number")}, targets=(), inputs=("x",)
    )
    preparation = ByKind().fit(Table(training), schema)
    features = preparation.transform(training)[VECTOR]
    assert features.mean() == pytest.approx(0, abs=1e-6)
    assert features.std() == pytest.approx(1, abs=1e-6)
    middle = preparation.transform(pd.DataFrame({"x": [2.5]}))[VECTOR]
    assert middle[0, 0] == pytest.approx(0, abs=1e-6)


def test_gaps_are_filled_by_the_median_and_marked() -> None:
    """P3: a missing number gets the median and an indicator, never an arbitrary value."""
    schema = TableSchema(
        columns={"x": Column(kind="numeric", type="number")}, targets=(), inputs=("x",)
    )
    preparation = ByKind(numeric=Numeric(rescale="none")).fit(
        Table(pd.DataFrame({"x": [1.0, 2.0, 9.0, None]})), schema
    )
    features = preparation.transform(pd.DataFrame({"x": [None, 5.0]}))[VECTOR]
    assert features.tolist() == [[2.0, 1.0], [5.0, 0.0]]
    assert preparation.feature_names() == ["x", "x is missing"]


def test_unseen_and_rare_categories_share_one_code() -> None:
    schema = TableSchema(
        columns={"c": Column(kind="categorical", type="string")}, targets=(), inputs=("c",)
    )
    training = pd.DataFrame({"c": ["a"] * 3 + ["b"] * 3 + ["rare"]})
    preparation = ByKind(categorical=Categorical(min_count=2)).fit(Table(training), schema)
    found = preparation.transform(pd.DataFrame({"c": ["a", "rare", "new", None]}))[VECTOR]
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
    one, other = (ByKind().fit(Table(rows), SCHEMA) for rows in (frame, shuffled))
    assert one.blocks[1:] == other.blocks[1:]  # categories
    np.testing.assert_allclose(one.transform(frame)[VECTOR], other.transform(frame)[VECTOR], 1e-6)


def test_spread_that_is_next_to_nothing_blows_nothing_up() -> None:
    rows = [{"number": value, "flag": None, "word": None, "code": None} for value in MOSTLY_ZERO]
    frame = frame_of(rows)
    preparation = ByKind(numeric=Numeric(rescale="robust")).fit(Table(frame), SCHEMA)
    assert np.abs(preparation.transform(frame)[VECTOR]).max() <= 1


def test_a_changed_or_foreign_preparation_is_refused(tmp_path: Path) -> None:
    frame = pd.DataFrame({"x": [1.0, 2.0, 4.0]})
    schema = TableSchema(
        columns={"x": Column(kind="numeric", type="number")}, targets=(), inputs=("x",)
    )
    path = tmp_path / "preparation.json"
    preparation = ByKind().fit(Table(frame), schema)
    preparation.save(path)
    assert Preparation.load(path) == preparation
    text = path.read_text()
    for old, new, said in (
        ('"version": 2', '"version": 1', "of version 1"),
        ('"x"', '"y"', "was changed"),
        ('"op": "scale"', '"op": "scal"', "was changed"),
    ):
        assert old in text
        path.write_text(text.replace(old, new))
        with pytest.raises(MlrecipeError, match=said):
            Preparation.load(path)


@pytest.mark.parametrize("encode", ["none", "piecewise_linear", "periodic"])
@pytest.mark.parametrize("rescale", ["standard", "quantile"])
def test_a_compiled_graph_does_the_same(encode: Any, rescale: Any) -> None:
    """P4: TensorFlow optimizes the graph of a SavedModel: it multiplies where one divides."""
    draws = np.random.default_rng(4)
    rows = [
        {
            "number": float(draws.choice([None, 1e-300, 1e300, np.inf]) or draws.lognormal(0, 5))
            if n % 9 == 0
            else float(draws.lognormal(0, 5)),
            "flag": bool(n % 2),
            "word": "ab"[n % 2],
            "code": n % 3,
        }
        for n in range(3000)
    ]
    numeric = Numeric(missing="linear", log="always", rescale=rescale, encode=encode)
    preparation = ByKind(numeric=numeric).fit(Table(frame_of(rows[:500])), SCHEMA)
    assert_agree(preparation, frame_of(rows), rows, compiled=True)


def fitted(frame: pd.DataFrame, **settings: Any) -> Preparation:
    schema = TableSchema(
        columns={str(name): Column(kind="numeric", type="number") for name in frame},
        targets=(),
        inputs=tuple(frame.columns),
    )
    return ByKind(numeric=Numeric(**settings)).fit(Table(frame), schema)


def test_gaps_are_predicted_from_the_other_numbers() -> None:
    """P3: a missing number is what a regression on the others says, and is marked."""
    draws = np.random.default_rng(0)
    a, b = draws.normal(size=500), draws.normal(size=500)
    frame = pd.DataFrame({"a": a, "b": b, "sum": 3 * a - 2 * b + 1})
    frame.loc[:9, "sum"] = np.nan
    preparation = fitted(frame, missing="linear", rescale="none")
    served = pd.DataFrame({"a": [1.0, 1.0], "b": [0.5, None], "sum": [None, 3.0]})
    first, second = preparation.transform(served)[VECTOR]
    assert first[2] == pytest.approx(3, abs=0.05)
    assert first[3] == 1
    assert second[1] == pytest.approx(0.5, abs=0.05)


def test_ranks_are_those_of_scikit_learn() -> None:
    """P2: the quantile variant; a uniform distribution of mean 0 and deviation 1."""
    from sklearn.preprocessing import QuantileTransformer

    values = np.random.default_rng(1).exponential(size=(3000, 1))
    ranks = fitted(pd.DataFrame({"x": values[:, 0]}), rescale="quantile").transform(
        pd.DataFrame({"x": values[:, 0]})
    )[VECTOR]
    theirs = QuantileTransformer(n_quantiles=257, subsample=None).fit_transform(values)
    np.testing.assert_allclose(ranks, (theirs - 0.5) * np.sqrt(12), atol=1e-6)
    assert abs(ranks.mean()) < 0.01
    assert ranks.std() == pytest.approx(1, abs=0.01)


def test_bins_fill_from_below() -> None:
    frame = pd.DataFrame({"x": [0.0, 1.0, 2.0, 3.0, 4.0]})
    preparation = fitted(frame, rescale="none", encode="piecewise_linear", bins=2)
    served = pd.DataFrame({"x": [-1.0, 1.0, 3.0, 5.0]})
    expected = [[-0.5, 0], [0.5, 0], [1, 0.5], [1, 1.5]]
    assert preparation.transform(served)[VECTOR].tolist() == expected
    assert preparation.feature_names() == ["x 0 to 2", "x 2 to 4"]


def test_skewed_columns_are_taken_the_logarithm_of() -> None:
    draws = np.random.default_rng(2)
    frame = pd.DataFrame({"even": draws.normal(size=900), "skewed": draws.lognormal(2, 2, 900)})
    operations = {op.op: op for op in fitted(frame, log="auto").operations()}
    assert operations["log"].columns == (1,)  # type: ignore[attr-defined]
    features = fitted(frame, log="auto").transform(frame)[VECTOR]
    assert abs(features.mean(axis=0)).max() < 1e-5
    assert features.std(axis=0) == pytest.approx([1, 1], abs=1e-5)
