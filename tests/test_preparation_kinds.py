"""Ids, dates, places, tags and signals: inferred, prepared alike everywhere, and without a leak."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from mlrecipe.components.preprocessing.by_kind import FIELDS, ByKind
from mlrecipe.data.dates import days_of
from mlrecipe.data.enforcement import enforce
from mlrecipe.data.inference import infer_columns
from mlrecipe.data.table import Table
from mlrecipe.data.table_schema import PREPARED_KINDS, Column, TableSchema
from mlrecipe.errors import MlrecipeError
from mlrecipe.preparation.date_statistic import DateColumns
from mlrecipe.preparation.kinds.categorical import Categorical
from mlrecipe.preparation.kinds.dates import Dates
from mlrecipe.preparation.kinds.id import Id
from mlrecipe.preparation.kinds.location import Location
from mlrecipe.preparation.kinds.signal import Signal
from mlrecipe.preparation.kinds.tags import Tags
from mlrecipe.preparation.preparation import VECTOR, Preparation
from mlrecipe.preparation.signal_statistic import Lists
from mlrecipe.preparation.statistics import Categories, Chunk, Statistic, gather
from mlrecipe.preparation.target_statistic import TargetSums
from mlrecipe.serving.requests import BadRequest, read_rows
from mlrecipe.testing.executors import Node, assert_agree

KINDS: dict[str, tuple[str, str]] = {
    "word": ("categorical", "string"),
    "code": ("categorical", "number"),
    "flag": ("categorical", "boolean"),
    "user": ("id", "string"),
    "item": ("id", "number"),
    "day": ("datetime", "string"),
    "latitude": ("location", "number"),
    "longitude": ("location", "number"),
    "tags": ("tags", "string"),
    "signal": ("sequence", "numbers"),
}


def schema_of(names: list[str], **kinds: tuple[str, str]) -> TableSchema:
    known = KINDS | kinds
    columns = {n: Column(kind=known[n][0], type=known[n][1]) for n in names}  # type: ignore[arg-type]
    return TableSchema(columns=columns, targets=(), inputs=tuple(names))


def frame_of(rows: list[dict[str, Any]], names: list[str]) -> pd.DataFrame:
    frame = pd.DataFrame({n: pd.Series([row[n] for row in rows], dtype=object) for n in names})
    numbers = [n for n in names if KINDS[n][1] == "number"]
    return frame.astype(dict.fromkeys(numbers, "float64"))


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    process = Node()
    yield process
    process.close()


quick = settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))

words = st.none() | st.sampled_from(["a", "b", "é", "e\u0301", "🎉x", "a\0b", " a", "ش", ""])
texts = words | st.text(max_size=80)
codes = st.none() | st.sampled_from([0, -0.0, 1, 2**53 + 1, 2**70, 0.1, 5e-324]) | st.floats()
degrees = st.none() | st.sampled_from([90, -90, 180, -180, 0, -0.0, 46.5, 91.0]) | st.floats()
tag = st.sampled_from(["x", " x", "y\t", "x y", "é", "", "|", "a;b"]) | st.text(max_size=3)
sets = st.none() | st.lists(tag, max_size=4) | st.sampled_from(["x;y", ";", "x,y", "|x| y|"])
signals = st.none() | st.lists(st.none() | st.floats() | st.integers(-9, 9), max_size=9)

moments = st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)).map(datetime.isoformat)
FRAGMENTS = (
    "2023 1969 0000 99 69 68 2 29 02 12 13 31 00 5 - - . / T : : Z + -03:30 +14 +1560 24 59 60 "
    ".5 ,123456789012345 PM am é ٣"
)
pieces = st.lists(st.sampled_from([*FRAGMENTS.split(), " ", "\t", "\n", "\0"]), max_size=9).map(
    "".join
)
whole = st.builds(
    "{:04}-{:02}-{:02}{}{:02}:{:02}:{:02}{}".format,
    st.sampled_from([0, 1, 4, 100, 1582, 1900, 1969, 1970, 2000, 2023, 2024, 9999]),
    st.integers(0, 13),
    st.integers(0, 32),
    st.sampled_from("Tt "),
    st.integers(0, 25),
    st.integers(0, 61),
    st.integers(0, 61),
    st.sampled_from(["", "Z", ".25", "+05:30", "-11:59", " PM", "+24:00"]),
)
late = st.builds(
    "{}{}{}/{}".format,
    st.integers(0, 32),
    st.sampled_from("./-"),
    st.integers(0, 32),
    st.sampled_from(["23", "1899", "2000", "00"]),
)
dates = st.none() | moments | pieces | whole | late

VALUES: dict[str, st.SearchStrategy[Any]] = {
    "word": texts,
    "code": codes,
    "flag": st.none() | st.booleans(),
    "user": texts,
    "item": codes,
    "day": dates,
    "latitude": degrees,
    "longitude": degrees,
    "tags": sets,
    "signal": signals,
}


def rows_of(names: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({name: VALUES[name] for name in names})


def agree(
    component: ByKind, names: list[str], training: Any, served: Any, node: Node
) -> dict[str, Any]:
    """Fit on some rows, hold the executors against each other on others; all must be finite."""
    y = np.array([[len(str(row)) % 3, i % 2] for i, row in enumerate(training)], dtype=np.float32)
    preparation = component.fit(Table(frame_of(training, names)), schema_of(names), y)
    again = Preparation.model_validate_json(preparation.model_dump_json())
    assert again == preparation
    found = assert_agree(again, frame_of(served, names), served, node)
    assert all(np.isfinite(values).all() for values in found.values())
    lacking = preparation.transform(pd.DataFrame(index=range(2)))
    missing = preparation.transform_records([dict.fromkeys(names)] * 2)
    for name, values in missing.items():
        np.testing.assert_array_equal(values, lacking[name])
    return found


NAMES = ["word", "code", "flag", "user", "item"]


@quick
@given(
    training=st.lists(rows_of(NAMES), min_size=2, max_size=12),
    served=st.lists(rows_of(NAMES), min_size=1, max_size=6),
    encode=st.sampled_from(["one_hot", "codes", "hash", "target"]),
)
def test_encodings_agree(node: Node, training: list[Any], served: list[Any], encode: Any) -> None:
    """P1, P4: categories and ids become the same numbers in every runtime, in each encoding."""
    component = ByKind(
        categorical=Categorical(encode=encode, min_count=1, buckets=7),
        id=Id(encode=encode, min_count=1, buckets=5),
    )
    agree(component, NAMES, training, [*served, training[0]], node)


PARTS = ("elapsed", "year", "month", "day_of_week", "hour", "day_of_year", "weekend")


@settings(quick, max_examples=60)
@given(
    training=st.lists(rows_of(["day"]), min_size=2, max_size=6),
    served=st.lists(rows_of(["day"]), min_size=1, max_size=12),
    order=st.sampled_from(["auto", "day_month", "month_day"]),
)
@example(
    [{"day": "2000-02-29"}] * 2, [{"day": "1900-02-29"}, {"day": "0001-01-01T00:00+14"}], "auto"
)
def test_dates_agree(node: Node, training: list[Any], served: list[Any], order: Any) -> None:
    """P1, P4: a date is the same in every runtime: leap days, zones, years 1 to 9999, garbage."""
    component = ByKind(datetime=Dates(parts=PARTS, order=order))
    agree(component, ["day"], training, served, node)


@quick
@given(
    training=st.lists(rows_of(["latitude", "longitude"]), min_size=2, max_size=12),
    served=st.lists(rows_of(["latitude", "longitude"]), min_size=1, max_size=6),
    cell=st.sampled_from([None, 0.1, 0.3, 7.0, 180.0]),
)
def test_places_agree(node: Node, training: list[Any], served: list[Any], cell: Any) -> None:
    component = ByKind(location=Location(cell=cell, min_count=1))
    agree(component, ["latitude", "longitude"], training, [*served, *training], node)


@quick
@given(
    training=st.lists(rows_of(["tags", "signal"]), min_size=2, max_size=8),
    served=st.lists(rows_of(["tags", "signal"]), min_size=1, max_size=6),
    separator=st.sampled_from([None, ";", ",", " ", "."]),
    steps=st.sampled_from([None, 1, 4]),
    layout=st.sampled_from(["signal", "vector"]),
)
def test_tags_and_signals_agree(
    node: Node, training: list[Any], served: list[Any], separator: Any, steps: Any, layout: Any
) -> None:
    component = ByKind(
        tags=Tags(separator=separator, min_count=1), sequence=Signal(steps=steps, layout=layout)
    )
    agree(component, ["tags", "signal"], training, served, node)


def test_the_saved_graph_does_the_same(node: Node) -> None:
    """P4: traced, as a SavedModel has it, the graph gives what it gives step by step."""
    import tensorflow as tf

    from mlrecipe.preparation.graph import GraphPreparation

    names = list(KINDS)
    rows: list[dict[str, Any]] = [
        {"word": "a", "code": 1, "flag": True, "user": "u", "item": -0.0, "day": "1969-12-31 23:00"}
        | {"latitude": 90, "longitude": 180, "tags": ["x", "y"], "signal": [1.0, None, 3.0]},
        {"word": "", "code": None, "flag": None, "user": "é", "item": 2.0**60, "day": "31.12.2023"}
        | {"latitude": None, "longitude": 7, "tags": None, "signal": None},
    ]
    frame = frame_of(rows, names)
    y = np.array([[0.0], [1.0]], dtype=np.float32)
    for encode in ("hash", "target", "codes"):
        component = ByKind(
            id=Id(encode=encode, min_count=1),  # type: ignore[arg-type]
            location=Location(min_count=1),
            tags=Tags(min_count=1),
        )
        preparation = component.fit(Table(frame), schema_of(names), y)
        expected = preparation.transform(frame)
        graph = GraphPreparation(preparation)
        traced = tf.function(
            graph, input_signature=[graph.signature({n: n for n in names})], autograph=False
        )
        columns = preparation.raw_columns(frame)
        found = traced({n: tf.constant(v) for n, v in columns.items()})
        for name, values in expected.items():
            np.testing.assert_allclose(found[name].numpy(), values, rtol=0, atol=1e-6)


def test_the_saved_graph_rounds_alike_on_every_edge() -> None:
    """P4: a traced graph replaces divisions by products; edges of cells and days must not move."""
    import tensorflow as tf

    from mlrecipe.preparation.graph import GraphPreparation

    degrees = np.round(np.arange(0, 40, 0.01), 2)
    first = datetime(1600, 1, 1)
    days = [(first + timedelta(days=37 * i)).isoformat() for i in range(len(degrees))]
    frame = pd.DataFrame({"latitude": degrees, "longitude": degrees - 20, "day": days})
    names = list(frame)
    component = ByKind(
        datetime=Dates(parts=PARTS), location=Location(cell=0.05, min_count=1, max_cells=900)
    )
    preparation = component.fit(Table(frame), schema_of(names))
    graph = GraphPreparation(preparation)
    signature = [graph.signature({name: name for name in names})]
    traced = tf.function(graph, input_signature=signature, autograph=False)
    found = traced({n: tf.constant(v) for n, v in preparation.raw_columns(frame).items()})
    np.testing.assert_allclose(found[VECTOR].numpy(), preparation.transform(frame)[VECTOR], 0, 1e-6)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1970-01-01", 0.0),
        ("1969-12-31T12:00", -0.5),
        ("0001-01-01", -719162.0),
        ("9999-12-31", 2932896.0),
        ("2000-02-29", 11016.0),
        ("2024-02-29 06:00:00.0", 19782.25),
        ("1970-01-01T01:00:00+01:00", 0.0),
        ("1970-01-01T00:00-0600", 0.25),
        ("1970-01-01 12:00 AM", 0.0),
        ("1970-01-01 12:00pm", 0.5),
        ("2.1.1970", 1.0),
        ("31.12.69", -1.0),
        ("1.1.68", 35794.0),
        ("2023-02-29", math.nan),
        ("1900-02-29", math.nan),
        ("2023-02-30", math.nan),
        ("2023-13-01", math.nan),
        ("0000-01-01", math.nan),
        ("1970-01-01T24:00", math.nan),
        ("1970-01-01T00:00+24:00", math.nan),
        ("1970-01-01T00:60", math.nan),
        ("1970-01-01 13:00 PM", math.nan),
        ("1970-1", math.nan),
        ("1970-01-01\n", math.nan),
        ("٢٠٢٣-01-01", math.nan),
        ("", math.nan),
    ],
)
def test_dates_that_there_are(text: str, expected: float) -> None:
    assert days_of(text, "day_month") == pytest.approx(expected, abs=1e-12, nan_ok=True)


@given(st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)), st.integers(-1439, 1439))
def test_dates_are_those_of_the_standard_library(moment: datetime, minutes: int) -> None:
    """Python's own calendar knows the same days, in any zone."""
    zone = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
    here = (moment - timedelta(minutes=minutes) - datetime(1970, 1, 1)) / timedelta(days=1)
    assert days_of(moment.isoformat() + zone, "day_month") == pytest.approx(here, abs=1e-9)


def test_the_order_of_day_and_month_is_learnt() -> None:
    """31 can be no month: the order that more training rows fit is taken."""
    for rows, order in (
        (["12/31/2020", "01/02/2020"], "month_day"),
        (["31/12/2020", "01/02/2020"], "day_month"),
        (["01/02/2020", "03/04/2020"], "day_month"),
    ):
        preparation = ByKind().fit(Table(pd.DataFrame({"day": rows})), schema_of(["day"]))
        assert preparation.blocks[0].operations[0].saved()["orders"] == [order]


@pytest.mark.parametrize("zone", [None, "UTC", "America/New_York"])
def test_frames_of_dates_and_requests_agree(zone: str | None) -> None:
    """P4: a column stored as dates is prepared as the strings that requests hold."""
    moments = pd.to_datetime(
        ["1902-01-01", "2024-02-29T23:59:59.123456789", None, "2024-07-01T12:00:00.5"],
        format="ISO8601",
    ).tz_localize(zone)
    frame = pd.DataFrame({"day": moments})
    component = ByKind(datetime=Dates(parts=PARTS))
    preparation = component.fit(Table(frame), schema_of(["day"]))
    expected = preparation.transform(frame)[VECTOR]
    for same in (
        preparation.records(frame),
        [{"day": None if pd.isna(m) else m.isoformat()} for m in moments],
        [{"day": None if pd.isna(m) else m} for m in moments],
    ):
        np.testing.assert_array_equal(preparation.transform_records(same)[VECTOR], expected)
    assert len(np.unique(expected, axis=0)) == 4


def test_date_features() -> None:
    """P1: sine and cosine of the month, elapsed days of mean 0; gaps in the centre, marked."""
    frame = pd.DataFrame({"day": ["2024-01-06", "2024-04-07", None, "2024-07-08"]})
    component = ByKind(datetime=Dates(parts=("month", "weekend")))
    preparation = component.fit(Table(frame), schema_of(["day"]))
    assert preparation.feature_names() == [
        *("day: month (sine)", "day: month (cosine)", "day: weekend", "day is missing")
    ]
    np.testing.assert_allclose(
        preparation.transform(frame)[VECTOR],
        [[0, 1, 1, 0], [1, 0, 1, 0], [0, 0, 0, 1], [0, -1, 0, 0]],
        atol=1e-6,
    )
    elapsed = ByKind(datetime=Dates(parts=("elapsed",), indicator=False))
    whole = pd.DataFrame({"day": [f"2024-01-{d:02}" for d in range(1, 31)]})
    found = elapsed.fit(Table(whole), schema_of(["day"])).transform(whole)[VECTOR]
    assert found.mean() == pytest.approx(0, abs=1e-5)
    assert found.std() == pytest.approx(1, abs=1e-5)


@quick
@given(st.lists(rows_of(list(KINDS)), min_size=1, max_size=12), st.integers(0, 12))
def test_merged_statistics_are_those_of_the_whole(rows: list[Any], cut: int) -> None:
    """What is fitted does not depend on how the rows were cut into chunks."""
    frame = frame_of(rows, list(KINDS))
    y = (np.arange(len(rows)) % 2).astype(np.float32)[:, None]
    plan: dict[str, Statistic] = {
        "target": TargetSums(("word", "user"), "string"),
        "numbers": TargetSums(("code",), "number"),
        "tags": Categories(("tags",), "string"),
        "dates": DateColumns(("day",)),
        "lists": Lists(("signal",)),
    }
    kinds = {"target": Id(encode="target"), "numbers": Id(encode="target"), "tags": Tags()}
    kinds |= {"dates": Dates(), "lists": Signal()}
    columns = {key: schema_of(list(s.columns)).columns for key, s in plan.items()}  # type: ignore[attr-defined]
    parts = [
        Chunk(frame.iloc[start:end], start, y[start:end])
        for start, end in ((0, cut), (cut, len(rows)))
        if start < min(end, len(rows))
    ]
    whole, merged = gather([Chunk(frame, 0, y)], plan), gather(parts, plan)
    for key, kind in kinds.items():
        one, other = kind.fit(columns[key], whole[key]), kind.fit(columns[key], merged[key])
        a, b = (pd.json_normalize(f.blocks[0].model_dump(mode="json")) for f in (one, other))
        assert _close(
            one.blocks[0].model_dump(mode="json"), other.blocks[0].model_dump(mode="json")
        )
        assert list(a) == list(b)
        assert one.tensors == other.tensors


def _close(one: Any, other: Any) -> bool:
    """Return whether plain data is equal but for the rounding of sums."""
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_close(one[k], other[k]) for k in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(_close, one, other))
    if isinstance(one, float):
        return other == pytest.approx(one, rel=1e-9, abs=1e-9)
    return bool(one == other)


def test_a_row_never_sees_its_own_target() -> None:
    """P1: noise in ids of many values tells nothing; encoded with their own rows, it tells all."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score

    draws = np.random.default_rng(0)
    rows = 6000
    frame = pd.DataFrame({"user": [f"u{i}" for i in draws.integers(0, 2000, rows)]})
    y = draws.integers(0, 2, (rows, 1)).astype(np.float32)
    component = ByKind(id=Id(encode="target", smoothing=1, min_count=1))
    preparation, blind = component.fit_transform(Table(frame), schema_of(["user"]), y)
    naive = preparation.transform(frame)

    def fitted(x: Any) -> float:
        model = LogisticRegression().fit(x, y[:, 0])
        return float(roc_auc_score(y, model.predict_proba(x)[:, 1]))

    assert fitted(naive[VECTOR]) > 0.75
    assert fitted(blind[VECTOR]) < 0.53
    assert preparation == component.fit(Table(frame), schema_of(["user"]), y)
    again = component.fit_transform(Table(frame), schema_of(["user"]), y)[1]
    np.testing.assert_array_equal(again[VECTOR], blind[VECTOR])


def test_what_an_id_tells_is_learnt_out_of_fold() -> None:
    """The other half: where users do differ, the encoded target says so on new rows."""
    draws = np.random.default_rng(0)
    rate = draws.random(50)
    users = draws.integers(0, 50, 5000)
    y = (draws.random((5000, 1)) < rate[users, None]).astype(np.float32)
    frame = pd.DataFrame({"item": users.astype(float)})
    component = ByKind(id=Id(encode="target"))
    preparation, blind = component.fit_transform(Table(frame), schema_of(["item"]), y)
    new = preparation.transform(pd.DataFrame({"item": np.arange(51.0)}))[VECTOR][:, 0]
    assert np.corrcoef(new[:50], rate)[0, 1] > 0.98
    assert new[50] == 0  # never seen: like all others
    assert np.corrcoef(blind[VECTOR][:, 0], rate[users])[0, 1] > 0.95


def test_target_encoding_is_the_m_estimate() -> None:
    """Micci-Barreca (2001): (sum + m * prior) / (n + m), here in deviations from the prior."""
    frame = pd.DataFrame({"word": ["a", "a", "a", "b", None, None]})
    y = np.array([[1], [1], [0], [0], [1], [0]], dtype=np.float32)
    component = ByKind(categorical=Categorical(encode="target", smoothing=2, min_count=1))
    preparation = component.fit(Table(frame), schema_of(["word"]), y)
    served = pd.DataFrame({"word": ["a", "b", "new", None]})
    expected = [(2 + 1) / 5, (0 + 1) / 3, 0.5, (1 + 1) / 4]
    found = preparation.transform(served)[VECTOR][:, 0] * 0.5 + 0.5
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_codes_are_a_tensor_of_their_own() -> None:
    frame = pd.DataFrame({"word": ["a", "a", "b", "b", "rare", None]})
    component = ByKind(categorical=Categorical(encode="codes"))
    preparation = component.fit(Table(frame), schema_of(["word"]))
    (spec,) = preparation.tensors
    assert (spec.kind, spec.dtype, spec.shape, spec.sizes) == ("codes", "int32", (1,), (4,))
    assert preparation.transform(frame)[spec.name][:, 0].tolist() == [2, 2, 3, 3, 1, 0]
    assert component.gives(schema_of(["word"])) == {"codes"}


def test_hashes_spread_and_keep() -> None:
    """Unseen ids have a place too, and the places are used alike (chi-squared below its mean + 4
    deviations)."""
    frame = pd.DataFrame({"user": [f"user-{i}" for i in range(6400)]})
    preparation = ByKind().fit(Table(frame.head(2)), schema_of(["user"]))
    found = preparation.transform(frame)[VECTOR]
    assert (found.sum(axis=1) == 1).all()
    counts = found.sum(axis=0)[:64]
    assert ((counts - 100) ** 2 / 100).sum() < 63 + 4 * math.sqrt(2 * 63)


def test_places_beyond_the_poles_are_none() -> None:
    """P1: a place is two numbers and the cell it is in; a missing one is a feature."""
    places = pd.DataFrame({"latitude": [46.2] * 20 + [46.8] * 20, "longitude": [7.1] * 40})
    names = ["latitude", "longitude"]
    preparation = ByKind(location=Location(cell=0.5)).fit(Table(places), schema_of(names))
    served = pd.DataFrame(
        {"latitude": [46.4, 46.9, 10.0, None, 95.0], "longitude": [7.4, 7.2, 7.2, 7.2, 7.2]}
    )
    grid = preparation.transform(served)[VECTOR][:, -3:]
    assert grid.tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 0], [0, 0, 1], [0, 0, 1]]


def test_a_location_without_a_partner() -> None:
    frame = pd.DataFrame({"y": [1.0, 2.0] * 10, "x": [3.0, 4.0] * 10})
    schema = schema_of(["y", "x"], y=("location", "number"), x=("location", "number"))
    with pytest.raises(MlrecipeError, match="tells neither latitude nor longitude"):
        ByKind().fit(Table(frame), schema)
    named = ByKind(location=Location(pairs=(("y", "x"),)))
    assert "y, x is no place" in named.fit(Table(frame), schema).feature_names()


def test_tags_are_multi_hot() -> None:
    frame = pd.DataFrame({"tags": ["x; y", "y", "z;x", None, "y;y"]})
    preparation = ByKind().fit(Table(frame), schema_of(["tags"]))
    assert preparation.feature_names() == ["tags has x", "tags has y", "tags is missing"]
    expected = [[1, 1, 0], [0, 1, 0], [1, 0, 0], [0, 0, 1], [0, 1, 0]]
    assert preparation.transform(frame)[VECTOR].tolist() == expected
    requests = [{"tags": v} for v in (["x", "y"], ["y"], ["z", "x"], [], "y")]
    assert preparation.transform_records(requests)[VECTOR].tolist() == expected


def test_signals_have_one_length() -> None:
    frame = pd.DataFrame({"signal": [[1.0, 3.0], [1.0, 3.0, 1.0, 3.0], None, [np.nan, 3.0]]})
    component = ByKind(sequence=Signal(layout="signal"))
    preparation = component.fit(Table(frame), schema_of(["signal"]))
    (spec,) = preparation.tensors
    assert (spec.kind, spec.shape) == ("signal", (4, 1))
    found = preparation.transform(frame)[spec.name][:, :, 0]
    assert found[2].tolist() == [0, 0, 0, 0]
    assert found[0, 2:].tolist() == [0, 0]
    assert found[3, 0] == 0
    values = np.array([1, 3, 1, 3, 1, 3, 3])
    np.testing.assert_allclose(
        found[1], (np.array([1, 3, 1, 3]) - values.mean()) / values.std(), rtol=1e-6
    )
    flat = ByKind().fit(Table(frame), schema_of(["signal"]))
    np.testing.assert_array_equal(flat.transform(frame)[VECTOR], found)
    assert flat.feature_names() == [f"signal at {step}" for step in range(4)]


DRAWS = np.random.default_rng(7)
ROWS = 600


def _picked(values: list[Any], rows: int = ROWS) -> list[Any]:
    return [values[i] for i in DRAWS.integers(0, len(values), rows)]


GENRES = ["action", "comedy", "drama", "sci-fi", "war"]
CASES: dict[str, tuple[list[Any], str, str]] = {
    "colour": (_picked(["red", "green", "blue"]), "categorical", "3 distinct strings"),
    "town": (_picked([f"town {i}" for i in range(80)]), "categorical", "80 distinct strings"),
    "shop": (_picked([f"shop {i}" for i in range(150)]), "id", "too many for an indicator each"),
    "uuid": ([f"{i:08x}" for i in range(ROWS)], "identifier", "a different string in every row"),
    "ticket": (_picked([f"{i:05}x" for i in range(5000)]), "identifier", "occur once"),
    "user_id": (_picked(list(range(9, 1600, 8))), "id", "named as an id"),
    "shop_id": (_picked([10, 20, 50]), "categorical", "named as an id, 3 distinct"),
    "row": (list(range(ROWS)), "identifier", "count the rows"),
    "paid": (_picked(list(range(200))), "numeric", "numbers"),
    "genres": (
        ["|".join(DRAWS.choice(GENRES, n, replace=False)) for n in DRAWS.integers(1, 4, ROWS)],
        "tags",
        "5 different tags, parted by |",
    ),
    "labels": (
        [", ".join(DRAWS.choice(GENRES, n, replace=False)) for n in DRAWS.integers(1, 4, ROWS)],
        "tags",
        "5 different tags, parted by ,",
    ),
    "listed": ([list(DRAWS.choice(GENRES, 2)) for _ in range(ROWS)], "tags", "lists of strings"),
    "json": (_picked(['["a", "b"]', '["c"]', "[]"]), "tags", "lists of strings"),
    "city": (_picked([f"{c}, {s}" for c in "ABCDE" for s in ("OR", "ME")]), "categorical", "10"),
    "price": ([f"{n // 7},{n % 7}" for n in range(ROWS)], "identifier", "a different string"),
    "answer": (_picked(["yes, often", "yes, rarely", "no"]), "categorical", "3 distinct"),
    "remark": (
        [f"Well, this is remark {i}, you know, about it" for i in range(ROWS)],
        "text",
        "words a value",
    ),
    "name": ([f"Smith{i}, John" for i in range(ROWS)], "identifier", "a different string"),
    "signal": ([[0.1 * i, 2] for i in range(ROWS)], "sequence", "lists of numbers"),
    "pulse": ([f"[{i}, 2.5]" for i in range(ROWS)], "sequence", "lists of numbers"),
    "iso": ([f"2023-01-{1 + i % 31:02}T05:00Z" for i in range(ROWS)], "datetime", "read as dates"),
    "us": ([f"{1 + i % 12}/{1 + i % 28}/2020" for i in range(ROWS)], "datetime", "read as dates"),
    "version": (_picked(["1.2.3", "1.10.0", "2.0.1"]), "categorical", "3 distinct strings"),
    "impossible": (_picked(["2023-02-30", "2023-02-31"]), "categorical", "2 distinct strings"),
    "stored": (
        list(pd.to_datetime([date(2020, 1, 1 + i % 28) for i in range(ROWS)])),
        "datetime",
        "stored as dates",
    ),
    "start_lat": (list(DRAWS.uniform(46, 48, ROWS)), "location", "named like latitude"),
    "start_lon": (list(DRAWS.uniform(6, 9, ROWS)), "location", "named like latitude"),
    "lat": (list(DRAWS.uniform(46, 48, ROWS)), "numeric", "numbers"),
    "end_latitude": (list(DRAWS.uniform(0, 500, ROWS)), "numeric", "numbers"),
    "end_longitude": (list(DRAWS.uniform(0, 500, ROWS)), "numeric", "numbers"),
}


def test_kinds_are_inferred_with_a_reason() -> None:
    """P1: every kind is told from its look-alikes."""
    frame = pd.DataFrame({name: pd.Series(values) for name, (values, _, _) in CASES.items()})
    found = infer_columns(frame)
    for name, (_, kind, reason) in CASES.items():
        assert found[name].kind == kind, (name, found[name])
        assert reason in found[name].reason, (name, found[name].reason)
    assert (found["start_lat"].minimum, found["start_lat"].maximum) == (-90, 90)
    assert set(FIELDS) == set(PREPARED_KINDS)


def test_rows_are_held_against_the_new_kinds() -> None:
    """Rows to learn from: lists as JSON or as they are; what is no list is refused."""
    schema = TableSchema(
        columns={
            "tags": Column(kind="tags", type="string"),
            "signal": Column(kind="sequence", type="numbers"),
            "day": Column(kind="datetime", type="string"),
        },
        targets=(),
        inputs=("tags", "signal", "day"),
    )
    good = pd.DataFrame(
        {
            "tags": ['["a", "b"]', "c", ["d"]],
            "signal": ["[1, null]", [2.0], np.array([3.0])],
            "day": [date(2020, 1, 1), "2020-01-02", datetime(2020, 1, 3, tzinfo=UTC)],
        }
    )
    frame = enforce(good, schema).frame
    assert frame["tags"].tolist() == ["a|b", "c", "d"]
    assert [len(v) for v in frame["signal"]] == [2, 1, 1]
    with pytest.raises(MlrecipeError, match="signal: no list of numbers in 1 row") as refused:
        enforce(good.assign(signal=[[1.0], "loud", [2.0]], tags=[{"a": 1}, "b", "c"]), schema)
    assert "tags: neither a string nor a list of strings in 1 row" in str(refused.value)


def test_requests_of_the_new_kinds() -> None:
    names = ["tags", "signal", "day"]
    schema = schema_of(names)
    fine: list[dict[str, Any]] = [
        {"tags": ["a", "b"], "signal": [1, 2.5, None], "day": "2024-02-29T10:00:00+02:00"},
        {"tags": "a;b", "signal": [], "day": "31/12/2020"},
        dict.fromkeys(names),
    ]
    assert read_rows({"instances": fine}, schema) == fine
    wrong: dict[str, Any] = {
        "tags": ["a", 3],
        "signal": [1, "2"],
        "day": "2023-02-30",
    }
    with pytest.raises(BadRequest) as refused:
        read_rows({"instances": [wrong, {"tags": 3, "signal": 4, "day": 5}]}, schema)
    assert refused.value.problems == [
        "row 0: tags is ['a', 3], a list with more than strings in it",
        "row 0: signal is [1, '2'], no list of numbers",
        "row 0: day is '2023-02-30', no date: write 2023-01-31, or 2023-01-31T18:05:00Z",
        "row 1: tags is 3, no string, and no list of strings",
        "row 1: signal is 4, no list of numbers",
        "row 1: day is 5, no string",
    ]
