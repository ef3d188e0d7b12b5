"""Artificial gaps: where production has missing values and training has none (P3)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mlrecipe
from mlrecipe.data.gaps import Gaps


@settings(max_examples=60, deadline=None)
@given(
    rows=st.integers(1, 400),
    first=st.floats(0.01, 0.8),
    second=st.floats(0.01, 0.8),
    seed=st.integers(0, 99),
)
def test_rows_stay_and_copies_lose_entries_at_the_rate(
    rows: int, first: float, second: float, seed: int
) -> None:
    frame = pd.DataFrame(
        {"a": np.arange(rows), "b": np.arange(rows) % 2 == 0, "c": [f"c{i}" for i in range(rows)]}
    )
    y, weights = np.arange(rows, dtype=np.float32)[:, None], np.ones(rows, dtype=np.float32)
    found, targets, counts = Gaps({"a": first, "b": second}, seed).added(frame, y, weights)
    assert len(found) == len(targets) == len(counts)
    pd.testing.assert_frame_equal(found.iloc[:rows], frame, check_dtype=False)
    assert found["c"].notna().all()
    np.testing.assert_array_equal(found["c"].str[1:].astype(float), targets[:, 0])
    for name, rate in (("a", first), ("b", second)):
        spread = 4 * np.sqrt(rate * (1 - rate) / len(found)) + 1 / len(found)
        assert found[name].isna().mean() == pytest.approx(rate, abs=spread)


def test_a_column_that_has_gaps_is_left_alone() -> None:
    frame = pd.DataFrame({"a": [1.0, None, 3.0], "b": [1.0, 2.0, 3.0]})
    y = np.zeros((3, 1), dtype=np.float32)
    assert len(Gaps({"a": 0.5}).added(frame, y, y[:, 0])[0]) == 3
    found, *_ = Gaps({"a": 0.5, "b": 0.5}).added(frame, y, y[:, 0])
    assert found["b"].isna().sum() > 0


def write_tables(folder: Path) -> None:
    """Write rows without gaps, and production's rows, of which 40 % lack the best column."""
    draws = np.random.default_rng(0)
    rows = 3000
    hidden = draws.normal(size=rows)
    frame = pd.DataFrame(
        {
            "best": hidden + draws.normal(0, 0.2, rows),
            "worse": hidden + draws.normal(0, 0.8, rows),
            "noise": draws.normal(size=rows),
        }
    )
    frame["y"] = np.where(hidden + draws.normal(0, 0.3, rows) > 0.8, "yes", "no")
    frame.iloc[:1500].to_csv(folder / "training.csv", index=False)
    production = frame.iloc[1500:].copy()
    production.loc[draws.random(1500) < 0.4, "best"] = np.nan
    production.to_csv(folder / "production.csv", index=False)


@pytest.mark.slow
def test_training_with_gaps_beats_training_without(tmp_path: Path) -> None:
    """P3: on rows as production sends them, of which 40 % lack the best column."""
    from sklearn.metrics import log_loss

    write_tables(tmp_path)
    production = pd.read_csv(tmp_path / "production.csv")
    losses = {}
    for name, gaps in (("without", []), ("with", ["problem.gaps_in_production={best: 0.4}"])):
        run = mlrecipe.run(
            "recipe=csv",
            f"source.path={tmp_path / 'training.csv'}",
            "problem.question='Is it?'",
            "problem.target=y",
            "problem.positive='yes'",
            "architecture=dense",
            "architecture.layers=2",
            "architecture.units=32",
            "training.epochs=40",
            "tuner=none",
            "compression=[]",
            "workflow.waive.test-set-reopened=to compare the two",
            *gaps,
            path=tmp_path / name,
        )
        bundle = mlrecipe.load(run.path)
        asked = production[["best", "worse", "noise"]]
        if not gaps:
            with pytest.raises(mlrecipe.MlrecipeError, match="best"):
                bundle.predict(asked)
        outputs = bundle.runtime.run(bundle.preparation.transform(asked))
        losses[name] = log_loss(production["y"] == "yes", outputs[:, 0])
        assert ("best is missing" in bundle.preparation.feature_names()) == bool(gaps)
    assert losses["with"] < 0.95 * losses["without"]
