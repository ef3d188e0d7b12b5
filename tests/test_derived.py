"""Columns computed of others, single columns set apart, and columns left out."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlrecipe.components.preprocessing.by_kind import ByKind
from mlrecipe.data.table import Table
from mlrecipe.data.table_schema import Column, TableSchema
from mlrecipe.expressions import ExpressionError
from mlrecipe.interfaces import Array
from mlrecipe.preparation.derived import derive, extended
from mlrecipe.preparation.kinds.categorical import Categorical
from mlrecipe.preparation.kinds.numeric import Numeric
from mlrecipe.preparation.preparation import VECTOR, Preparation
from mlrecipe.problem import Problem
from mlrecipe.testing.executors import Node, assert_agree

SCHEMA = TableSchema(
    columns={
        "x": Column(kind="numeric", type="number"),
        "y": Column(kind="numeric", type="number"),
        "flag": Column(kind="boolean", type="boolean"),
        "text": Column(kind="categorical", type="string"),
        "note": Column(kind="text", type="string"),
        "day": Column(kind="datetime", type="string"),
        "photo": Column(kind="identifier", type="bytes"),
        "price": Column(kind="target", type="number"),
    },
    targets=("price",),
    inputs=("x", "y", "flag", "text", "note", "day", "photo"),
)
READ = ("x", "y", "flag", "text", "note", "day")
PROBLEM = Problem(question="What does it cost?", target=("price",))

exact = st.integers(-6, 6).map(lambda n: n / 2)
numbers = st.none() | exact | st.floats() | st.integers(-(2**70), 2**70)
awkward = [
    "",
    "a",
    "A",
    "Ab",
    "aB.c",
    "Straße",
    "ÅNGSTRÖM",
    "İı",
    "Σίσυφος",
    "e\u0301",
    "\U0001f600",
    "\U00010400",
]
words = st.none() | st.sampled_from([*awkward, "\ue000", "אב", "a\0b", "(.*)", "2024-01-01"])
texts = words | st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
moments = st.datetimes().map(lambda d: d.isoformat()) | st.dates().map(str)
odd_days = ["2024-02-29", "2023-02-29", "1900-02-29", "1969-12-31T23:59:59.999999Z", "0000-01-01"]
odd_days += ["2024-01-01 00:00+02:00", "2024-13-01", "2024-01-01T24:00", "2024-1-1", "no date"]
odd_days += [
    "2024-06-30T12:30:15.5-0330",
    "2024-01-01\n",
    "0001-01-01T00:00:00+23:59",
    "２０２４-01-01",
]
days = st.none() | st.sampled_from(odd_days) | moments
row = st.fixed_dictionaries(
    {
        "x": numbers,
        "y": numbers,
        "flag": st.none() | st.booleans(),
        "text": texts,
        "note": texts,
        "day": days,
    }
)


def _numbers(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operators = st.sampled_from(["+", "-", "*", "/", "//", "%", "**"])
    functions = ["abs", "log", "log1p", "exp", "sqrt", "round", "floor", "-"]
    return (
        st.tuples(inner, operators, inner).map(lambda p: f"({p[0]} {p[1]} {p[2]})")
        | st.tuples(st.sampled_from(functions), inner).map(lambda p: f"{p[0]}({p[1]})")
        | st.tuples(inner, inner).map(lambda p: f"max({p[0]}, min({p[1]}, 7.5))")
        | st.tuples(inner, inner).map(lambda p: f"coalesce({p[0]}, {p[1]})")
        | st.tuples(_tests(inner), inner, inner).map(lambda p: f"({p[1]} if {p[0]} else {p[2]})")
    )


def _tests(of_numbers: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    comparisons = st.sampled_from(["<", "<=", "==", "!=", ">", ">="])
    searches = st.sampled_from(["contains", "starts_with", "ends_with"])
    return (
        st.tuples(of_numbers, comparisons, of_numbers).map(lambda p: f"({p[0]} {p[1]} {p[2]})")
        | st.tuples(TEXTS, comparisons, TEXTS).map(lambda p: f"({p[0]} {p[1]} {p[2]})")
        | st.tuples(searches, TEXTS, TEXTS).map(lambda p: f"{p[0]}({p[1]}, {p[2]})")
        | st.tuples(of_numbers, of_numbers).map(lambda p: f"({p[0]} not in (1, {p[1]}))")
        | st.tuples(comparisons).map(lambda p: f'(day {p[0]} "2024-01-01")')
        | st.sampled_from(["flag", "is_missing(day)", "is_missing(text)", 'text in ("a", "Ab")'])
        | of_numbers.map(lambda n: f"(flag and not {n} > 1 or is_missing({n}))")
    )


TEXTS = st.recursive(
    st.sampled_from(["text", "note", '"a"', '"B"', '"\\U0001f600"', '"."']),
    lambda inner: (
        st.tuples(st.sampled_from(["lower", "upper"]), inner).map(lambda p: f"{p[0]}({p[1]})")
        | st.tuples(inner, inner).map(lambda p: f"({p[0]} if flag else {p[1]})")
        | st.tuples(inner, inner).map(lambda p: f"coalesce({p[0]}, {p[1]})")
    ),
    max_leaves=3,
)
DAYS = ["year(day)", "month(day)", "weekday(day)", 'days_between("1970-01-01", day)', "year(text)"]
NUMBERS = st.recursive(
    st.sampled_from(["x", "y", "2", "0.5", "1e-300", "length(text)", *DAYS]),
    _numbers,
    max_leaves=5,
)


def frame_of(rows: list[dict[str, Any]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(READ), dtype=object)
    return frame.astype({"x": "float64", "y": "float64"})


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    process = Node()
    yield process
    process.close()


def prepared(rows: list[dict[str, Any]], **settings: Any) -> Preparation:
    plain = ByKind(
        numeric=Numeric(rescale="none"), categorical=Categorical(min_count=1), **settings
    )
    return plain.fit(Table(frame_of(rows)), SCHEMA)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    rows=st.lists(row, min_size=2, max_size=8),
    number=NUMBERS.map(lambda n: f"{n} + x * 0"),
    test=_tests(NUMBERS).map(lambda t: f"{t} or flag"),
    text=TEXTS.map(lambda t: f"({t}) if is_missing(x) else {t}"),
)
def test_same_columns_in_every_runtime(
    node: Node, rows: list[dict[str, Any]], number: str, test: str, text: str
) -> None:
    """P4, P5: whatever is computed of whatever row, every runtime computes the same, exactly."""
    derived = {"n": number, "t": test, "w": text, "again": "n > 1 and t and not is_missing(w)"}
    preparation = prepared(rows, derived=derived, drop=("x", "y", "flag", "text"))
    assert_agree(preparation, frame_of(rows), rows, node)


def in_optimized_graph(preparation: Preparation, frame: pd.DataFrame) -> Array:
    """Return the vector as a traced function gives it, after TensorFlow's optimizer."""
    import tensorflow as tf

    from mlrecipe.preparation.graph import GraphPreparation

    graph = GraphPreparation(preparation)
    names = {column: column for column in preparation.columns}
    function = tf.function(lambda columns: graph(columns)[VECTOR], autograph=False)
    specs = graph.signature(names)
    tensors = {
        name: tf.constant(values, specs[name].dtype)
        for name, values in preparation.raw_columns(frame).items()
    }
    return np.asarray(function.get_concrete_function(specs)(**tensors))


def test_the_optimizer_of_a_saved_model_changes_no_bit() -> None:
    """P4: TensorFlow reorders sums and products of constants, unless it cannot see them."""
    random = np.random.default_rng(0)
    frame = frame_of(
        [{"x": float(a), "y": float(b)} for a, b in random.lognormal(0, 2, size=(500, 2))]
    )
    tests = {
        "sums": "(x + 0.1) + 0.2 == x + 0.30000000000000004",
        "products": "x * 0.1 * 0.2 * 3 > y",
        "factors": "x * 0.1 + y * 0.1 == (x + y) * 0.1",
        "logs": "floor(log(x) * 1e15) % 2 == 0",
        "powers": "floor(x ** y * 1e12) % 2 == 0",
    }
    preparation = prepared(frame.to_dict("records"), derived=tests, drop=("x", "y"))
    expected = preparation.transform(frame)[VECTOR]
    np.testing.assert_array_equal(in_optimized_graph(preparation, frame), expected)
    assert 0 < expected[:, preparation.feature_names().index("logs")].mean() < 1


def column_of(text: str, rows: list[dict[str, Any]]) -> list[Any]:
    (item,) = derive({"it": text}, SCHEMA)
    return list(extended(frame_of(rows), (item,))["it"].astype(object))


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("x / y", {"x": 6, "y": 4}, 1.5),
        ("x / y", {"x": 6, "y": 0}, None),
        ("x / y", {"x": None, "y": 2}, None),
        ("x > 3", {"x": None}, 0.0),
        ("flag", {"flag": None}, None),
        ("x", {"x": float("inf")}, None),
        ("x * 1e-200", {"x": 1e-200}, 0.0),
        ("3 ** x", {"x": 2}, 9.0),
        ("(0 - 8) ** x", {"x": 3}, -512.0),
        ('day < "2024-05-01"', {"day": "2024-04-30T23:59:59Z"}, 1.0),
        ("year(day)", {"day": "2024-01-01T00:30+01:00"}, 2023.0),
        ("year(day)", {"day": "2023-02-29"}, None),
        ('days_between("1970-01-01", day)', {"day": "1969-12-31 12:00"}, -0.5),
        ("lower(text)", {"text": "ÅNGSTRÖM İ"}, "ångström İ"),
        ("upper(text)", {"text": "straße"}, "STRAßE"),
        ("length(text)", {"text": "e\u0301\U0001f600"}, 3.0),
        ("length(text)", {"text": ""}, None),
    ],
)
def test_meaning(text: str, values: dict[str, Any], expected: Any) -> None:
    (found,) = column_of(text, [values])
    assert (None if found != found or found == "" else found) == expected


@settings(max_examples=200, deadline=None)
@given(st.datetimes())
def test_days_are_those_of_pythons_calendar(moment: Any) -> None:
    found = column_of('days_between("1970-01-01", day)', [{"day": moment.isoformat()}])
    since = moment - type(moment)(1970, 1, 1)
    assert found[0] == pytest.approx(since.total_seconds() / 86400, abs=1e-9)
    assert column_of("weekday(day)", [{"day": moment.isoformat()}]) == [moment.weekday()]
    assert column_of("month(day)", [{"day": moment.isoformat()}]) == [moment.month]


def test_features_follow_from_the_result() -> None:
    """P5: numbers are rescaled, truths are flags, texts become indicators."""
    rows = [{"x": 1.0, "y": 2.0, "text": "a"}, {"x": 3.0, "y": 4.0, "text": "B"}]
    derived = {"ratio": "x / y", "large": "ratio > 0.6", "small": "lower(text)"}
    preparation = prepared(rows, derived=derived, drop=("x", "y", "flag", "text", "note", "day"))
    names = preparation.feature_names()
    assert names == ["ratio", "large", "small = a", "small = b", "small = missing"]
    features = preparation.transform(frame_of(rows))[VECTOR]
    assert features.tolist() == [[0.5, 0, 1, 0, 0], [0.75, 1, 0, 1, 0]]


def test_only_raw_columns_are_asked_for() -> None:
    """P5: what only an expression reads is read; what is left out is not."""
    rows = [{"x": 1.0, "y": 2.0, "note": "a b", "day": "2024-01-01"}] * 3
    derived = {"long": "length(note) > 2", "unused": "x / y", "age": "year(day) - 2000"}
    drop = ("x", "y", "flag", "text", "unused", "note", "day")
    preparation = prepared(rows, derived=derived, drop=drop)
    assert preparation.reads == {"note": "string", "day": "string"}
    assert set(preparation.raw_columns(frame_of(rows))) == {"note", "day"}
    assert [item.name for item in preparation.derived] == ["long", "age"]
    assert preparation.records(frame_of(rows))[0] == {"note": "a b", "day": "2024-01-01"}


def test_statistics_of_derived_columns_come_chunk_by_chunk(monkeypatch: Any) -> None:
    """P2: the same as of a column that was there."""
    random = np.random.default_rng(0)
    frame = pd.DataFrame({"x": random.normal(size=700), "y": random.uniform(1, 2, 700)})
    frame["ratio"] = frame["x"] / frame["y"]
    numeric = Column(kind="numeric", type="number")
    columns = dict.fromkeys(("x", "y", "ratio"), numeric)
    with_it = TableSchema(columns=columns, targets=(), inputs=("x", "y", "ratio"))
    without = with_it.model_copy(
        update={"inputs": ("x", "y"), "columns": {"x": numeric, "y": numeric}}
    )
    expected = ByKind().fit(Table(frame), with_it).transform(frame)[VECTOR]
    monkeypatch.setattr("mlrecipe.data.table.CHUNK_ROWS", 100)
    found = ByKind(derived={"ratio": "x / y"}).fit(Table(frame[["x", "y"]]), without)
    np.testing.assert_allclose(found.transform(frame[["x", "y"]])[VECTOR], expected, atol=1e-6)


def test_single_columns_have_settings_of_their_own() -> None:
    rows = [{"x": float(n), "y": float(n)} for n in range(5)]
    component = ByKind(columns={"y": {"rescale": "min_max"}}, drop=("flag", "text", "note", "day"))
    preparation = component.fit(Table(frame_of(rows)), SCHEMA)
    features = preparation.transform(frame_of(rows))[VECTOR]
    assert preparation.feature_names() == ["x", "y"]
    assert features[:, 1].tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert features[:, 0].mean() == pytest.approx(0, abs=1e-6)


FAULTS: list[tuple[dict[str, Any], str, str]] = [
    ({"derived": {"a": "price * 2"}}, "derived.a", "reads the target 'price'"),
    ({"derived": {"a": "late + 1"}}, "derived.a", "not be known in production"),
    ({"derived": {"a": "lenght(text)"}}, "derived.a", "did you mean 'length'?, at character 1"),
    ({"derived": {"a": "x + (y"}}, "derived.a", "cannot be read"),
    ({"derived": {"a": "b + 1", "b": "x"}}, "derived.a", "computed after it"),
    ({"derived": {"a": "a + 1"}}, "derived.a", "computed by it"),
    ({"derived": {"a": 'text == ""'}}, "derived.a", "counts as missing"),
    ({"derived": {"price": "x"}}, "derived.price", "already has a column"),
    ({"drop": ("price",)}, "drop", "is the target"),
    ({"columns": {"x": {"resale": "none"}}}, "columns.x.resale", "has such a setting"),
]
FAULTS_OF_A_TABLE: list[tuple[dict[str, Any], str, str]] = [
    ({"derived": {"a": "xx + 1"}}, "derived.a", "no column 'xx'"),
    ({"derived": {"a": "text + 1"}}, "derived.a", "takes a number, not a text"),
    ({"derived": {"a": "is_missing(photo)"}}, "derived.a", "holds files"),
    ({"derived": {"a": "1 + 2"}}, "derived.a", "reads no column"),
    ({"derived": {"a": "day"}}, "derived.a", "the result is a date"),
    ({"derived": {"x": "y"}}, "derived.x", "already has a column"),
    ({"drop": ("txt",)}, "drop", "no input column 'txt'"),
    ({"columns": {"flagg": {"rescale": "none"}}}, "columns.flagg", "no input column"),
    ({"columns": {"x": {"min_count": 3}}}, "columns.x.min_count", "numeric column has no such"),
    ({"columns": {"x": {"rescale": "nothing"}}}, "columns.x.rescale", "does not fit"),
]


@pytest.mark.parametrize(("said", "path", "words"), FAULTS)
def test_faults_told_without_the_table(said: dict[str, Any], path: str, words: str) -> None:
    problem = PROBLEM.model_copy(update={"not_in_production": ("late",)})
    (fault,) = ByKind(**said).faults(problem)
    assert fault.path == path
    assert words in str(fault)


@pytest.mark.parametrize(("said", "path", "words"), FAULTS_OF_A_TABLE)
def test_faults_told_from_the_table(said: dict[str, Any], path: str, words: str) -> None:
    assert ByKind(**said).faults(PROBLEM, SCHEMA)[0].path == path
    assert words in str(ByKind(**said).faults(PROBLEM, SCHEMA)[0])


def test_a_fit_without_a_recipe_says_what_is_wrong() -> None:
    with pytest.raises(ExpressionError, match="no column 'xx'"):
        prepared([{"x": 1.0}] * 2, derived={"a": "xx + 1"})


def test_a_derived_preparation_survives_saving(tmp_path: Any) -> None:
    rows = [{"x": 1.0, "text": "Ä"}, {"x": 2.0, "text": "b"}]
    preparation = prepared(rows, derived={"low": "lower(text)", "r": "x ** 2 if x > 1 else 0"})
    preparation.save(tmp_path / "preparation.json")
    again = Preparation.load(tmp_path / "preparation.json")
    assert again == preparation
    found = again.transform(frame_of(rows))[VECTOR]
    np.testing.assert_array_equal(found, preparation.transform(frame_of(rows))[VECTOR])


def test_a_request_holds_what_the_model_reads() -> None:
    """D1: columns that a finished model does not read may be sent, or left out."""
    from mlrecipe.serving.requests import BadRequest, read_rows

    preparation = prepared(
        [{"x": 1.0, "y": 2.0, "note": "a"}] * 2,
        derived={"r": "x + length(note)"},
        drop=("x", "y", "flag", "text", "note", "day"),
    )
    schema = SCHEMA.model_copy(update={"read": preparation.columns})
    row = {"x": 1, "note": "a"}
    assert read_rows({"instances": [row]}, schema) == [row]
    assert read_rows({"instances": [{**row, "y": 3, "text": "b"}]}, schema) == [row]
    with pytest.raises(BadRequest, match="note is missing"):
        read_rows({"instances": [{"x": 1}]}, schema)
    with pytest.raises(BadRequest, match="no column 'price'"):
        read_rows({"instances": [{**row, "price": 1}]}, schema)


def test_a_misspelt_setting_below_a_section_gets_the_nearest_name() -> None:
    from mlrecipe.composing import compose_recipe
    from mlrecipe.errors import RecipeError
    from mlrecipe.registry import load_registry

    overrides = [
        "recipe=wine",
        "preprocessing.numeric.resale=robust",
        "preprocessing.select.bst=3",
        'preprocessing.derived.a="lenght(alcohol)"',
        'preprocessing.derived.b="alcohol / hue"',
    ]
    with pytest.raises(RecipeError) as caught:
        compose_recipe(overrides, load_registry())
    faults = {fault.path: fault for fault in caught.value.faults}
    assert faults["preprocessing.numeric.resale"].nearest == "rescale"
    assert faults["preprocessing.select.bst"].nearest == "best"
    assert faults["preprocessing.select.bst"].origin == "the command line"
    with pytest.raises(RecipeError) as caught:
        compose_recipe([overrides[0], *overrides[3:]], load_registry())
    (fault,) = caught.value.faults
    assert fault.path == "preprocessing.derived.a"
    assert "did you mean 'length'?, at character 1" in fault.problem
    recipe, _ = compose_recipe([overrides[0], *overrides[4:]], load_registry())
    assert recipe.preprocessing.mapping()["derived"] == {"b": "alcohol / hue"}


def test_one_row_is_fast() -> None:
    """Done while a request waits: three ratios of one row take far less than a millisecond."""
    rows = [{"x": 1.0, "y": 2.0}, {"x": 3.0, "y": 5.0}]
    derived = {"a": "x / y", "b": "y / x", "c": "x - y"}
    preparation = prepared(rows, derived=derived)
    times = []
    for _ in range(200):
        start = time.perf_counter()
        preparation.transform_records(rows[:1])
        times.append(time.perf_counter() - start)
    assert np.median(times) < 1e-3
