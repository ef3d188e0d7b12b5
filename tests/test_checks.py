"""Checks find what was planted, and stay silent otherwise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlrecipe.components.checks.constant import Constant
from mlrecipe.components.checks.duplicates import Duplicates
from mlrecipe.components.checks.imbalance import Imbalance
from mlrecipe.components.checks.leak import Leak
from mlrecipe.components.checks.missing import Missing
from mlrecipe.components.schema.inferred import Inferred
from mlrecipe.components.source.sklearn import Sklearn
from mlrecipe.components.task.binary import Binary
from mlrecipe.components.task.multiclass import Multiclass
from mlrecipe.components.task.regression import ScalarRegression
from mlrecipe.data.table import Table
from mlrecipe.findings import Finding
from mlrecipe.interfaces import Check, Inspection, Task
from mlrecipe.problem import Problem


def table(**columns: Any) -> pd.DataFrame:
    draws = np.random.default_rng(0)
    frame = pd.DataFrame({"a": draws.normal(size=300), "b": draws.normal(size=300)})
    frame["y"] = (frame.a + draws.normal(size=300) > 0).map({True: "yes", False: "no"})
    return frame.assign(**columns)


def inspect(check: Check, frame: pd.DataFrame, task: Task | None = None) -> list[Finding]:
    problem = Problem(question="?", target=("y",))
    schema = Inferred().table(frame, problem)
    data = Inspection(Table(frame), schema, problem, task or Binary(), np.ones(len(frame)))
    return check.inspect(data)


@pytest.mark.parametrize("check", [Missing(), Constant(), Duplicates(), Imbalance(), Leak()])
def test_clean_table_has_no_finding(check: Check) -> None:
    assert inspect(check, table()) == []


@pytest.mark.parametrize("dataset", ["breast_cancer", "wine", "digits"])
def test_real_sets_have_no_leak(dataset: Any) -> None:
    frame = Sklearn(dataset=dataset).read()
    target = {"breast_cancer": "diagnosis", "wine": "cultivar", "digits": "digit"}[dataset]
    found = inspect(Leak(), frame.rename(columns={target: "y"}), Multiclass())
    assert [finding.message for finding in found] == []


def test_missing_values() -> None:
    frame = table()
    frame.loc[:29, "a"] = np.nan
    frame.loc[:199, "b"] = np.nan
    advice, warning = inspect(Missing(), frame)
    assert (advice.severity, advice.evidence) == ("advice", {"column": "a", "share": 0.1})
    assert warning.severity == "warning"


def test_constant_columns() -> None:
    frame = table(same=1, nearly=[0] * 299 + [1])
    codes = {f.evidence["column"]: f.code for f in inspect(Constant(), frame)}
    assert codes == {"same": "constant-column", "nearly": "nearly-constant-column"}


def test_constant_values_are_written_as_in_the_table() -> None:
    found = inspect(Constant(), table(c=1.5, d=np.nan, e="x"))
    assert [f.message for f in found] == [
        "c is 1.5 in every row.",
        "d is missing in every row.",
        "e is 'x' in every row.",
    ]


def test_duplicates_and_conflicting_labels() -> None:
    frame = table()
    other = frame.head(3).assign(y=frame.head(3).y.map({"yes": "no", "no": "yes"}))
    found = inspect(Duplicates(), pd.concat([frame, frame.head(9), other], ignore_index=True))
    assert {f.code: f.severity for f in found} == {
        "duplicate-rows": "warning",
        "conflicting-labels": "warning",
    }


def test_rare_class() -> None:
    (finding,) = inspect(Imbalance(), table(y=["yes"] * 12 + ["no"] * 288))
    assert finding.evidence["count"] == 12
    assert finding.severity == "warning"
    assert inspect(Imbalance(), table(y=np.arange(300.0)), ScalarRegression()) == []


def leaks() -> dict[str, Any]:
    frame = table()
    yes = frame.y == "yes"
    draws = np.random.default_rng(1)
    return {
        "number": np.where(yes, draws.normal(9, 1, 300), draws.normal(0, 1, 300)),
        "flag": yes,
        "category": np.where(yes, "k" + draws.integers(0, 3, 300).astype(str).astype(object), "z"),
        "presence": np.where(yes, draws.normal(size=300), np.nan),
        "interval": np.where(yes, draws.uniform(1, 2, 300), draws.choice([0.0, 3.0], 300)),
    }


@pytest.mark.parametrize("kind", ["number", "flag", "category", "presence", "interval"])
def test_leak_is_found_in_every_kind_of_column(kind: str) -> None:
    """U: a leak through numbers, yes/no, categories, missingness, or a range in the middle."""
    found = inspect(Leak(), table(leak=leaks()[kind]))
    assert {f.evidence["column"] for f in found} == {"leak"}
    assert {f.code for f in found} == {"target-leak"}
    assert found[0].severity == "blocker"
    assert "problem.not_in_production=[leak]" in found[0].advice


def test_leak_in_a_regression() -> None:
    frame = table()
    frame["y"] = frame.a * 3 + frame.b
    assert inspect(Leak(), frame, ScalarRegression()) == []
    (finding,) = inspect(Leak(), frame.assign(copy=frame.y * 2 + 1), ScalarRegression())
    assert finding.evidence["column"] == "copy"
