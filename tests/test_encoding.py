"""Encoding: chunk by chunk, in any process, once; always the same rows."""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlrecipe.components.engine.local import Local
from mlrecipe.components.engine.processes import Processes
from mlrecipe.components.preprocessing.by_kind import ByKind
from mlrecipe.data.table import Table
from mlrecipe.data.table_schema import Column, TableSchema
from mlrecipe.errors import MlrecipeError
from mlrecipe.interfaces import Engine
from mlrecipe.preparation import cache, encoding, prepared, statistics
from mlrecipe.preparation.coded import Coded
from mlrecipe.preparation.kinds.categorical import Categorical
from mlrecipe.preparation.operations.categorical import OneHot
from mlrecipe.preparation.values import coded_from_frame, from_frame, text_of
from mlrecipe.testing import check_component

SCHEMA = TableSchema(
    columns={
        "number": Column(kind="numeric", type="number"),
        "flag": Column(kind="boolean", type="boolean"),
        "word": Column(kind="categorical", type="string"),
        "code": Column(kind="categorical", type="number"),
    },
    targets=(),
    inputs=("number", "flag", "word", "code"),
)

PLAN: Any = {
    "numbers": statistics.Numbers(("number",)),
    "words": statistics.Categories(("word",), "string"),
    "codes": statistics.Categories(("code",), "number"),
}

row = st.fixed_dictionaries(
    {
        "number": st.none() | st.floats(-1e6, 1e6) | st.just(float("inf")),
        "flag": st.none() | st.booleans(),
        "word": st.none() | st.sampled_from(["a", "b", "", "Zürich"]) | st.text(max_size=3),
        "code": st.none() | st.integers(-3, 3),
    }
)


def frame_of(rows: list[dict[str, object]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(SCHEMA.inputs), dtype=object)
    return frame.astype({"number": "float64", "code": "float64"})


def mixed(rows: int, seed: int = 0) -> pd.DataFrame:
    draws = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "number": np.where(draws.random(rows) < 0.1, np.nan, draws.normal(5, 2, rows)),
            "flag": draws.random(rows) < 0.3,
            "word": pd.Series(draws.choice(["a", "b", "ü", "rare" * 3, None], rows), dtype="str"),
            "code": draws.integers(0, 5, rows).astype(float),
        }
    )


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the test a cache of its own, and take every file for a large one."""
    monkeypatch.setenv("MLRECIPE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv(cache.LIMIT_VARIABLE, raising=False)
    monkeypatch.setattr(prepared, "LARGE", 1)
    return tmp_path


# Chunks


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=st.lists(row, min_size=1, max_size=30), sizes=st.tuples(*[st.integers(1, 31)] * 2))
def test_size_of_chunks_does_not_matter(
    rows: list[dict[str, object]], sizes: tuple[int, int]
) -> None:
    """C1, P2: counts, extremes, vocabularies, quantiles are exactly those of one chunk."""
    one, other = (
        statistics.gather_table(Table(frame_of(rows), chunk_rows=n), SCHEMA.inputs, None, PLAN)
        for n in sizes
    )
    for name in ("missing", "count", "low", "high"):
        np.testing.assert_array_equal(
            getattr(one["numbers"], name), getattr(other["numbers"], name)
        )
    shares = [0.1, 0.5, 0.9]
    numbers, others = one["numbers"], other["numbers"]
    np.testing.assert_array_equal(numbers.quantiles(shares), others.quantiles(shares))  # type: ignore[attr-defined]
    np.testing.assert_allclose(numbers.mean, others.mean, rtol=1e-9, atol=1e-6)  # type: ignore[attr-defined]
    np.testing.assert_allclose(numbers.deviation, others.deviation, rtol=1e-9, atol=1e-6)  # type: ignore[attr-defined]
    for name in ("words", "codes"):
        assert one[name].counts == other[name].counts  # type: ignore[attr-defined]
        assert one[name].missing == other[name].missing  # type: ignore[attr-defined]


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=st.lists(row, min_size=2, max_size=30), cut=st.integers(1, 29), size=st.integers(1, 9))
def test_statistics_of_workers_are_merged_to_those_of_all_rows(
    rows: list[dict[str, object]], cut: int, size: int
) -> None:
    """Whoever learnt from which rows: merged in order, it is what one learns from all of them."""
    cut = min(cut, len(rows) - 1)
    chunks = list(statistics.chunks_of(Table(frame_of(rows), chunk_rows=size), SCHEMA.inputs))
    alone = statistics.gather(chunks, PLAN)
    first, second = (statistics.gather(part, PLAN) for part in (chunks[:cut], chunks[cut:]))
    for name in PLAN:
        first[name].merge(second[name])
    assert first["words"].counts == alone["words"].counts  # type: ignore[attr-defined]
    numbers, others = first["numbers"], alone["numbers"]
    np.testing.assert_array_equal(numbers.quantiles(0.5), others.quantiles(0.5))  # type: ignore[attr-defined]
    np.testing.assert_allclose(numbers.mean, others.mean, rtol=1e-9, atol=1e-6)  # type: ignore[attr-defined]


def test_quantiles_of_many_rows_are_of_a_sample_that_chunks_do_not_decide(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(statistics, "SAMPLE_ROWS", 4000)
    frame = mixed(40_000)
    found = []
    for size in (40_000, 7000, 512):
        rows = Table(frame, chunk_rows=size)
        numbers: Any = statistics.gather_table(rows, ["number"], None, PLAN)["numbers"]
        assert len(numbers.rows) == 4000
        found.append(numbers.quantiles([0.25, 0.5, 0.75])[:, 0])
    assert (found[0] == found[1]).all() and (found[0] == found[2]).all()
    for share, quantile in zip([0.25, 0.5, 0.75], found[0], strict=True):
        below = (frame["number"].dropna() < quantile).mean()
        # As the module says of 100,000 rows: 1.96 standard errors of a share, here 3 of them.
        assert abs(below - share) < 3 * np.sqrt(share * (1 - share) / 4000)


@settings(max_examples=100, deadline=None)
@given(
    values=st.lists(
        st.none() | st.text(max_size=3) | st.booleans() | st.integers(0, 2), min_size=1
    ),
    kind=st.sampled_from(["object", "str", "category"]),
)
def test_codes_stand_for_the_strings_of_the_column(values: list[Any], kind: str) -> None:
    """However pandas holds a column, its codes say what its strings say."""
    if kind == "str":
        values = [v if isinstance(v, str) else None for v in values]
    frame = pd.DataFrame({"a": pd.Series(values, dtype="object")})
    if kind == "str":
        frame = frame.astype("str")
    elif kind == "category":
        frame = pd.DataFrame({"a": pd.Series([text_of(v) or None for v in values])}).astype(
            "category"
        )
    found = coded_from_frame(frame, ["a", "absent"])
    expected = [[text_of(v), ""] for v in values]
    assert found.plain().tolist() == expected
    assert from_frame(frame, ["a", "absent"], "string").tolist() == expected
    one_hot = OneHot(categories=(("a", "b", "0", "true"), ("x",)))
    by_code, by_string = one_hot.apply(found), one_hot.apply(found.plain())
    np.testing.assert_array_equal(by_code, by_string)
    np.testing.assert_array_equal(
        np.concatenate([one_hot.apply(found[:1]), one_hot.apply(found[1:])]), by_code
    )


def test_codes_of_numbers_are_found_alike_for_few_rows_and_for_many() -> None:
    one_hot = OneHot(categories=((-1.0, 2.0, 3.5), ()))
    column = np.tile([2.0, np.nan, 7.0, -1.0, 3.5, np.inf, -np.inf, -0.0], 20)
    values = np.stack([column, column], axis=1)
    assert len(values) > 100
    few = np.concatenate([one_hot.apply(values[i : i + 1]) for i in range(len(values))])
    np.testing.assert_array_equal(one_hot.apply(values), few)
    assert few[:5].tolist() == [
        [0, 1, 0, 0, 0],
        [0, 0, 0, 1, 1],
        [0, 0, 0, 0, 0],
        [1, 0, 0, 0, 0],
        [0, 0, 1, 0, 0],
    ]


def test_many_rows_are_prepared_as_each_of_them(tmp_path: Path) -> None:
    """P4: the fast way of many rows and the server's way of one give the same."""
    frame = mixed(3000)
    preparation = ByKind().fit(Table(frame), SCHEMA)
    whole = preparation.transform(frame)["vector"]
    records = preparation.transform_records(preparation.records(frame))["vector"]
    np.testing.assert_array_equal(whole, records)
    some = np.concatenate(
        [preparation.transform(frame.iloc[i : i + 1])["vector"] for i in range(50)]
    )
    np.testing.assert_array_equal(whole[:50], some)
    assert isinstance(preparation.read(frame)[2], Coded)


# Tables


@pytest.mark.parametrize("in_file", [True, False])
def test_subset_reads_what_the_frame_has_there(tmp_path: Path, in_file: bool) -> None:
    frame = mixed(500)
    path = tmp_path / "rows.parquet"
    Table.write(frame, path, chunk_rows=64)
    table = Table(path if in_file else frame, chunk_rows=64)
    positions = np.sort(np.random.default_rng(1).choice(500, 130, replace=False))
    part = table.subset(positions)
    expected = frame.iloc[positions].reset_index(drop=True)
    assert part.rows == 130
    pd.testing.assert_frame_equal(part.columns(part.names), expected)
    pd.testing.assert_frame_equal(pd.concat(part.chunks()), expected)
    pd.testing.assert_frame_equal(part.take([3, 70]), expected.loc[[3, 70]])
    again = part.subset(np.arange(10, 20))
    pd.testing.assert_frame_equal(
        again.columns(again.names), expected.iloc[10:20].reset_index(drop=True)
    )
    aligned = list(part.map(_first_and_length, aligned=(positions,)))
    assert sum(rows for _, rows, _ in aligned) == 130
    assert all(positions[start] == first for start, _, first in aligned)
    with pytest.raises(ValueError, match="not ascending"):
        table.subset(np.array([3, 1]))


def _first_and_length(frame: pd.DataFrame, start: int, part: Any) -> tuple[int, int, int]:
    assert len(part) == len(frame)
    return start, len(frame), int(part[0])


# Engines


@pytest.mark.parametrize("engine", [Local(), Processes(workers=2)])
def test_engines_hold_what_the_group_demands(engine: Engine) -> None:
    check_component(type(engine), **engine.model_dump())


def test_processes_prepare_exactly_as_one_does(tmp_path: Path) -> None:
    """C1: the same statistics, vocabularies and arrays, bit by bit, wherever they come from."""
    path = tmp_path / "rows.parquet"
    Table.write(mixed(2000), path, chunk_rows=128)
    found = {}
    for engine in (None, Local(), Processes(workers=2)):
        table = Table(path, engine=engine)
        preparation = ByKind().fit(table, SCHEMA)
        folder = tmp_path / (engine.name if engine else "none")
        folder.mkdir()
        tensors = encoding.encode(preparation, table, folder)
        found[folder.name] = (preparation.digest(), tensors["vector"].tobytes())
        np.testing.assert_array_equal(
            tensors["vector"], preparation.transform_table(table)["vector"]
        )
    assert found["none"] == found["local"] == found["processes"]


# Encoding


def test_arrays_on_disk_are_what_is_made_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoding, "BUFFER_BYTES", 1000)
    path, frame = tmp_path / "rows.parquet", mixed(700)
    Table.write(frame, path, chunk_rows=100)
    table = Table(path)
    preparation = ByKind().fit(table, SCHEMA)
    found = encoding.encode(preparation, table, tmp_path)["vector"]
    assert isinstance(found, np.memmap) and not found.flags.writeable
    np.testing.assert_array_equal(found, preparation.transform(frame)["vector"])
    encoding.save({"vector": preparation.transform(frame)["vector"]}, tmp_path)
    np.testing.assert_array_equal(found, encoding.load(preparation, tmp_path)["vector"])
    nothing = encoding.encode(preparation, table.subset(np.zeros(0, dtype=int)), tmp_path)
    assert nothing["vector"].shape == (0, preparation.tensors[0].shape[0])


# Cache


class Counted(ByKind, name="counted"):
    """Counts how often it learns."""

    def fit(self, *arguments: Any) -> Any:
        FITS.append(1)
        return super().fit(*arguments)


FITS: list[int] = []


@pytest.fixture
def rows(home: Path) -> Iterator[Table]:
    path = home / "rows.parquet"
    Table.write(mixed(600), path, chunk_rows=100)
    FITS.clear()
    yield Table(path)


def entries() -> list[Path]:
    return sorted(path.parent for path in cache.cache_folder().glob(f"*/{cache.MANIFEST}"))


Y = np.zeros((600, 1), dtype=np.float32)


def test_the_same_rows_are_fitted_and_encoded_once(rows: Table, home: Path) -> None:
    """P4: a second step, run or job of a sweep finds what the first one made."""
    preparation, first = prepared.fit_encode(Counted(), rows, SCHEMA, Y)
    again, second = prepared.fit_encode(Counted(), Table(home / "rows.parquet"), SCHEMA, Y)
    assert (len(FITS), len(entries())) == (1, 2)
    assert again == preparation
    np.testing.assert_array_equal(first["vector"], second["vector"])
    np.testing.assert_array_equal(first["vector"], preparation.transform(mixed(600))["vector"])
    other = home / "copy.parquet"
    other.write_bytes((home / "rows.parquet").read_bytes())
    prepared.fit_encode(Counted(), Table(other), SCHEMA, Y)
    assert len(FITS) == 1, "the content counts, not the path"


def test_other_rows_settings_columns_or_targets_are_fitted_anew(rows: Table, home: Path) -> None:
    """P2: nothing that was learnt from other rows is taken for these."""
    prepared.fit_encode(Counted(), rows, SCHEMA, Y)
    part = rows.subset(np.arange(300))
    fewer = SCHEMA.model_copy(update={"inputs": ("number", "flag")})
    rare = Counted(categorical=Categorical(min_count=3))
    changed = home / "changed.parquet"
    Table.write(mixed(600, seed=1), changed)
    for number, (component, table, schema, y) in enumerate(
        [
            (Counted(), part, SCHEMA, Y[:300]),
            (Counted(), rows.subset(np.arange(1, 301)), SCHEMA, Y[:300]),
            (rare, rows, SCHEMA, Y),
            (Counted(), rows, fewer, Y),
            (Counted(), rows, SCHEMA, Y + 1),
            (Counted(), Table(changed), SCHEMA, Y),
        ]
    ):
        preparation, x = prepared.fit_encode(component, table, schema, y)
        assert len(FITS) == number + 2
        np.testing.assert_array_equal(x["vector"], preparation.transform_table(table)["vector"])


def test_rows_that_a_target_taught_are_kept_as_fit_transform_gives_them(rows: Table) -> None:
    """P1: out-of-fold values of training rows are not replaced by what `transform` gives."""
    FITS.clear()
    for _ in range(2):
        preparation, x = prepared.fit_encode(OutOfFold(), rows, SCHEMA, Y)
        plain = preparation.transform_table(rows)["vector"]
        np.testing.assert_array_equal(x["vector"], plain + 1)
        np.testing.assert_array_equal(prepared.encode(preparation, rows)["vector"], plain)
    assert len(FITS) == 1


class OutOfFold(Counted, name="out_of_fold"):
    """Gives training rows that differ from those of its preparation."""

    def fit_transform(self, *arguments: Any) -> Any:
        preparation, tensors = super().fit_transform(*arguments)
        return preparation, {name: values + 1 for name, values in tensors.items()}


@pytest.mark.parametrize("damage", ["byte", "cut", "gone", "manifest"])
def test_a_damaged_entry_is_made_anew(rows: Table, damage: str) -> None:
    preparation, x = prepared.fit_encode(Counted(), rows, SCHEMA, Y)
    expected = np.array(x["vector"])
    (file,) = cache.cache_folder().glob("*/vector.npy")
    if damage == "byte":
        content = bytearray(file.read_bytes())
        content[-40] ^= 1
        file.write_bytes(content)
    elif damage == "cut":
        file.write_bytes(file.read_bytes()[:-5])
    elif damage == "gone":
        file.unlink()
    else:
        (file.parent / cache.MANIFEST).write_text("{")
    np.testing.assert_array_equal(prepared.encode(preparation, rows)["vector"], expected)
    assert (
        cache.checksum(file)
        == json.loads((file.parent / cache.MANIFEST).read_text())["files"]["vector.npy"]
    )


def test_the_entry_used_longest_ago_gives_way(rows: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    preparation = Counted().fit(rows, SCHEMA, Y)
    parts = [rows.subset(np.arange(n, n + 200)) for n in (0, 100, 200)]
    opened = prepared.encode(preparation, parts[0])["vector"]
    expected = np.array(opened)
    prepared.encode(preparation, parts[1])
    size = sum(path.stat().st_size for path in entries()[0].glob("*.npy"))
    for age, path in enumerate(entries()):
        os.utime(path / cache.MANIFEST, (1e9 + age, 1e9 + age))
    oldest, younger = entries()
    monkeypatch.setenv(cache.LIMIT_VARIABLE, str(2.5 * size / 1e9))
    prepared.encode(preparation, parts[2])
    assert oldest not in entries() and younger in entries() and len(entries()) == 2
    np.testing.assert_array_equal(opened, expected)  # a map that is open stays readable


def test_the_cache_can_be_switched_off(rows: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(cache.LIMIT_VARIABLE, "0")
    _, x = prepared.fit_encode(Counted(), rows, SCHEMA, Y)
    assert not isinstance(x["vector"], np.memmap)
    assert not cache.cache_folder().exists()
    monkeypatch.setenv(cache.LIMIT_VARIABLE, "ten")
    with pytest.raises(MlrecipeError, match="'ten'"):
        prepared.fit_encode(Counted(), rows, SCHEMA, Y)


def test_small_tables_stay_in_memory(rows: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepared, "LARGE", 10**9)
    _, x = prepared.fit_encode(Counted(), rows, SCHEMA, Y)
    assert not isinstance(x["vector"], np.memmap)
    assert not cache.cache_folder().exists()


def test_a_failure_leaves_no_half_entry(home: Path) -> None:
    def make(folder: Path) -> None:
        (folder / "half").write_text("x")
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        cache.use("ab12", make, lambda folder: None)
    assert [path.name for path in cache.cache_folder().iterdir()] == ["locks"]


def _make_slowly(folder: Path) -> None:
    import time

    time.sleep(0.3)
    (folder / "made").write_text(str(multiprocessing.current_process().pid))


def _used(_: int) -> str:
    return cache.use("cd34", _make_slowly, lambda folder: (folder / "made").read_text())


def test_processes_that_ask_at_once_wait_for_the_first(home: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        found = pool.map(_used, range(3), chunksize=1)
    assert len(set(found)) == 1
