"""Checks of single columns: planted flaws, clean columns, and the thresholds between them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlrecipe.components.checks.cardinality import Cardinality
from mlrecipe.components.checks.constant import Constant
from mlrecipe.components.checks.identifiers import Identifiers
from mlrecipe.components.checks.imbalance import Imbalance
from mlrecipe.components.checks.missing import Missing
from mlrecipe.components.checks.mixed import Mixed
from mlrecipe.components.checks.outliers import Outliers
from mlrecipe.components.checks.scales import Scales
from mlrecipe.components.preprocessing.by_kind import ByKind
from mlrecipe.components.schema.inferred import Inferred
from mlrecipe.components.task.binary import Binary
from mlrecipe.data.table import Table
from mlrecipe.exploration.profile import profile
from mlrecipe.findings import Finding
from mlrecipe.interfaces import Check, Inspection, Preprocessing
from mlrecipe.preparation.kinds.numeric import Numeric
from mlrecipe.problem import Problem

ROWS = 400


def table(**columns: Any) -> pd.DataFrame:
    draws = np.random.default_rng(0)
    frame = pd.DataFrame({"a": draws.normal(size=ROWS), "b": draws.normal(size=ROWS)})
    frame["y"] = np.where(frame.a + draws.normal(size=ROWS) > 0, "yes", "no")
    return frame.assign(**columns)


def inspect(
    check: Check, frame: pd.DataFrame, preprocessing: Preprocessing | None = None
) -> dict[str, Finding]:
    problem = Problem(question="?", target=("y",))
    schema = Inferred().table(frame, problem)
    data = Inspection(
        Table(frame),
        schema,
        problem,
        Binary(),
        np.ones(len(frame)),
        preprocessing=preprocessing or ByKind(),
    )
    return {finding.code: finding for finding in check.inspect(data)}


def share_of(values: Any, other: Any, share: float) -> Any:
    """Return values with the first share of the rows replaced."""
    values = np.asarray(values, dtype=object).copy()
    values[: round(share * ROWS)] = other
    return pd.Series(values).infer_objects()


words = np.random.default_rng(1).choice(["red", "green", "blue"], ROWS)
numbers = np.random.default_rng(2).uniform(1, 80, ROWS)


# --- missing


@pytest.mark.parametrize("word", ["?", "n/a", "unknown", "-", " N/A ", ""])
def test_words_for_nothing(word: str) -> None:
    found = inspect(Missing(), table(c=share_of(words, word, 0.05)))
    finding = found["hidden-missing-values"]
    assert finding.evidence["count"] == 20
    assert finding.advice.endswith(f'source.missing=["{word}"].')


@pytest.mark.parametrize("code", [-999.0, 9999.0, 99999.0, -1.0])
def test_numbers_for_nothing(code: float) -> None:
    found = inspect(Missing(), table(c=share_of(numbers, code, 0.03)))
    assert found["hidden-missing-values"].evidence["values"] == {f"{code:g}": 12}


def test_a_nine_at_the_end_of_a_range_is_no_code() -> None:
    """Boundary: 99 among 0 … 99 is a number like the others, and -1 beside -2 as well."""
    draws = np.random.default_rng(3)
    assert inspect(Missing(), table(c=draws.integers(0, 100, ROWS).astype(float))) == {}
    assert inspect(Missing(), table(c=share_of(draws.normal(0, 5, ROWS), -1.0, 0.03))) == {}
    # 99 far too often, and nothing else changed
    ages = share_of(draws.integers(20, 90, ROWS).astype(float), 99.0, 0.1)
    assert "hidden-missing-values" in inspect(Missing(), table(c=ages))


def test_columns_missing_together() -> None:
    gaps = np.random.default_rng(4).random(ROWS) < 0.04
    other = np.random.default_rng(5).random(ROWS) < 0.04
    frame = table(c=numbers, d=numbers + 1, e=numbers)
    frame.loc[gaps, ["c", "d"]] = np.nan
    frame.loc[other, "e"] = np.nan
    assert inspect(Missing(), frame)["missing-together"].evidence["groups"] == [["c", "d"]]
    frame.loc[np.flatnonzero(gaps)[:8], "c"] = 1.0
    assert "missing-together" not in inspect(Missing(), frame)


def test_rows_mostly_empty() -> None:
    frame = table(**{f"x{i}": np.random.default_rng(i).normal(size=ROWS) for i in range(6)})
    frame.loc[[5, 9], [f"x{i}" for i in range(5)]] = np.nan
    assert inspect(Missing(), frame)["rows-mostly-empty"].evidence["rows"] == [5, 9]
    frame.loc[[5, 9], "x0"] = 0.0  # 4 of 8 inputs: still half
    assert "rows-mostly-empty" in inspect(Missing(), frame)
    frame.loc[[5, 9], "x1"] = 0.0
    assert "rows-mostly-empty" not in inspect(Missing(), frame)


@settings(max_examples=25, deadline=None)
@given(gaps=st.integers(0, ROWS), share=st.floats(0.01, 0.9))
def test_missing_share_is_exact(gaps: int, share: float) -> None:
    """Property: reported exactly when the share reaches the threshold."""
    frame = table()
    frame.loc[: gaps - 1, "b"] = np.nan
    found = inspect(Missing(share=share, empty=1), frame)
    assert ("missing-values" in found) == (gaps > 0 and gaps / ROWS >= share)


# --- constant, identifiers, cardinality


@pytest.mark.parametrize(
    ("others", "code"), [(0, {"constant-column"}), (4, {"nearly-constant-column"}), (5, set())]
)
def test_constant_at_its_boundary(others: int, code: set[str]) -> None:
    assert set(inspect(Constant(), table(c=share_of(["same"] * ROWS, "x", others / ROWS)))) == code


def test_identifiers() -> None:
    draws = np.random.default_rng(6)
    shuffled = draws.permutation(ROWS) * 1.0
    assert inspect(Identifiers(), table(c=shuffled))["identifier-as-input"].evidence == {
        "column": "c",
        "distinct": ROWS,
        "present": ROWS,
    }
    patients = draws.integers(10_000, 99_999, 100)[draws.integers(0, 100, ROWS)]
    assert (
        "belong together"
        in inspect(Identifiers(), table(patient_id=patients))["identifier-as-input"].advice
    )
    assert inspect(Identifiers(), table(price=patients)) == {}  # repeated, and named otherwise


def test_whole_numbers_that_are_spread_wide_are_no_identifier() -> None:
    """Boundary: all different, but they do not fill their range."""
    draws = np.random.default_rng(7)
    sparse = draws.choice(3 * ROWS, ROWS, replace=False) * 1.0
    dense = draws.choice(round(1.5 * ROWS), ROWS, replace=False) * 1.0
    assert inspect(Identifiers(), table(income=sparse)) == {}
    assert "identifier-as-input" in inspect(Identifiers(), table(income=dense))


@pytest.mark.parametrize(("categories", "found"), [(50, False), (51, True)])
def test_high_cardinality_at_its_boundary(categories: int, found: bool) -> None:
    values = [f"k{i % categories}" for i in range(ROWS)]
    assert ("high-cardinality" in inspect(Cardinality(), table(c=values))) == found


def test_rare_categories() -> None:
    values = np.array(["often"] * ROWS, dtype=object)
    values[:39] = [f"rare {i // 9}" for i in range(39)]
    assert inspect(Cardinality(), table(c=values)) == {}
    values[39:41] = "rare 5"
    found = inspect(Cardinality(), table(c=values))
    assert found["rare-categories"].evidence["share"] == pytest.approx(41 / ROWS)


# --- mixed


def test_numbers_stored_as_text() -> None:
    texts = pd.Series(numbers.round(1).astype(str))
    assert inspect(Mixed(), table(c=texts))["numbers-as-text"].evidence["numbers"] == ROWS
    with_gaps = share_of(texts, "n/a", 0.02)
    assert inspect(Mixed(), table(c=with_gaps))["numbers-as-text"].advice.startswith(
        'source.missing=["n/a"]'
    )


@pytest.mark.parametrize(("share", "found"), [(0.005, False), (0.02, True)])
def test_numbers_among_words_at_the_boundary(share: float, found: bool) -> None:
    assert ("mixed-types" in inspect(Mixed(), table(c=share_of(words, "7", share)))) == found


def test_codes_are_no_mixed_types() -> None:
    """7e54 is a code like 7f54, though it reads as a number."""
    draws = np.random.default_rng(8)
    codes = [f"{i:04x}" for i in draws.integers(0x1000, 0x10000, 40)]
    assert "mixed-types" not in inspect(Mixed(), table(c=draws.choice(codes, ROWS)))


def test_spellings_of_one_thing() -> None:
    values = share_of(words, "Red!!", 0.02)
    found = inspect(Mixed(), table(c=values))
    assert found["string-variants"].evidence["groups"] == [["Red!!", "red"]]
    found = inspect(Mixed(), table(c=share_of(words, " red", 0.02)))
    assert found["surrounding-blanks"].evidence["count"] == 8
    assert set(found) == {"surrounding-blanks"}
    assert inspect(Mixed(), table(c=words)) == {}


# --- imbalance


@pytest.mark.parametrize(("rare", "found"), [(41, False), (39, True)])
def test_imbalance_at_its_boundary(rare: int, found: bool) -> None:
    frame = table(y=share_of(["no"] * ROWS, "yes", rare / ROWS))
    assert ("rare-class" in inspect(Imbalance(), frame)) == found


# --- outliers


@pytest.mark.parametrize(
    ("value", "severity"), [(600.0, "warning"), (-200.0, "advice"), (90.0, None)]
)
def test_values_beyond_a_gap(value: float, severity: str | None) -> None:
    found = inspect(Outliers(), table(c=share_of(numbers, value, 1 / ROWS)))
    assert (found["isolated-values"].severity if found else None) == severity
    if severity:
        assert found["isolated-values"].evidence["count"] == 1


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("shape", ["normal", "exponential", "lognormal", "poisson"])
def test_skewed_columns_have_no_outliers(shape: str, seed: int) -> None:
    """False alarms count: a long tail is no mistake."""
    draws = np.random.default_rng(seed)
    values = {
        "normal": draws.normal(size=20_000),
        "exponential": draws.exponential(size=20_000),
        "lognormal": draws.lognormal(size=20_000),
        "poisson": draws.poisson(4, 20_000).astype(float),
    }[shape]
    numbers_ = profile(pd.Series(values)).numbers
    assert numbers_ is not None
    assert max(numbers_.low.gap, numbers_.high.gap) < Outliers().gap


def test_infinities() -> None:
    found = inspect(Outliers(), table(c=share_of(numbers, np.inf, 0.01)))
    assert found["infinite-values"].evidence == {"column": "c", "count": 4}


def test_odd_combination_of_usual_values() -> None:
    """Each value is ordinary, their combination is not."""
    draws = np.random.default_rng(9)
    height = draws.normal(170, 10, ROWS)
    frame = table(height=height, weight=height - 100 + draws.normal(0, 1, ROWS)).drop(
        columns=["a", "b"]
    )
    assert inspect(Outliers(), frame) == {}
    frame.loc[7, ["height", "weight"]] = [185.0, 55.0]
    assert inspect(Outliers(), frame)["outlier-rows"].evidence["rows"] == [7]


# --- scales


def test_scales_of_what_enters_the_network() -> None:
    frame = table(income=np.random.default_rng(0).normal(50_000, 9_000, ROWS), tiny=numbers * 1e-6)
    found = inspect(Scales(), frame, ByKind(numeric=Numeric(rescale="none")))["unscaled-inputs"]
    assert set(found.evidence["features"]) == {"income", "tiny"}
    assert "preprocessing.numeric.rescale=standard" in found.advice
    assert inspect(Scales(), frame, ByKind()) == {}
    assert inspect(Scales(), frame, ByKind(numeric=Numeric(rescale="min_max"))) == {}


@pytest.mark.parametrize(("limit", "found"), [(79.0, True), (81.0, False)])
def test_scale_at_its_boundary(limit: float, found: bool) -> None:
    values = np.where(np.arange(ROWS) % 2, 80.0, 0.0)
    frame = table(c=values + np.arange(ROWS) * 1e-6)
    as_they_are = ByKind(numeric=Numeric(rescale="none"))
    assert bool(inspect(Scales(limit=limit), frame, as_they_are)) == found


@settings(max_examples=30, deadline=None)
@given(scale=st.floats(1e-9, 1e9), power=st.floats(0.2, 5), seed=st.integers(0, 99))
def test_standardized_inputs_are_never_reported(scale: float, power: float, seed: int) -> None:
    """Property: whatever the column, standardization mends it (Chebyshev)."""
    values = np.random.default_rng(seed).exponential(size=ROWS) ** power * scale
    assert inspect(Scales(), table(c=values), ByKind()) == {}
