"""Sources, inference, schema, validation, sealing, tasks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mlrecipe
from mlrecipe.components.schema.declared import Declared
from mlrecipe.components.schema.inferred import Inferred
from mlrecipe.components.source.csv import CSV
from mlrecipe.components.source.parquet import Parquet
from mlrecipe.components.source.sklearn import Sklearn
from mlrecipe.components.task.auto import Auto
from mlrecipe.components.task.binary import Binary
from mlrecipe.components.task.multiclass import Multiclass
from mlrecipe.components.task.regression import ScalarRegression, VectorRegression
from mlrecipe.data.facts import facts_of
from mlrecipe.data.inference import infer_column
from mlrecipe.data.sealing import sealed_rows
from mlrecipe.data.table_schema import Column, TableSchema
from mlrecipe.data.validation import violations
from mlrecipe.problem import Problem


def problem(*targets: str, **settings_: Any) -> Problem:
    return Problem(question="?", target=targets, **settings_)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_csv_finds_its_delimiter(tmp_path: Path, delimiter: str) -> None:
    """C1: CSV, with quoted delimiters and gaps."""
    path = tmp_path / "table.csv"
    frame = pd.DataFrame({"a": [1.5, None, 3], "b": [f"x{delimiter}y", "z", None], "c": [1, 2, 3]})
    frame.to_csv(path, index=False, sep=delimiter)
    pd.testing.assert_frame_equal(CSV(path=str(path)).read(), frame, check_dtype=False)


@pytest.mark.parametrize(
    ("text", "delimiter"), [("a,b\n1,2,\n3,4,\n", None), ("a::b\n1::2\n3::4\n", "::")]
)
def test_csv_with_uncommon_delimiters(tmp_path: Path, text: str, delimiter: str | None) -> None:
    path = tmp_path / "table.csv"
    path.write_text(text)
    read = CSV(path=str(path), delimiter=delimiter).read()
    assert read.to_dict("list") == {"a": [1, 3], "b": [2, 4]}


def test_csv_in_chunks_is_the_whole(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    pd.DataFrame({"a": range(1000)}).to_csv(path, index=False)
    source = CSV(path=str(path), chunk_rows=64)
    assert max(map(len, source.chunks())) == 64
    assert source.read()["a"].tolist() == list(range(1000))


def test_fingerprint_changes_with_the_content(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("a\n1\n")
    before = CSV(path=str(path)).fingerprint()
    path.write_text("a\n2\n")
    assert CSV(path=str(path)).fingerprint() != before


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "is empty"),
        (b"a,b\n1,2\n3,4,5\n", "line 3"),
        (b"a,b\n1,2,3\n4,5,6\n", "line 2 has 3 values, but the first line has 2"),
        (b"a,a\n1,2\n", "two columns named 'a'"),
        ("a;b\nä;1\n".encode("latin-1"), "not written in utf-8.*in line 2"),
    ],
)
def test_csv_that_cannot_be_read(tmp_path: Path, content: bytes, expected: str) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    with pytest.raises(mlrecipe.MlrecipeError, match=expected):
        CSV(path=str(path), encoding="utf-8").read()


def test_missing_file_suggests_its_neighbour(tmp_path: Path) -> None:
    (tmp_path / "customers.csv").touch()
    with pytest.raises(mlrecipe.MlrecipeError, match=r"customers\.csv"):
        CSV(path=str(tmp_path / "custommers.csv")).read()


def test_parquet(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": [1, 2], "b": ["x", None]})
    frame.to_parquet(tmp_path / "t.parquet")
    pd.testing.assert_frame_equal(
        Parquet(path=str(tmp_path / "t.parquet")).read(), frame, check_dtype=False
    )
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 and nothing more")
    with pytest.raises(mlrecipe.MlrecipeError, match="as Parquet"):
        Parquet(path=str(tmp_path / "broken.parquet")).read()


@pytest.mark.parametrize(
    ("dataset", "rows", "targets"),
    [
        ("breast_cancer", 569, ["diagnosis"]),
        ("digits", 1797, ["digit"]),
        ("wine", 178, ["cultivar"]),
        ("diabetes", 442, ["progression"]),
        ("linnerud", 20, ["Weight", "Waist", "Pulse"]),
    ],
)
def test_scikit_learns_sets(dataset: Any, rows: int, targets: list[str]) -> None:
    frame = Sklearn(dataset=dataset).read()
    assert len(frame) == rows
    assert set(targets) <= set(frame.columns)
    assert frame.notna().all().all()


@pytest.mark.parametrize(
    ("values", "kind", "type_"),
    [
        ([1.5, 2.5, None, 4.0] * 10, "numeric", "number"),
        ([True, False, True, None] * 10, "boolean", "boolean"),
        (["a", "b", None, "b"] * 10, "categorical", "string"),
        ([7] * 40, "constant", "number"),
        (list(range(100, 140)), "identifier", "number"),
        ([f"user-{i}" for i in range(40)], "identifier", "string"),
        (["2021-03-04", "2022-05-06"] * 20, "datetime", "string"),
        ([f"a rather long remark number {i} of mine" for i in range(40)], "text", "string"),
    ],
)
def test_inference_says_why(values: list[Any], kind: str, type_: str) -> None:
    """U4: kinds are inferred, each with a reason."""
    column = infer_column(pd.Series(values))
    assert (column.kind, column.type) == (kind, type_)
    assert column.reason


def test_inferred_schema_leaves_out_what_production_does_not_know() -> None:
    frame = pd.DataFrame({"a": [1.0, 2.5, 3.0], "late": [1.5, 2.0, 0.5], "y": [0, 1, 0]})
    schema = Inferred().table(frame, problem("y", not_in_production="late"))
    assert schema.inputs == ("a",)
    assert not schema.columns["late"].available
    with pytest.raises(mlrecipe.MlrecipeError, match="did you mean 'late'"):
        Inferred().table(frame, problem("y", not_in_production=("latte",)))


def test_declared_schema_refuses_rows_that_break_it() -> None:
    """U4: violations are reported together, with rows and counts."""
    frame = pd.DataFrame(
        {"age": [30, -2, 200, None], "city": ["Bern", "Rom", "Bern", "Bern"], "y": [0, 1, 0, 1]}
    )
    columns: Any = {
        "age": {"kind": "numeric", "minimum": 0, "maximum": 120},
        "city": {"kind": "categorical", "values": ["Bern", "Genf"]},
        "y": {"kind": "categorical"},
    }
    schema = Declared(columns=columns).table(frame, problem("y"))
    found = {(v.column, v.rule.split("(")[0]): v for v in violations(frame, schema, targets=True)}
    assert found["age", "less than the minimum"].rows == (1,)
    assert found["age", "more than the maximum"].examples == (200.0,)
    assert found["age", "a missing value"].count == 1
    assert found["city", "not among the allowed values"].examples == ("Rom",)


def test_undeclared_target_is_an_error() -> None:
    frame = pd.DataFrame({"a": [1.0], "y": [1]})
    with pytest.raises(mlrecipe.MlrecipeError, match="'y' is used, but not declared"):
        Declared(columns={"a": {"kind": "numeric"}}).table(frame, problem("y"))  # type: ignore[dict-item]


def test_violations_of_types() -> None:
    schema = TableSchema(
        columns={
            "n": Column(kind="numeric", type="number"),
            "s": Column(kind="categorical", type="string"),
            "b": Column(kind="boolean", type="boolean"),
        },
        targets=(),
        inputs=("n", "s", "b"),
    )
    frame = pd.DataFrame({"n": [1, "x"], "s": ["a", 2], "b": [True, "no"]}, dtype=object)
    rules = {v.column: (v.rule, v.rows) for v in violations(frame, schema, targets=False)}
    assert rules == {
        "n": ("no number", (1,)),
        "s": ("no string", (1,)),
        "b": ("neither true nor false", (1,)),
    }
    assert (
        violations(pd.DataFrame({"n": [1.0], "s": ["a"], "b": [None]}), schema, targets=False) == []
    )


table = st.lists(st.tuples(st.integers(0, 10**6), st.floats(0, 1)), min_size=30, max_size=80)


@settings(max_examples=50, deadline=None)
@given(rows=table, seed=st.integers(0, 100), order=st.randoms())
def test_seal_does_not_depend_on_the_order_of_rows(rows: Any, seed: int, order: Any) -> None:
    frame = pd.DataFrame(rows, columns=["a", "b"])
    sealed = sealed_rows(frame, None, 0.2, seed)
    positions = list(range(len(rows)))
    order.shuffle(positions)
    shuffled = sealed_rows(frame.iloc[positions].reset_index(drop=True), None, 0.2, seed)
    assert shuffled.tolist() == sealed[positions].tolist()


def test_seal_keeps_shares_of_classes_and_copies_together() -> None:
    draws = np.random.default_rng(0)
    frame = pd.DataFrame({"a": draws.random(500)})
    classes = (np.arange(500) % 10 == 0).astype(int)
    sealed = sealed_rows(frame, classes, 0.2, 0)
    assert sealed[classes == 1].sum() == 10
    assert sealed[classes == 0].sum() == 90
    twice = pd.concat([frame, frame], ignore_index=True)
    again = sealed_rows(twice, None, 0.3, 0)
    assert again[:500].tolist() == again[500:].tolist()
    assert sealed_rows(frame, None, 0.2, 1).tolist() != sealed_rows(frame, None, 0.2, 2).tolist()


@pytest.mark.parametrize(
    ("frame", "targets", "task"),
    [
        ({"y": ["a", "b"] * 20}, ["y"], "binary"),
        ({"y": [0, 1] * 20}, ["y"], "binary"),
        ({"y": [True, False] * 20}, ["y"], "binary"),
        ({"y": ["a", "b", "c", "c"] * 10}, ["y"], "multiclass"),
        ({"y": list(range(10)) * 4}, ["y"], "multiclass"),
        ({"y": np.linspace(0, 1, 40)}, ["y"], "scalar_regression"),
        ({"y": list(range(40))}, ["y"], "scalar_regression"),
        ({"y": [1.5] * 20 + [2.5] * 20, "z": [1] * 40}, ["y", "z"], "vector_regression"),
    ],
)
def test_task_is_chosen_by_the_target(frame: Any, targets: list[str], task: str) -> None:
    """F2: the task follows the target, and the reason is said."""
    asked = problem(*targets)
    schema = TableSchema(columns={}, targets=tuple(targets), inputs=())
    (choice,) = Auto().resolve(facts_of(pd.DataFrame(frame), schema, asked))
    assert choice.name == task
    assert targets[0] in choice.reason


@pytest.mark.parametrize("positive", ["yes", None, "no"])
def test_binary_round_trip(positive: str | None) -> None:
    frame = pd.DataFrame({"y": ["yes", "no", "no", "yes"]})
    codec = Binary().fit_target(frame, problem("y", positive=positive))
    y = Binary().encode(frame, codec)
    assert y[0, 0] == (0 if positive == "no" else 1)
    assert Binary().decode(y, codec, 0.5).tolist() == frame["y"].tolist()


def test_positive_label_that_is_not_there() -> None:
    frame = pd.DataFrame({"y": ["yes", "no"]})
    with pytest.raises(mlrecipe.MlrecipeError, match="is it 'yes'"):
        Binary().fit_target(frame, problem("y", positive="yess"))


def test_positive_label_written_as_text() -> None:
    frame = pd.DataFrame({"y": [0, 1, 1]})
    assert Binary().fit_target(frame, problem("y", positive="1")).labels == (0, 1)
    assert Binary().fit_target(frame, problem("y", positive=0)).labels == (1, 0)


def test_multiclass_round_trip() -> None:
    frame = pd.DataFrame({"y": [3, 1, 2, 1]})
    codec = Multiclass().fit_target(frame, problem("y"))
    y = Multiclass().encode(frame, codec)
    assert y.sum(axis=1).tolist() == [1, 1, 1, 1]
    assert Multiclass().decode(y, codec, 0.5).tolist() == [3, 1, 2, 1]
    with pytest.raises(mlrecipe.MlrecipeError, match="label 9, unknown"):
        Multiclass().encode(pd.DataFrame({"y": [9]}), codec)


def test_labels_that_do_not_repeat_are_no_classes() -> None:
    frame = pd.DataFrame({"y": [f"{i},5" for i in range(30)]})
    with pytest.raises(mlrecipe.MlrecipeError, match="30 different labels in 30 rows") as caught:
        Multiclass().fit_target(frame, problem("y"))
    assert "source.decimal" in caught.value.fix


def test_task_counts_no_further_than_it_saw() -> None:
    frame = pd.DataFrame({"y": np.arange(5000) / 7})
    schema = Inferred().table(frame, problem("y"))
    (choice,) = Auto().resolve(facts_of(frame, schema, problem("y")))
    assert choice.reason == "y holds at least 1000 different numbers"


def test_regression_targets() -> None:
    frame = pd.DataFrame({"a": [1.0, 2.0, 6.0], "b": [0.0, 1.0, 2.0]})
    codec = VectorRegression().fit_target(frame, problem("a", "b"))
    assert codec.shift == (3.0, 1.0)
    assert VectorRegression().encode(frame, codec).tolist() == frame.to_numpy().tolist()
    assert ScalarRegression().decode(np.array([[2.5]]), codec, 0.5).tolist() == [2.5]
    with pytest.raises(mlrecipe.MlrecipeError, match="'x', which is no number"):
        ScalarRegression().fit_target(pd.DataFrame({"a": [1, "x"]}), problem("a"))
    with pytest.raises(mlrecipe.MlrecipeError, match="same value in every row"):
        ScalarRegression().fit_target(pd.DataFrame({"a": [1, 1]}), problem("a"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a;b\n1,5;x\n-2;y\n", [1.5, -2]),
        ("a;b\n1,234;x\n2,345;y\n", ["1,234", "2,345"]),
        ("a;b\n1,5;x\n2.5;y\n", ["1,5", "2.5"]),
        ("a,b\n1.5,x\n2,y\n", [1.5, 2]),
    ],
)
def test_csv_finds_how_decimals_are_written(
    tmp_path: Path, text: str, expected: list[object]
) -> None:
    path = tmp_path / "table.csv"
    path.write_text(text)
    assert CSV(path=str(path)).read()["a"].tolist() == expected
    named = CSV(path=str(path), decimal=",", delimiter=";" if ";" in text else ",")
    assert len(named.read()) == 2


def test_csv_gives_a_column_one_type_however_long_it_is(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    codes = [*range(300_000), "A"]
    pd.DataFrame({"code": codes, "wide": "x" * 20}).to_csv(path, index=False)
    assert set(CSV(path=str(path)).read()["code"].map(type)) == {str}


def test_parquet_without_rows(tmp_path: Path) -> None:
    pd.DataFrame({"a": [1]}).head(0).to_parquet(tmp_path / "t.parquet")
    assert Parquet(path=str(tmp_path / "t.parquet")).read().columns.tolist() == ["a"]
