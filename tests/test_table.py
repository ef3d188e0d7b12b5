"""A table reads the same from a file as from a frame, whole, by column, in chunks, or sampled."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlrecipe.data import table as module
from mlrecipe.data.table import Table


def frame_of(rows: int) -> pd.DataFrame:
    draws = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "number": np.where(draws.random(rows) < 0.2, np.nan, draws.normal(size=rows)),
            "word": draws.choice(["a", "Zürich", None], rows),  # type: ignore[arg-type]
            "flag": draws.random(rows) < 0.5,
        }
    )


@pytest.fixture(params=["file", "frame"])
def table(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Table:
    monkeypatch.setattr(module, "CHUNK_ROWS", 64)
    frame = frame_of(500)
    if request.param == "frame":
        return Table(frame)
    Table.write(frame, tmp_path / "t.parquet")
    return Table(tmp_path / "t.parquet")


def test_columns_and_chunks_are_the_rows(table: Table) -> None:
    expected = frame_of(500)
    assert (table.rows, table.names) == (500, ("number", "word", "flag"))
    assert table.column("word").isna().equals(expected["word"].isna())
    chunks = list(table.chunks(["flag", "number"]))
    assert max(map(len, chunks)) == 64
    joined = pd.concat(chunks)
    assert joined.index.tolist() == list(range(500))
    pd.testing.assert_frame_equal(joined, expected[["flag", "number"]], check_index_type=False)


@settings(max_examples=25, deadline=None)
@given(rows=st.integers(1, 400), wanted=st.integers(1, 500), seed=st.integers(0, 9))
def test_sample_is_rows_of_the_table(rows: int, wanted: int, seed: int) -> None:
    frame = frame_of(rows)
    sample = Table(frame).sample(wanted, seed)
    assert len(sample) == min(wanted, rows)
    assert sample.index.is_monotonic_increasing
    assert sample.index.is_unique
    pd.testing.assert_frame_equal(sample, frame.loc[sample.index])
    pd.testing.assert_frame_equal(sample, Table(frame).sample(wanted, seed))


def test_a_sample_from_a_file_is_that_of_the_frame(tmp_path: Path) -> None:
    frame = frame_of(300)
    Table.write(frame, tmp_path / "t.parquet")
    one, other = Table(tmp_path / "t.parquet").sample(40, 3), Table(frame).sample(40, 3)
    assert one.index.tolist() == other.index.tolist()
    np.testing.assert_array_equal(one["number"], other["number"])
