"""Checks of rows and of pairs of columns: planted flaws, clean tables, thresholds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sklearn.datasets
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from mlrecipe.components.checks.correlation import Correlation
from mlrecipe.components.checks.duplicates import Duplicates
from mlrecipe.components.checks.label_errors import LabelErrors
from mlrecipe.components.checks.order import Order
from mlrecipe.components.schema.inferred import Inferred
from mlrecipe.components.task.binary import Binary
from mlrecipe.components.task.multiclass import Multiclass
from mlrecipe.components.task.regression import ScalarRegression
from mlrecipe.data.table import Table
from mlrecipe.exploration.association import correlation_ratio, cramers_v, rank_correlations
from mlrecipe.exploration.label_errors import confident_joint
from mlrecipe.exploration.repetition import near_rows, row_hashes
from mlrecipe.findings import Finding
from mlrecipe.interfaces import Check, Inspection, Task
from mlrecipe.problem import Problem

ROWS = 400


def table(**columns: Any) -> pd.DataFrame:
    draws = np.random.default_rng(0)
    frame = pd.DataFrame(draws.normal(size=(ROWS, 4)), columns=list("abcd"))
    frame["y"] = np.where(frame.a + draws.normal(size=ROWS) > 0, "yes", "no")
    return frame.assign(**columns)


def inspect(
    check: Check, frame: pd.DataFrame, task: Task | None = None, kinds: Any = None
) -> dict[str, Finding]:
    problem = Problem(question="?", target=("y",))
    schema = Inferred(kinds=kinds or {}).table(frame, problem)
    data = Inspection(Table(frame), schema, problem, task or Binary(), np.ones(len(frame)))
    return {finding.code: finding for finding in check.inspect(data)}


# --- duplicates


@settings(max_examples=40, deadline=None)
@given(
    rows=st.lists(
        st.tuples(st.integers(0, 3), st.sampled_from(["x", "y", None]), st.booleans()),
        min_size=1,
        max_size=40,
    )
)
def test_row_hashes_are_equal_for_equal_rows_alone(rows: Any) -> None:
    """Property: hashes repeat exactly where rows do."""
    frame = pd.DataFrame(rows, columns=["a", "b", "c"])
    hashes = pd.Series(row_hashes(Table(frame), ["a", "b", "c"]))
    assert hashes.duplicated().tolist() == frame.duplicated().tolist()
    swapped = row_hashes(Table(frame.rename(columns={"a": "c", "c": "a"})), ["a", "b", "c"])
    assert len(swapped) == len(rows)


def test_row_hashes_do_not_depend_on_the_storage(tmp_path: Path) -> None:
    frame = table()
    Table.write(frame, tmp_path / "t.parquet")
    names = list(frame.columns)
    assert np.array_equal(
        row_hashes(Table(tmp_path / "t.parquet"), names), row_hashes(Table(frame), names)
    )


@pytest.mark.parametrize(("copies", "severity"), [(3, "note"), (8, "warning")])
def test_duplicates_at_their_boundary(copies: int, severity: str) -> None:
    """E2: one percent of copies is the limit between a note and a warning."""
    frame = pd.concat([table(), table().head(copies)], ignore_index=True)
    found = inspect(Duplicates(), frame)
    assert set(found) == {"duplicate-rows"}
    assert found["duplicate-rows"].severity == severity
    assert found["duplicate-rows"].evidence["count"] == copies


def test_near_duplicate_rows() -> None:
    """E2: copies with noise are found; the same noise as usual is none."""
    frame = table()
    draws = np.random.default_rng(1)
    for noise, expected in ((0.001, True), (0.5, False)):
        copies = frame.head(20).copy()
        copies[list("abcd")] += draws.normal(0, noise, (20, 4))
        found = inspect(Duplicates(), pd.concat([frame, copies], ignore_index=True))
        assert ("near-duplicate-rows" in found) == expected
    assert inspect(Duplicates(), frame) == {}


@pytest.mark.parametrize("columns", [3, 5, 20])
@pytest.mark.parametrize("seed", range(4))
def test_clusters_hold_no_near_copies(columns: int, seed: int) -> None:
    """False alarms: a dense cluster beside a wide one is none of copies."""
    draws = np.random.default_rng(seed)
    dense = draws.normal(0, 0.01, (300, columns))
    wide = draws.normal(5, 1, (300, columns))
    near, chance = near_rows(np.concatenate([dense, wide]), Duplicates().closeness)
    assert near.sum() <= max(1, 3 * chance)


def test_near_duplicate_texts() -> None:
    texts = [f"this is the longer remark number {i} of many" for i in range(ROWS)]
    frame = table(remark=texts)
    assert inspect(Duplicates(), frame) == {}
    frame.loc[5, "remark"] = texts[0].upper() + " !!"
    found = inspect(Duplicates(), frame)["near-duplicate-texts"]
    assert found.evidence == {"column": "remark", "count": 1, "rows": [5]}


def test_conflicting_labels() -> None:
    frame = table()
    other = frame.head(2).assign(y=frame.y.head(2).map({"yes": "no", "no": "yes"}))
    found = inspect(Duplicates(), pd.concat([frame, other], ignore_index=True))
    assert found["conflicting-labels"].evidence == {"count": 4, "rows": [0, 1, 400, 401]}
    numbers = frame.assign(y=np.arange(ROWS) * 1.0)
    again = pd.concat([numbers, numbers.head(2).assign(y=-1.0)], ignore_index=True)
    assert "conflicting-labels" not in inspect(Duplicates(), again, ScalarRegression())


# --- label errors


@pytest.mark.parametrize(("share", "found"), [(0.06, True), (0.0, False)])
def test_label_errors_in_real_images(share: float, found: bool) -> None:
    """U1: flipped labels are found, most of them, and few others."""
    frame = sklearn.datasets.load_digits(as_frame=True).frame.rename(columns={"target": "y"})
    draws = np.random.default_rng(0)
    flipped = draws.choice(len(frame), round(share * len(frame)), replace=False)
    frame.loc[flipped, "y"] = (frame.y[flipped] + draws.integers(1, 10, len(flipped))) % 10
    result = inspect(LabelErrors(), frame, Multiclass())
    assert (
        result.get("label-errors") is not None and result["label-errors"].severity == "warning"
    ) == found
    if found:
        listed = {item["row"] for item in result["label-errors"].evidence["most_suspicious"]}
        assert len(listed & set(flipped.tolist())) >= 9  # of ten
        assert result["label-errors"].evidence["count"] > 0.5 * len(flipped)


def test_label_errors_of_texts() -> None:
    draws = np.random.default_rng(1)
    good, bad = ["lovely fine warm great"] * 200, ["awful cold broken poor"] * 200
    texts = [
        f"{t} {' '.join(draws.choice(['a', 'the', 'it', 'was', 'day'], 4))}" for t in good + bad
    ]
    frame = pd.DataFrame({"text": texts, "y": ["pos"] * 200 + ["neg"] * 200})
    frame.loc[[3, 250], "y"] = ["neg", "pos"]
    found = inspect(LabelErrors(), frame, kinds={"text": "text"})["label-errors"]
    assert {item["row"] for item in found.evidence["most_suspicious"]} == {3, 250}


def test_hard_cases_are_no_label_errors() -> None:
    """Boundary: where classes overlap, contradictions are held against undecided rows."""
    assert inspect(LabelErrors(), table()) == {}
    assert "label-errors" in inspect(LabelErrors(doubt=0), table())


@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 10_000), classes=st.integers(2, 5))
def test_confident_joint_never_blames_what_agrees(seed: int, classes: int) -> None:
    """Property: a row whose own class is the most probable by far is never suspicious."""
    draws = np.random.default_rng(seed)
    given_ = np.concatenate([np.arange(classes), draws.integers(0, classes, 40)])
    probabilities = draws.dirichlet(np.ones(classes), len(given_))
    blamed = confident_joint(probabilities, given_)
    thresholds = [probabilities[given_ == c, c].mean() for c in range(classes)]
    top = probabilities.argmax(axis=1)
    assert not blamed[(top == given_) & (probabilities.max(axis=1) >= max(thresholds))].any()


# --- correlation


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 1000))
def test_rank_correlation_is_scipys(seed: int) -> None:
    draws = np.random.default_rng(seed)
    frame = pd.DataFrame(draws.integers(0, 9, (50, 3)).astype(float), columns=list("abc"))
    ours = rank_correlations(frame)
    assert ours[0, 1] == pytest.approx(stats.spearmanr(frame.a, frame.b).statistic)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 1000), size=st.integers(30, 200))
def test_associations_stay_in_their_range(seed: int, size: int) -> None:
    draws = np.random.default_rng(seed)
    one, other = draws.integers(0, 5, size), draws.integers(0, 3, size)
    assert 0 <= cramers_v(one, other) <= 1
    assert cramers_v(one, other) == pytest.approx(cramers_v(other, one))
    assert cramers_v(one, one) == pytest.approx(1)
    assert 0 <= correlation_ratio(one, draws.normal(size=size)) <= 1
    assert correlation_ratio(one, one * 2.0) == pytest.approx(1)


def test_redundant_columns_of_every_kind() -> None:
    frame = table()
    kind = np.random.default_rng(2).choice(["x", "y", "z"], ROWS)
    frame = frame.assign(
        cubed=frame.a**3,
        kind=kind,
        renamed=pd.Series(kind).map({"x": "one", "y": "two", "z": "three"}),
        coded=pd.Series(kind).map({"x": 1.0, "y": 2.0, "z": 3.0}) + frame.d * 1e-3,
    )
    found = inspect(Correlation(), frame)["redundant-columns"]
    assert found.evidence["groups"] == [["a", "cubed"], ["coded", "kind", "renamed"]]
    assert inspect(Correlation(), table()) == {}


@pytest.mark.parametrize(("noise", "found"), [(0.2, True), (0.5, False)])
def test_correlation_at_its_boundary(noise: float, found: bool) -> None:
    frame = table()
    frame["e"] = frame.a + np.random.default_rng(3).normal(0, noise, ROWS)
    assert (abs(stats.spearmanr(frame.a, frame.e).statistic) >= 0.95) == found
    assert bool(inspect(Correlation(), frame)) == found


# --- order


def test_rows_sorted_by_their_target() -> None:
    assert "rows-in-order" in inspect(Order(), table().sort_values("y"))
    frame = table(y=np.random.default_rng(4).normal(size=ROWS))
    assert inspect(Order(), frame, ScalarRegression()) == {}
    assert "rows-in-order" in inspect(Order(), frame.sort_values("y"), ScalarRegression())


@pytest.mark.parametrize(("trend", "found"), [(0.0, False), (0.6, True)])
def test_target_drifts_along_the_rows(trend: float, found: bool) -> None:
    draws = np.random.default_rng(5)
    share = 0.5 + trend * (np.arange(ROWS) / ROWS - 0.5)
    frame = table(y=np.where(draws.random(ROWS) < share, "yes", "no"))
    assert set(inspect(Order(), frame)) == ({"drift-along-rows"} if found else set())


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), share=st.floats(0.05, 0.95))
def test_shuffled_rows_are_in_no_order(seed: int, share: float) -> None:
    """Property: false alarms on shuffled rows do not happen."""
    draws = np.random.default_rng(seed)
    y = np.where(draws.random(1000) < share, "yes", "no")
    y[:2] = ["yes", "no"]
    frame = pd.DataFrame({"a": draws.normal(size=1000), "y": y})
    assert inspect(Order(), frame) == {}
