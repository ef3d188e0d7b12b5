"""Schemas: declared, as a file, enforced by a policy, and one truth about availability."""

from __future__ import annotations

import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mlrecipe
from mlrecipe.components.schema.declared import Declared
from mlrecipe.components.schema.file import File
from mlrecipe.components.schema.inferred import Inferred
from mlrecipe.components.source.sklearn import TARGETS, Sklearn
from mlrecipe.data.enforcement import enforce, unmixed
from mlrecipe.data.schema_draft import schema_draft
from mlrecipe.data.table_schema import TableSchema
from mlrecipe.data.validation import pandera_schema, violations
from mlrecipe.errors import RecipeError
from mlrecipe.problem import Problem


def problem(*targets: str, **details: Any) -> Problem:
    return Problem(question="?", target=targets, **details)


def customers() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "age": [30.0, -2, 200, None] + [40.0] * 96,
            "city": ["Bern", "Rom"] + ["Bern"] * 98,
            "y": ["no", "yes"] * 50,
        }
    )


def declared(**changes: Any) -> TableSchema:
    columns: Any = {
        "age": {"kind": "numeric", "minimum": 0, "maximum": 120, "nullable": True},
        "city": {"kind": "categorical", "values": ["Bern", "Genf"]},
        "y": {"kind": "categorical"},
    }
    for name, change in changes.items():
        columns[name] |= change
    return Declared(columns=columns).table(customers(), problem("y"))


def test_all_violations_are_reported_at_once() -> None:
    """U4: violations are reported together, with rows and counts."""
    with pytest.raises(mlrecipe.MlrecipeError) as caught:
        enforce(customers(), declared())
    text = str(caught.value)
    assert "age: less than the minimum(0) in 1 row(s), first [1], such as -2.0" in text
    assert "age: more than the maximum(120) in 1 row(s), first [2]" in text
    assert "city: not among the allowed values('Bern', 'Genf') in 1 row(s), first [1]" in text


def test_policies_are_followed_and_counted() -> None:
    """U4: what becomes of rows that break a rule is explicit, and counted."""
    schema = declared(age={"policy": "set_missing"}, city={"policy": "drop_row"})
    result = enforce(customers(), schema)
    assert len(result.frame) == 99
    assert result.frame.index.tolist() == list(range(99))
    assert result.frame["age"].isna().sum() == 2  # 200, and the gap; -2 left with its row
    dropped, blanked = result.findings(100)
    assert (dropped.code, dropped.evidence["count"]) == ("rows-dropped", 1)
    assert dropped.evidence["rules"][0]["rows"] == [1]
    assert (blanked.code, blanked.evidence["count"]) == ("values-set-missing", 2)
    assert [rule["rule"] for rule in blanked.evidence["rules"]] == [
        "less than the minimum(0)",
        "more than the maximum(120)",
    ]
    assert violations(result.frame, schema, targets=True) == []


def test_many_dropped_rows_are_a_warning() -> None:
    schema = declared(age={"nullable": True}, city={"values": ["Genf", "Rom"]})
    frame = customers().assign(age=40.0)
    with pytest.raises(mlrecipe.MlrecipeError, match=r"in 99 row\(s\)"):
        enforce(frame, schema)
    schema = declared(city={"values": ["Genf", "Rom"], "policy": "drop_row"})
    (finding,) = enforce(frame, schema).findings(100)
    assert finding.severity == "warning"


def test_type_is_enforced_and_not_inferred_again() -> None:
    """U4: a declared number stays a number, whatever the rows hold."""
    columns: Any = {
        "n": {"kind": "numeric", "nullable": True, "policy": "set_missing"},
        "y": {"kind": "categorical"},
    }
    frame = pd.DataFrame({"n": ["1.5", "2", "two"], "y": ["a", "b", "a"]})
    schema = Declared(columns=columns).table(frame, problem("y"))
    assert schema.columns["n"].type == "number"
    assert enforce(frame, schema).frame["n"].tolist()[:2] == [1.5, 2.0]
    columns["n"] = {"kind": "categorical", "type": "string"}
    schema = Declared(columns=columns).table(frame.assign(n=[1, 2, 3]), problem("y"))
    with pytest.raises(mlrecipe.MlrecipeError, match="a number where a string is expected in 3"):
        enforce(frame.assign(n=[1, 2, 3]), schema)


@settings(max_examples=60, deadline=None)
@given(
    values=st.lists(st.one_of(st.none(), st.floats(-50, 50)), min_size=1, max_size=30),
    nullable=st.booleans(),
    unique=st.booleans(),
)
def test_agrees_with_pandera(values: Any, nullable: bool, unique: bool) -> None:
    """Our count of violations is none exactly where pandera finds none."""
    import pandera.errors

    frame = pd.DataFrame({"n": pd.Series(values, dtype=float), "y": 0.0})
    columns: Any = {
        "n": {
            "kind": "numeric",
            "minimum": -40,
            "maximum": 40,
            "nullable": nullable,
            "unique": unique,
        },
        "y": {"kind": "numeric"},
    }
    schema = Declared(columns=columns).table(frame, problem("y"))
    # pandera counts two gaps as one value that occurs twice; a gap is no value here.
    if unique and frame["n"].isna().sum() > 1:
        frame = frame.dropna().reset_index(drop=True)
    try:
        pandera_schema(schema, targets=True).validate(frame, lazy=True)
        sound = True
    except pandera.errors.SchemaErrors:
        sound = False
    assert (violations(frame, schema, targets=True) == []) == sound


def test_a_million_bad_cells_cost_little_memory() -> None:
    """U4: rows are counted before any is shown; no row a bad cell is made."""
    frame = pd.DataFrame({"n": np.full(1_000_000, -1.0), "y": 1.0})
    columns: Any = {"n": {"kind": "numeric", "minimum": 0}, "y": {"kind": "numeric"}}
    schema = Declared(columns=columns).table(frame, problem("y"))
    violations(frame.head(), schema, targets=True)  # imports
    tracemalloc.start()
    (found,) = violations(frame, schema, targets=True)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (found.count, len(found.rows)) == (1_000_000, 5)
    assert peak < 60e6


def test_mixed_types_become_text() -> None:
    """A column of 1 and "1" cannot be stored; it is text, as in the file it came from."""
    frame = pd.DataFrame({"a": [1, "x", None], "b": [1.5, 2, None]}, dtype=object)
    assert unmixed(frame)["a"].tolist()[:2] == ["1", "x"]
    assert unmixed(frame)["a"].isna().tolist() == [False, False, True]
    assert unmixed(frame)["b"].tolist()[:2] == [1.5, 2]


# --- files


@pytest.mark.parametrize("dataset", ["breast_cancer", "wine", "diabetes", "digits"])
def test_draft_reads_back_into_the_same_columns(dataset: Any, tmp_path: Path) -> None:
    """U4: the draft of a run, used as it is, changes nothing."""
    frame = Sklearn(dataset=dataset).read()
    asked = problem(TARGETS[dataset], in_production=frame.columns[0])
    inferred = Inferred().table(frame, asked)
    path = tmp_path / "schema.yaml"
    path.write_text(schema_draft(inferred, frame))
    again = File(path=str(path)).table(frame, asked)
    bare = {n: c.model_copy(update={"reason": ""}) for n, c in inferred.columns.items()}
    assert again.columns == bare
    assert again.features().keys() == inferred.features().keys()


awkward = st.text(min_size=1, max_size=12).filter(lambda t: t.strip() and "\x00" not in t)


@settings(max_examples=60, deadline=None)
@given(name=awkward, value=awkward)
def test_draft_survives_awkward_names_and_values(
    name: str, value: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever a column is called or holds, the draft is YAML of the same columns."""
    frame = pd.DataFrame({name: [value, "b"] * 20, "y!": [0, 1] * 20})
    if not all(c.isprintable() for c in name) or name == "y!":
        return
    inferred = Inferred().table(frame, problem("y!"))
    path = tmp_path_factory.mktemp("draft") / "schema.yaml"
    path.write_text(schema_draft(inferred, frame), encoding="utf-8")
    assert list(File(path=str(path)).table(frame, problem("y!")).columns) == [name, "y!"]


def test_every_fault_of_a_file_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "schema.yaml"
    path.write_text(
        "columns:\n  a:\n    kind: numerc\n  b:\n    kind: numeric\n    minium: 3\n"
        "  c:\n    kind: numeric\n    policy: set_missing\n  y:\n    nullable: true\n"
    )
    frame = pd.DataFrame({"a": [1.0], "b": [1.0], "c": [1.0], "y": [1]})
    with pytest.raises(RecipeError) as caught:
        File(path=str(path)).table(frame, problem("y"))
    faults = {fault.path: fault for fault in caught.value.faults}
    assert faults["columns.a.kind"].origin.endswith("schema.yaml:3")
    assert faults["columns.b.minium"].nearest == "minimum"
    assert faults["columns.b.minium"].origin.endswith("schema.yaml:6")
    assert "nullable: true" in faults["columns.c"].expected
    assert "columns.y.kind" in faults


@pytest.mark.parametrize(
    ("content", "message"),
    [("columns: [", "no YAML"), ("a: 1\n", "declares no columns"), ("", "declares no columns")],
)
def test_file_that_is_no_schema(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "schema.yaml"
    path.write_text(content)
    with pytest.raises(mlrecipe.MlrecipeError, match=message):
        File(path=str(path)).table(pd.DataFrame({"y": [1]}), problem("y"))
    with pytest.raises(mlrecipe.MlrecipeError, match=r"did you mean 'schema\.yaml'"):
        File(path=str(tmp_path / "shema.yaml")).fingerprint()


def test_file_is_part_of_the_fingerprint(tmp_path: Path) -> None:
    """A changed schema file makes `collect` run again."""
    path = tmp_path / "schema.yaml"
    path.write_text("columns:\n  y: {kind: numeric}\n")
    before = File(path=str(path)).fingerprint()
    path.write_text("columns:\n  y: {kind: categorical}\n")
    assert File(path=str(path)).fingerprint() != before


# --- availability


def test_availability_is_one_truth() -> None:
    """U2: schema and problem agree on what production knows, or it is an error."""
    frame = customers()
    columns: Any = {
        "age": {"kind": "numeric", "available": False},
        "city": {"kind": "categorical", "available": True},
        "y": {"kind": "categorical"},
    }
    schema = Declared(columns=columns).table(frame, problem("y"))
    assert schema.inputs == ("city",)
    assert schema.columns["city"].confirmed
    for contradiction in (
        {"in_production": "age"},
        {"not_in_production": "city"},
        {"in_production": "city", "not_in_production": "city"},
    ):
        with pytest.raises(mlrecipe.MlrecipeError, match="is known in production by"):
            Declared(columns=columns).table(frame, problem("y", **contradiction))
    with pytest.raises(mlrecipe.MlrecipeError, match="age will not be known"):
        Declared(columns=columns).table(frame, problem("y", inputs="age"))
    asked = problem("y", in_production=("age",), not_in_production=("city",))
    inferred = Inferred().table(frame, asked)
    assert inferred.columns["age"].confirmed
    assert inferred.inputs == ("age",)


def test_a_run_uses_the_corrected_draft_of_another(mixed_table: Path, tmp_path: Path) -> None:
    """U4: from the inferred draft, by hand, to a schema that is enforced and counted."""
    words = ["recipe=csv", f"source.path={mixed_table}", "problem.target=bought"]
    until = "workflow.until=collect"
    first = mlrecipe.run(*words, until, path=tmp_path / "first")
    draft = first.artifact("collect", "schema.yaml").read_text(encoding="utf-8")
    assert "# numbers, " in draft
    rules = "    minimum: 30\n    policy: set_missing\n  city:"
    path = tmp_path / "schema.yaml"
    path.write_text(draft.replace("  city:", rules, 1), encoding="utf-8")
    with_file = ["schema=file", f"schema.path={path}", until]
    second = mlrecipe.run(*words, *with_file, path=tmp_path / "second")
    found = {f["code"]: f for f in (second.step("collect") or {})["findings"]}
    ages = pd.read_csv(mixed_table)["age"]
    assert found["values-set-missing"]["evidence"]["count"] == (ages < 30).sum()
    assert pd.read_parquet(second.artifact("collect", "development.parquet"))["age"].min() >= 30
    path.write_text(path.read_text(encoding="utf-8").replace("minimum: 30", "minimum: 20"))
    again = mlrecipe.run(*words, *with_file, path=tmp_path / "second")
    found = {f["code"]: f for f in (again.step("collect") or {})["findings"]}
    assert found["values-set-missing"]["evidence"]["count"] == (ages < 20).sum()
