"""Leaks through every kind of column, crossed with what production knows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlrecipe.components.checks.leak import Leak
from mlrecipe.components.schema.inferred import Inferred
from mlrecipe.components.task.binary import Binary
from mlrecipe.components.task.multiclass import Multiclass
from mlrecipe.components.task.regression import ScalarRegression
from mlrecipe.data.table import Table
from mlrecipe.exploration.power import best_powers
from mlrecipe.exploration.single_feature import Labels, by_category, by_tree
from mlrecipe.findings import Finding
from mlrecipe.interfaces import Inspection, Task
from mlrecipe.problem import Problem

ROWS = 400
draws = np.random.default_rng(1)
yes = draws.random(ROWS) < 0.4
y = np.where(yes, "yes", "no")


def inspection(
    columns: dict[str, Any],
    target: Any = y,
    task: Task | None = None,
    kinds: Any = None,
    **asked: Any,
) -> Inspection:
    noise = np.random.default_rng(0).normal(size=len(target))
    frame = pd.DataFrame({"noise": noise, **columns, "y": target})
    problem = Problem(question="?", target=("y",), **asked)
    schema = Inferred(kinds=kinds or {}).table(frame, problem)
    return Inspection(Table(frame), schema, problem, task or Binary(), np.ones(len(frame)))


def find(*arguments: Any, **details: Any) -> dict[str, Finding]:
    return {f.code: f for f in Leak().inspect(inspection(*arguments, **details))}


def pick(options: Any, size: int = ROWS) -> Any:
    return draws.choice(options, size)


days = pd.Timestamp("2024-01-01") + pd.to_timedelta(draws.integers(0, 300, ROWS), "D")
remark = [" ".join(pick(["the", "parcel", "came", "late", "again", "and", "wet"], 9)) for _ in y]
LEAKS: dict[str, Any] = {
    "number": np.where(yes, draws.normal(9, 1, ROWS), draws.normal(0, 1, ROWS)),
    "range": np.where(yes, draws.uniform(1, 2, ROWS), pick([0.0, 3.0])),
    "flag": yes,
    "category": np.where(yes, pick(["a", "b"]), pick(["c", "d", "e"])),
    "many categories": [f"k{2 * draws.integers(0, 20) + int(v)}" for v in yes],
    "presence": np.where(yes, draws.normal(size=ROWS), np.nan),
    "presence of a word": pd.Series(np.where(yes, pick(["u", "v"]), None), dtype="str"),
    "date": (days + pd.to_timedelta(np.where(yes, 400, 0), "D")).strftime("%Y-%m-%d"),
    "hour": days + pd.to_timedelta(np.where(yes, 3, 15), "h"),
    "text": [f"{text} resolved" if v else text for text, v in zip(remark, yes, strict=True)],
    "row name": [f"{'b' if v else 'a'}{i:05d}" for i, v in enumerate(yes)],
    "rare presence": np.where(yes, 1.0, np.nan),
}


@pytest.mark.parametrize("kind", LEAKS)
def test_leak_is_found_in_every_kind_of_column(kind: str) -> None:
    """U2: whatever kind of column gives the target away, it holds the run and is named."""
    kinds = {"leak": "text"} if kind == "text" else None
    found = find({"leak": LEAKS[kind]}, kinds=kinds)
    assert found["target-leak"].evidence["column"] == "leak"
    assert found["target-leak"].severity == "blocker"
    assert "problem.not_in_production=[leak]" in found["target-leak"].advice
    assert set(found) == {"target-leak"}


HARMLESS: dict[str, Any] = {
    "number": draws.normal(size=ROWS),
    "flag": draws.random(ROWS) < 0.5,
    "category": pick(["a", "b", "c"]),
    "many categories": [f"k{i}" for i in draws.integers(0, 150, ROWS)],
    "presence": np.where(draws.random(ROWS) < 0.5, 1.5, np.nan) * draws.normal(size=ROWS),
    "date": days.strftime("%Y-%m-%d"),
    "text": remark,
    "row name": [f"c{i:05d}" for i in range(ROWS)],
}


@pytest.mark.parametrize("kind", HARMLESS)
def test_harmless_columns_of_every_kind_have_no_power(kind: str) -> None:
    """False alarms: categories learnt by heart gain nothing."""
    data = inspection({"c": HARMLESS[kind]}, kinds={"c": "text"} if kind == "text" else None)
    assert best_powers(data)["c"] < 0.25
    assert Leak().inspect(data) == []


def test_availability_decides_what_a_power_means() -> None:
    """U2: power crossed with what production knows."""
    columns = {"leak": LEAKS["number"]}
    assert set(find(columns)) == {"target-leak"}
    averted = find(columns, not_in_production="leak")
    assert {c: f.severity for c, f in averted.items()} == {"leak-averted": "note"}
    confirmed = find(columns, in_production="leak")
    assert {c: f.severity for c, f in confirmed.items()} == {"rule-suffices": "warning"}
    assert set(find(columns, inputs="noise")) == set()


def test_powerful_columns_are_asked_about_in_order() -> None:
    """U2: nobody has said whether these will be known."""
    columns = {
        "some": yes + draws.normal(0, 0.4, ROWS),
        "more": yes + draws.normal(0, 0.3, ROWS),
        "sure": yes + draws.normal(0, 0.3, ROWS),
    }
    found = find(columns, in_production="sure")
    assert list(found["availability-unasked"].evidence["powers"]) == ["more", "some"]
    assert "problem.in_production=[more,some]" in found["availability-unasked"].advice
    assert find(columns, in_production=("some", "more", "sure")) == {}


@pytest.mark.parametrize(
    ("wrong", "codes"),
    [(0, {"target-leak"}), (4, {"suspicious-column"}), (30, {"availability-unasked"})],
)
def test_power_at_its_thresholds(wrong: int, codes: set[str]) -> None:
    """A flag that is wrong in 1 % of the rows warns, in none holds, in 7 % asks."""
    flag = yes.copy()
    flag[:wrong] = ~flag[:wrong]
    assert set(find({"leak": flag})) == codes


def test_leak_into_a_rare_class() -> None:
    """One case in a thousand: more of them are looked at than by chance."""
    rows = 30_000
    rare = np.random.default_rng(2).random(rows) < 0.001
    flag = np.where(rare, 1.0, 0.0)
    found = find({"leak": flag}, target=np.where(rare, "fraud", "fine"))
    assert found["target-leak"].evidence["power"] == pytest.approx(1)


def test_leak_into_many_classes_and_numbers() -> None:
    classes = draws.integers(0, 6, ROWS)
    found = find({"leak": classes * 2.0}, target=classes, task=Multiclass())
    assert "target-leak" in found
    target = draws.normal(size=ROWS)
    near = target + draws.normal(0, 0.3, ROWS)
    found = find({"near": near}, target=target, task=ScalarRegression())
    assert set(found) == {"availability-unasked"}
    rows = 3000
    target = draws.normal(size=rows)
    found = find({"copy": 2 * target + 1}, target=target, task=ScalarRegression())
    assert "target-leak" in found


def test_a_text_may_hold_the_answer() -> None:
    """All words together tell the class, no single one does: that is what a text is read for."""
    good, bad = ["lovely", "fine", "warm", "great"], ["awful", "cold", "broken", "poor"]
    filler = ["the", "day", "was", "and", "it", "rather"]
    texts = [
        " ".join([*pick(good if v else bad, 3), *pick(bad if v else good, 1), *pick(filler, 5)])
        for v in yes
    ]
    found = find({"text": texts}, kinds={"text": "text"})
    assert not any(f.severity == "blocker" for f in found.values())


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), classes=st.integers(2, 4))
def test_power_is_normalized(seed: int, classes: int) -> None:
    """Property: between 0 and 1; 1 for the target itself, small for noise."""
    random = np.random.default_rng(seed)
    target = pd.Series(random.permutation(np.arange(300) % classes))
    labels = Labels.of(target, classification=True, seed=seed)
    assert labels is not None
    assert by_category(target.to_numpy(), labels) == pytest.approx(1)
    assert by_tree(target.to_numpy(dtype=float)[:, None], labels) == pytest.approx(1)
    assert 0 <= by_tree(random.normal(size=(300, 1)), labels) < 0.4
    assert 0 <= by_category(random.integers(0, 200, 300), labels) < 0.4
