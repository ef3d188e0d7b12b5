"""Training rows against production, and against the passing of time."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mlrecipe
from mlrecipe.comparison.images import PROPERTIES, image_properties
from mlrecipe.comparison.periods import cut, moments
from mlrecipe.components.checks.concept_drift import ConceptDrift
from mlrecipe.components.checks.periods import Periods
from mlrecipe.components.checks.production_columns import ProductionColumns
from mlrecipe.components.checks.production_joint import ProductionJoint
from mlrecipe.components.schema.inferred import Inferred
from mlrecipe.components.source.generated import GeneratedSource
from mlrecipe.components.source.sklearn import Sklearn
from mlrecipe.components.task.binary import Binary
from mlrecipe.components.task.regression import ScalarRegression
from mlrecipe.data.table import Table
from mlrecipe.data.table_schema import TableSchema
from mlrecipe.errors import MlrecipeError
from mlrecipe.findings import Finding
from mlrecipe.interfaces import Inspection, Task
from mlrecipe.problem import Problem
from mlrecipe.reading.production import production_rows

WORDS = np.array([f"w{i}" for i in range(60)])


def rows(count: int, seed: int, drift: float = 0.0) -> pd.DataFrame:
    """Return rows whose target moves from ``a`` to ``b`` in the share ``drift``."""
    draws = np.random.default_rng(seed)
    frame = pd.DataFrame({name: draws.normal(size=count) for name in "ab"})
    frame["tail"] = np.exp(draws.normal(size=count) * 2)
    frame["kind"] = draws.choice(list("xyz"), count)
    frame["gap"] = np.where(draws.random(count) < 0.1, np.nan, draws.normal(size=count))
    days = np.sort(draws.uniform(0, 1000, count))
    frame["when"] = pd.Timestamp("2020-01-01") + pd.to_timedelta(days, unit="D")
    now = drift * days / 1000
    score = 2 * ((1 - now) * frame.a + now * frame.b) + draws.normal(size=count)
    frame["y"] = np.where(score > 0, "yes", "no")
    return frame


def texts(count: int, seed: int, vocabulary: Any = WORDS) -> list[str]:
    draws = np.random.default_rng(seed)
    return [" ".join(draws.choice(vocabulary, draws.integers(5, 9))) for _ in range(count)]


def inspection(
    frame: pd.DataFrame,
    production: pd.DataFrame | None = None,
    task: Task | None = None,
    seed: int = 0,
    **settings: Any,
) -> Inspection:
    problem = Problem(question="?", target=("y",), **{"time": "when", **settings})
    schema = Inferred().table(frame, problem)
    sample = None if production is None else Table(production)
    weights = np.ones(len(frame))
    return Inspection(Table(frame), schema, problem, task or Binary(), weights, sample, seed)


def columns(found: list[Finding]) -> set[str]:
    return {f.evidence["column"] for f in found}


@pytest.mark.parametrize("sizes", [(150, 60), (1500, 400), (800, 3000)])
@pytest.mark.parametrize("seed", range(6))
def test_nothing_differs_nothing_is_raised(sizes: tuple[int, int], seed: int) -> None:
    """C3, C5: 18 pairs of samples of one distribution, five kinds of columns: no false alarm."""
    data = inspection(rows(sizes[0], seed), rows(sizes[1], 100 + seed).drop(columns="y"), seed=seed)
    for check in (ProductionColumns(), ProductionJoint(), Periods(), ConceptDrift()):
        assert check.inspect(data) == []


@pytest.mark.parametrize("dataset", ["breast_cancer", "wine", "digits"])
def test_halves_of_real_data_do_not_differ(dataset: Any) -> None:
    frame = Sklearn(dataset=dataset).read()
    frame = frame.rename(columns={frame.columns[-1]: "y"})
    order = np.random.default_rng(0).permutation(len(frame))
    half = len(frame) // 2
    first = frame.iloc[order[:half]].reset_index(drop=True)
    second = frame.iloc[order[half:]].reset_index(drop=True)
    data = inspection(first, second.drop(columns="y"), time=None)
    assert ProductionColumns().inspect(data) == []
    assert ProductionJoint().inspect(data) == []


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("a", lambda f, d: f.a + 1),
        ("a", lambda f, d: f.a * 4),
        ("tail", lambda f, d: f["tail"].where(d.random(len(f)) < 0.8, f["tail"] * 1000)),
        ("kind", lambda f, d: d.choice(list("xyz"), len(f), p=[0.7, 0.2, 0.1])),
        ("kind", lambda f, d: f.kind.where(d.random(len(f)) < 0.85, "new")),
        ("gap", lambda f, d: f.gap.where(d.random(len(f)) < 0.6)),
    ],
    ids=["shift", "spread", "unit", "shares", "new-category", "missing"],
)
def test_a_column_that_differs_is_named(column: str, values: Any) -> None:
    """C3: numbers, categories, missing values; the other columns are left alone."""
    other = rows(600, 1)
    other[column] = values(other, np.random.default_rng(2))
    found = ProductionColumns().inspect(inspection(rows(1500, 0), other.drop(columns="y")))
    assert {f.code for f in found} == {"production-differs"}
    assert columns(found) == {column}
    assert found[0].evidence["value"] > 0


def test_texts_differ_by_length_and_by_words() -> None:
    ours = rows(800, 0).assign(text=texts(800, 0))
    same = rows(400, 1).assign(text=texts(400, 1))
    assert ProductionColumns().inspect(inspection(ours, same)) == []
    strange = same.assign(text=texts(400, 2, np.array([f"z{i}" for i in range(60)])))
    (finding,) = ProductionColumns().inspect(inspection(ours, strange))
    assert (finding.evidence["column"], finding.evidence["aspect"]) == ("text", "unknown words")
    longer = same.assign(text=[f"{t} {t}" for t in same.text])
    assert "words" in ProductionColumns().inspect(inspection(ours, longer))[0].message
    joint = ProductionJoint().inspect(inspection(ours, strange))
    assert list(joint[0].evidence["columns"]) == ["text"]


def test_many_columns_get_one_finding_together() -> None:
    frame = pd.DataFrame({f"c{i}": np.random.default_rng(i).normal(size=300) for i in range(14)})
    frame["y"] = ["yes", "no"] * 150
    data = inspection(frame, frame.drop(columns="y") + 2, time=None)
    found = ProductionColumns(most=4).inspect(data)
    assert len(found) == 5
    assert len(found[-1].evidence["columns"]) == 10


def test_what_no_column_shows_alone_the_classifier_sees() -> None:
    """C3: equal margins, another dependence; and it names the two columns at fault."""
    ours, theirs = rows(2000, 0), rows(2000, 1).drop(columns="y")
    theirs["b"] = np.abs(theirs.b) * np.sign(theirs.a)
    data = inspection(ours, theirs)
    assert ProductionColumns().inspect(data) == []
    (finding,) = ProductionJoint().inspect(data)
    assert finding.code == "production-differs-jointly"
    assert set(finding.evidence["columns"]) == {"a", "b"}
    assert finding.evidence["auc_without"] == pytest.approx(0.5, abs=0.05)


def test_a_gross_difference_holds_the_run() -> None:
    ours, theirs = rows(800, 0), rows(800, 1).drop(columns="y")
    (finding,) = ProductionJoint().inspect(inspection(ours, theirs.assign(a=theirs.a + 3)))
    assert (finding.code, finding.severity) == ("not-representative", "blocker")
    assert list(finding.evidence["columns"]) == ["a"]
    assert "collect and label rows" in finding.advice.lower()


def test_weights_make_a_biased_sample_representative() -> None:
    """C3 × C4: training rows that stand for the population are compared as such."""
    ours, theirs = rows(3000, 0), rows(1500, 1).drop(columns="y")
    shares = ours.kind.map({"x": 1.0, "y": 0.2, "z": 0.2})
    biased = ours[np.random.default_rng(0).random(3000) < shares].reset_index(drop=True)
    plain = inspection(biased, theirs)
    assert columns(ProductionColumns().inspect(plain)) == {"kind"}
    weights = biased.kind.map({"x": 1.0, "y": 5.0, "z": 5.0}).to_numpy(dtype=float)
    weighted = Inspection(
        plain.table, plain.schema, plain.problem, plain.task, weights / weights.mean(),
        plain.production,
    )  # fmt: skip
    assert ProductionColumns().inspect(weighted) == []
    assert ProductionJoint().inspect(weighted) == []


def test_image_properties() -> None:
    from PIL import Image

    def encoded(colour: tuple[int, int, int], size: tuple[int, int]) -> bytes:
        out = io.BytesIO()
        Image.new("RGB", size, colour).save(out, "PNG")
        return out.getvalue()

    red = dict(zip(PROPERTIES, image_properties(encoded((255, 0, 0), (40, 20))), strict=True))
    assert (red["width"], red["height"], red["aspect ratio"]) == (40, 20, 2)
    assert (red["red"], red["green"], red["saturation"], red["contrast"]) == (1, 0, 1, 0)
    assert red["brightness"] == pytest.approx(0.299)
    assert np.isnan(image_properties(b"no picture")).all()


def sample_file(frame: pd.DataFrame, path: Path) -> str:
    frame.to_csv(path, index=False)
    return str(path)


def test_production_sample_is_read_and_held_against_the_schema(tmp_path: Path) -> None:
    """C3, U4: missing and extra columns and wrong values are findings, not a refusal."""
    training = sample_file(rows(300, 0), tmp_path / "training.csv")
    other = rows(200, 1).drop(columns=["y", "b"]).assign(extra=1, gap="none")
    other["kindd"] = other.pop("kind")
    words = [
        "recipe=csv",
        f"source.path={training}",
        "problem.target=y",
        f"problem.production_sample={sample_file(other, tmp_path / 'production.csv')}",
        "workflow.until=collect",
    ]
    run = mlrecipe.run(*words, path=tmp_path / "run")
    found = {f.code: f for _, f in run.findings()}
    assert found["production-columns-missing"].evidence["columns"] == ["b", "kind"]
    assert "is it 'kindd'?" in found["production-columns-missing"].message
    assert found["production-columns-new"].severity == "note"
    assert found["production-violation"].evidence["column"] == "gap"
    assert len(pd.read_parquet(run.artifact("collect", "production.parquet"))) == 200
    before = run.step("collect")
    mlrecipe.run(*words, path=tmp_path / "run")
    assert run.step("collect") == before
    sample_file(other.head(150), tmp_path / "production.csv")
    mlrecipe.run(*words, path=tmp_path / "run")
    assert len(pd.read_parquet(run.artifact("collect", "production.parquet"))) == 150


def test_production_sample_may_be_a_folder(tmp_path: Path) -> None:
    schema = TableSchema(columns={}, targets=(), inputs=())
    (tmp_path / "days").mkdir()
    rows(10, 0).to_parquet(tmp_path / "days" / "1.parquet")
    rows(20, 1).to_parquet(tmp_path / "days" / "2.parquet")
    asked = Problem(question="?", target=("y",), production_sample=str(tmp_path / "days"))
    found = production_rows(asked, GeneratedSource(dataset="cancer_leak"), schema)
    assert found is not None
    assert len(found) == 30
    missing = asked.model_copy(update={"production_sample": str(tmp_path / "day.csv")})
    with pytest.raises(MlrecipeError, match="no file") as caught:
        production_rows(missing, GeneratedSource(dataset="cancer_leak"), schema)
    assert caught.value.where == "problem.production_sample"


def test_a_column_that_changes_with_time_is_named() -> None:
    """C5: first period against last."""
    frame = rows(1200, 0)
    frame["a"] = frame.a + np.linspace(0, 2, 1200)
    found = Periods().inspect(inspection(frame))
    assert columns(found) >= {"a"}
    assert found[0].code == "time-drift"
    assert found[0].evidence["until"] < found[0].evidence["since"]


def test_concept_drift_is_measured_and_held_against_the_life_span() -> None:
    """C5: decay per period, and the refresh period that follows from it."""
    data = inspection(rows(2500, 0, drift=1.0), life_span_days=900)
    note, warning = ConceptDrift().inspect(data)
    assert (note.code, note.severity) == ("concept-drift", "note")
    assert (warning.code, warning.severity) == ("refresh-too-late", "warning")
    decay = note.evidence["decay"]
    lost = [d["skill_of_a_fresh_model"] - d["skill_of_the_old_model"] for d in decay]
    assert lost[-1] > lost[0]
    assert lost[-1] > 0.3
    assert 0 < note.evidence["lasts"] < 900
    assert note.evidence["unit"] == "days"
    short = inspection(rows(2500, 0, drift=1.0), life_span_days=10)
    assert [f.code for f in ConceptDrift().inspect(short)] == ["concept-drift"]


def test_concept_drift_of_a_regression_with_a_time_in_numbers() -> None:
    frame = rows(1500, 3)
    now = np.linspace(0, 1, 1500)
    frame["y"] = (1 - now) * frame.a + now * frame.b
    frame["when"] = now * 7
    found = ConceptDrift().inspect(inspection(frame, task=ScalarRegression(), life_span_days=1))
    assert [f.code for f in found] == ["concept-drift"]
    assert found[0].evidence["unit"] == "units of when"
    steady = frame.assign(y=frame.a)
    assert ConceptDrift().inspect(inspection(steady, task=ScalarRegression())) == []


@pytest.mark.parametrize(
    ("values", "reading"),
    [
        (["2021-03-04", None, "2021-03-06"], "texts that read as dates"),
        (pd.to_datetime(["2021-03-04", None, "2021-03-06"]), "dates"),
        (pd.to_datetime(["2021-03-04", None, "2021-03-06"], utc=True), "dates"),
        ([1614816000.0, np.nan, 1614988800.0], "seconds since 1970"),
    ],
)
def test_times_are_read_in_days(values: Any, reading: str) -> None:
    found = moments(pd.Series(values))
    assert (found.days, found.reading) == (True, reading)
    assert found.values[2] - found.values[0] == pytest.approx(2)
    assert np.isnan(found.values[1])
    assert found.name(found.values[0]) == "2021-03-04"


def test_years_and_other_numbers() -> None:
    assert moments(pd.Series([2011, 2021])).values[1] == pytest.approx(51 * 365.2425)
    assert not moments(pd.Series([1.0, 5.0])).days


def test_what_is_no_time_is_named_with_its_row(tmp_path: Path) -> None:
    frame = rows(100, 0).assign(when=["2021-03-04"] * 99 + ["soon"])
    path = sample_file(frame, tmp_path / "t.csv")
    words = ["recipe=csv", f"source.path={path}", "problem.target=y", "problem.time=when"]
    with pytest.raises(MlrecipeError, match="row 99: 'soon'"):
        mlrecipe.run(*words, path=tmp_path / "run")


def test_periods_hold_equally_many_rows_and_keep_moments_together() -> None:
    times = np.array([np.nan, *np.repeat(np.arange(10.0), 5)])
    found = cut(times, 5)
    assert found[0] == -1
    assert np.bincount(found[1:]).tolist() == [10] * 5
    assert all(len(set(found[times == t])) == 1 for t in range(10))
    assert cut(np.zeros(20), 4).max() == 0
