"""Checks find what was planted, and stay silent otherwise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import sklearn.datasets

from mlrecipe.components.checks.constant import Constant
from mlrecipe.components.checks.duplicates import Duplicates
from mlrecipe.components.checks.imbalance import Imbalance
from mlrecipe.components.checks.missing import Missing
from mlrecipe.components.preprocessing.by_kind import ByKind
from mlrecipe.components.schema.inferred import Inferred
from mlrecipe.components.task.binary import Binary
from mlrecipe.components.task.multiclass import Multiclass
from mlrecipe.components.task.regression import ScalarRegression
from mlrecipe.data.table import Table
from mlrecipe.findings import Finding
from mlrecipe.interfaces import Check, Inspection, Task
from mlrecipe.problem import Problem
from mlrecipe.registry import load_registry


def table(**columns: Any) -> pd.DataFrame:
    draws = np.random.default_rng(0)
    frame = pd.DataFrame({"a": draws.normal(size=300), "b": draws.normal(size=300)})
    frame["y"] = (frame.a + draws.normal(size=300) > 0).map({True: "yes", False: "no"})
    return frame.assign(**columns)


def inspect(
    check: Check, frame: pd.DataFrame, task: Task | None = None, **problem: Any
) -> list[Finding]:
    asked = Problem(question="?", target=("y",), **problem)
    schema = Inferred().table(frame, asked)
    weights = np.ones(len(frame))
    data = Inspection(
        Table(frame), schema, asked, task or Binary(), weights, preprocessing=ByKind()
    )
    return check.inspect(data)


ALL = [kind() for kind in load_registry().components["checks"].values()]


@pytest.mark.parametrize("check", ALL, ids=lambda check: check.name)
def test_clean_table_has_no_finding(check: Check) -> None:
    found = inspect(check, table())
    assert [f.code for f in found] in ([], ["availability-unasked"])


CLEAN = {
    "breast_cancer": Binary(),
    "wine": Multiclass(),
    "digits": Multiclass(),
    "iris": Multiclass(),
    "diabetes": ScalarRegression(),
}


@pytest.mark.parametrize("name", CLEAN)
def test_real_sets_raise_no_false_alarm(name: str) -> None:
    """False alarms count: no blocker, and no warning either, on scikit-learn's clean sets."""
    frame = getattr(sklearn.datasets, f"load_{name}")(as_frame=True).frame
    frame = frame.rename(columns={"target": "y"})
    found = [f for check in ALL for f in inspect(check, frame, CLEAN[name])]
    assert [f.message for f in found if f.severity in ("blocker", "warning")] == []


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


def test_every_check_takes_every_kind_of_column() -> None:
    """Images, dates, texts, lists of gaps: a check looks at them or leaves them alone."""
    import io

    from PIL import Image

    from mlrecipe.components.preprocessing.by_kind import ByKind
    from mlrecipe.registry import load_registry

    def png(shade: int) -> bytes:
        file = io.BytesIO()
        Image.new("L", (4, 4), shade).save(file, "PNG")
        return file.getvalue()

    frame = table()
    frame["photo"] = [png(i % 200) if i % 7 else None for i in range(len(frame))]
    frame["day"] = pd.date_range("2024-01-01", periods=len(frame)).astype(str)
    frame["words"] = [f"some words of row {i} here" for i in range(len(frame))]
    frame["none"] = np.nan
    problem = Problem(question="?", target=("y",), time="day")
    schema = Inferred().table(frame, problem)
    assert schema.columns["photo"].kind == "image"
    ones = np.ones(len(frame))
    data = Inspection(
        Table(frame), schema, problem, Binary(), ones, Table(frame), preprocessing=ByKind()
    )
    checks = load_registry().components["checks"]
    assert len(checks) >= 18
    for kind in checks.values():
        found = kind().inspect(data)  # type: ignore[attr-defined]
        assert not [f for f in found if f.severity == "blocker"], found
