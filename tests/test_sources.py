"""C1: every source reads what it says, in bounded chunks, and says clearly what is wrong."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import sqlite3
import struct
import sys
import threading
import tracemalloc
import types
import zipfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mlrecipe
from mlrecipe.cli import main
from mlrecipe.components.source.arrays import Arrays
from mlrecipe.components.source.csv import CSV
from mlrecipe.components.source.huggingface import HuggingFace
from mlrecipe.components.source.images import Images
from mlrecipe.components.source.jsonl import JSONLines
from mlrecipe.components.source.openml import OpenML
from mlrecipe.components.source.parquet import Parquet
from mlrecipe.components.source.sql import SQL
from mlrecipe.components.source.tfds import TFDS
from mlrecipe.components.source.url import URL
from mlrecipe.data.inference import infer_column
from mlrecipe.data.pictures import as_png
from mlrecipe.files import file_digest
from mlrecipe.reading.choosing import rows_of, source_of
from mlrecipe.reading.downloads import cached_path
from mlrecipe.testing import check_component

PNG = as_png(np.arange(48, dtype=np.uint8).reshape(4, 4, 3))


def csv_of(path: Path, content: str | bytes, **fields: Any) -> CSV:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return CSV(path=str(path), **fields)


# -- CSV: dialects --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "expected", "guessed"),
    [
        (b"a;b\n1,5;x\n2,25;y\n", {"a": [1.5, 2.25]}, {"delimiter": ";", "decimal": ","}),
        (b"a;b\n1.234,5;x\n", {"a": [1234.5]}, {"decimal": ",", "thousands": "."}),
        (b'a,b\n"1,234",x\n"12,345",y\n', {"a": [1234, 12345]}, {"thousands": ","}),
        ("a,b\nZürich,1\n".encode("cp1252"), {"a": ["Zürich"]}, {"encoding": "cp1252"}),
        ("a,b\nZürich,1\n".encode("utf-8-sig"), {"a": ["Zürich"]}, {"encoding": "utf-8"}),
        ("a,b\nZürich,1\n".encode("utf-16"), {"a": ["Zürich"]}, {"encoding": "utf-16"}),
        (b"3,x\n4,y\n", {"column_1": [3, 4]}, {"header": False}),
        (b'ham\t"Well", he said\nspam\t"no end\nham\tx "y"\n', {"column_1": ["ham", "spam", "ham"]},
         {"quoting": False, "delimiter": "\t", "header": False}),
        (b'a,b\n"x\ny",1\n', {"a": ["x\ny"]}, {"quoting": True}),
        (b"name,city\nAnn,Bern\nBob,Genf\n", {"name": ["Ann", "Bob"]}, {"header": True}),
        (b"a,b\r\n1,x\r\n\r\n2,y", {"a": [1, 2]}, {}),
    ],
)  # fmt: skip
def test_csv_guesses_and_says_why(
    tmp_path: Path, content: bytes, expected: Any, guessed: Any
) -> None:
    """C1: what is left open is told from the data, each guess with a reason, and recorded."""
    source = csv_of(tmp_path / "t.csv", content)
    choice = source.discover()
    assert choice is not None
    for name, value in guessed.items():
        assert choice.fields[name] == value
        assert choice.reasons[name]
    settled = source.model_copy(update=dict(choice.fields))
    for frame in (source.read(), settled.read()):
        for name, values in expected.items():
            assert frame[name].tolist() == values
    assert CSV(**settled.model_dump(mode="json")).discover() is None


def test_csv_guesses_are_overridden(tmp_path: Path) -> None:
    source = csv_of(tmp_path / "t.csv", "ham\thi\nspam\tho\n", columns=("label", "message"))
    assert source.read().to_dict("list") == {"label": ["ham", "spam"], "message": ["hi", "ho"]}
    named = csv_of(tmp_path / "n.csv", "a,b\n1,2\n", header=False, types={"column_1": "string"})
    assert named.read()["column_1"].tolist() == ["a", "1"]


@pytest.mark.parametrize("ending", ["gz", "bz2", "xz", "zip", "zst"])
def test_compressed_files(tmp_path: Path, ending: str) -> None:
    path, content = tmp_path / f"t.csv.{ending}", b"a,b\n1,x\n2,y\n"
    if ending == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("t.csv", content)
    elif ending == "zst":
        path.write_bytes(pa.compress(content, "zstd", asbytes=True))
    else:
        write: Any = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}[ending]
        path.write_bytes(write(content))
    assert source_of(path).read().to_dict("list") == {"a": [1, 2], "b": ["x", "y"]}
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(mlrecipe.MlrecipeError, match=r"damaged or cut off|holds"):
        source_of(path).read()


def test_patterns_and_lists_of_files(tmp_path: Path) -> None:
    for i in range(3):
        (tmp_path / f"part{i}.csv").write_text(f"a,b\n{i},x\n")
    assert CSV(path=str(tmp_path / "part*.csv")).read()["a"].tolist() == [0, 1, 2]
    two = CSV(path=(str(tmp_path / "part2.csv"), str(tmp_path / "part0.csv")))
    assert two.read()["a"].tolist() == [2, 0]
    (tmp_path / "part1.csv").write_text("a,c\n1,x\n")
    with pytest.raises(mlrecipe.MlrecipeError, match=r"it lacks 'b' and it has 'c'") as caught:
        CSV(path=str(tmp_path / "part*.csv")).read()
    assert caught.value.where.endswith("part1.csv")


def test_long_and_trailing_delimiters(tmp_path: Path) -> None:
    rows = "".join(f'{i}::"x::{i}"\n' for i in range(300_000))
    source = csv_of(tmp_path / "long.csv", f"a::b\n{rows}", delimiter="::")
    assert source.read()["b"].tolist() == [f"x::{i}" for i in range(300_000)]
    trailing = "a,b\n" + "1,2,\n" * 300
    assert csv_of(tmp_path / "t.csv", trailing).read()["b"].tolist() == [2] * 300
    for last, width in (("5,6,,", 4), ("5,6,7", 3)):
        with pytest.raises(mlrecipe.MlrecipeError, match=f"has {width} values"):
            csv_of(tmp_path / "t.csv", f"{trailing}{last}\n").read()


# -- CSV: types -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "dtype", "read"),
    [
        (["1", "2", "x", "4"], "str", ["1", "2", "x", "4"]),
        (["1", "2", "3", ""], "float64", [1.0, 2.0, 3.0, None]),
        (["1", "2", "3", "4.5"], "float64", [1.0, 2.0, 3.0, 4.5]),
        (["007", "12", "13", "14"], "str", ["007", "12", "13", "14"]),
        (["True", "false", "TRUE", "true"], "bool", [True, False, True, True]),
        (["true", "false", "", "true"], "object", [True, False, None, True]),
        (["9007199254740993", "1", "2", "3"], "int64", [9007199254740993, 1, 2, 3]),
        (["9007199254740993", "1", "", "3"], "str", ["9007199254740993", "1", None, "3"]),
        (["99999999999999999999", "1", "2", "3"], "str", ["99999999999999999999", "1", "2", "3"]),
        (["NA", "1", "null", "3"], "float64", [None, 1.0, None, 3.0]),
        (["None", "a", "-", "b"], "str", ["None", "a", "-", "b"]),
        (["1e3", "-.5", "+2", "inf"], "float64", [1000.0, -0.5, 2.0, float("inf")]),
    ],
)
def test_types_do_not_change_between_chunks(
    tmp_path: Path, values: list[str], dtype: str, read: list[Any]
) -> None:
    """C1: a column has one type, told from all rows; nothing is rounded, no zero is lost."""
    lines = "".join(f"{v},k\n" for v in values)
    source = csv_of(tmp_path / "t.csv", f"v,w\n{lines}", chunk_rows=1, header=True)
    chunks = list(source.chunks())
    assert len(chunks) == len(values)
    whole = source.read()["v"]
    assert str(whole.dtype) == dtype
    assert [None if v is None or v != v else v for v in whole.tolist()] == read
    if dtype != "object":
        assert {str(c["v"].dtype) for c in chunks} == {dtype}


# Control characters make a file binary, but for tabs and line ends.
cell = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"], include_characters="\t\r\n")
)


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(st.tuples(cell, cell), min_size=1, max_size=12), mark=st.sampled_from(",;\t"))
def test_every_text_survives(tmp_path_factory: Any, rows: Any, mark: str) -> None:
    """Whatever is written as quoted CSV is read as it was, but for the empty text."""
    import csv

    path = tmp_path_factory.mktemp("c") / "t.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=mark, quoting=csv.QUOTE_ALL)
        writer.writerows([("first", "second"), *rows])
    source = CSV(
        path=str(path), delimiter=mark, quoting=True, header=True, encoding="utf-8", missing=(),
        types={"first": "string", "second": "string"},
    )  # fmt: skip
    frame = source.read()
    for i, name in enumerate(("first", "second")):
        assert [v if isinstance(v, str) else "" for v in frame[name]] == [row[i] for row in rows]


def test_what_the_model_knows_as_text_is_read_as_text(tmp_path: Path) -> None:
    """A new file may hold digits alone in a column of words."""
    source = csv_of(tmp_path / "t.csv", "code,n\n1,2\n3,4\n")
    frame = rows_of(source, ["code", "elsewhere"])
    assert frame["code"].tolist() == ["1", "3"]
    assert frame["n"].tolist() == [2, 4]


@pytest.mark.slow
def test_a_large_file_takes_no_more_memory(tmp_path: Path) -> None:
    """50 MB are read with less than as much memory."""
    line = ",".join(["123.456"] * 10) + "\n"
    path = tmp_path / "t.csv"
    with path.open("w") as file:
        file.write(",".join(f"c{i}" for i in range(10)) + "\n")
        file.writelines(line for _ in range(50_000_000 // len(line)))
    source = CSV(path=str(path), chunk_rows=20_000)
    pa.default_memory_pool()
    tracemalloc.start()
    most, rows = 0, 0
    for chunk in source.chunks():
        rows += len(chunk)
        most = max(most, pa.total_allocated_bytes())
    assert rows == 50_000_000 // len(line)
    assert most + tracemalloc.get_traced_memory()[1] < 120e6
    tracemalloc.stop()


# -- everything that can be wrong with a file -----------------------------------------------------


def idx(shape: tuple[int, ...], values: bytes, kind: int = 8) -> bytes:
    return struct.pack(f">HBB{len(shape)}I", 0, kind, len(shape), *shape) + values


def pickled(folder: Path) -> Path:
    np.save(folder / "p.npy", np.array([{}], dtype=object), allow_pickle=True)
    return folder / "p.npy"


def database(folder: Path) -> str:
    connection = sqlite3.connect(folder / "d.db")
    connection.execute("CREATE TABLE t (a INT, b TEXT)")
    connection.executemany("INSERT INTO t VALUES (?, ?)", [(i, f"x{i}") for i in range(100)])
    connection.commit()
    connection.close()
    return f"sqlite:///{folder / 'd.db'}"


def parquet_that_differs(folder: Path) -> str:
    pd.DataFrame({"a": [1], "b": ["x"]}).to_parquet(folder / "1.parquet")
    pd.DataFrame({"a": ["y"]}).to_parquet(folder / "2.parquet")
    return str(folder)


def written(name: str, content: str | bytes) -> Callable[[Path], str]:
    def write(folder: Path) -> str:
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    return write


MALFORMED: dict[str, tuple[Callable[[Path], mlrecipe.Source], str]] = {
    "csv ragged": (
        lambda d: CSV(path=written("t.csv", "a,b\n1,2\n\n3,4,5\n")(d)),
        r"line 4 has 3 values, but the first line has 2.*\n  where: .*t\.csv:4",
    ),
    "csv unclosed": (
        lambda d: CSV(path=written("t.csv", 'a,b\n1,2\n3,"x\n4,5\n')(d), quoting=True),
        "a quote opens in line 3 and is never closed",
    ),
    "csv NUL": (
        lambda d: CSV(path=written("t.csv", b"a,b\n1,x\n2,\0y\n")(d)),
        "NUL character in line 3",
    ),
    "csv binary": (lambda d: CSV(path=written("t.csv", bytes(range(1, 32)) * 9)(d)), "is binary"),
    "csv parquet": (lambda d: CSV(path=written("t.csv", b"PAR1....")(d)), "is a Parquet file"),
    "csv folder": (lambda d: CSV(path=str(d)), "is a folder"),
    "csv empty": (lambda d: CSV(path=written("t.csv", " \n")(d)), "is empty"),
    "csv header only": (lambda d: CSV(path=written("t.csv", "a,b\n")(d)), "a header and no rows"),
    "csv twice": (lambda d: CSV(path=written("t.csv", "a,a\n1,2\n")(d)), "two columns named 'a'"),
    "csv columns": (lambda d: CSV(path=written("t.csv", "1,2\n")(d), columns=("a",)), "names 1: a"),
    "csv type": (
        lambda d: CSV(path=written("t.csv", "a,b\n1,2\nx,3\n")(d), types={"a": "number"}),
        r"column 'a': 'x' is no number \(row 2\)",
    ),
    "csv misspelt": (
        lambda d: CSV(path=written("t.csv", "age,b\n1,2\n")(d), types={"aeg": "number"}),
        "did you mean 'age'",
    ),
    "csv no match": (lambda d: CSV(path=str(d / "*.csv")), "no file matches"),
    "csv encoding": (
        lambda d: CSV(path=written("t.csv", "a,b\n1,2\n")(d), encoding="utf-9"),
        "no encoding 'utf-9'",
    ),
    "jsonl line": (
        lambda d: JSONLines(path=written("t.jsonl", '{"a": 1}\n{"a": \n')(d)),
        r"line 2 is no JSON.*\n  where: .*t\.jsonl:2",
    ),
    "jsonl list": (
        lambda d: JSONLines(path=written("t.jsonl", '{"a": 1}\n3\n')(d)),
        "line 2 holds no JSON object",
    ),
    "jsonl empty": (lambda d: JSONLines(path=written("t.jsonl", "")(d)), "is empty"),
    "jsonl binary": (lambda d: JSONLines(path=written("t.jsonl", PNG)(d)), "is a PNG image"),
    "parquet cut": (
        lambda d: Parquet(path=written("t.parquet", b"PAR1 and no more")(d)),
        "as Parquet",
    ),
    "parquet differs": (
        lambda d: Parquet(path=parquet_that_differs(d)),
        r"'a' is .*string instead of int64, 'b' is missing",
    ),
    "parquet none": (lambda d: Parquet(path=str(d)), r"holds no \.parquet file"),
    "sql table": (lambda d: SQL(url=database(d), query="SELECT * FROM u"), "no such table: u"),
    "sql column": (lambda d: SQL(url=database(d), query="SELECT c FROM t"), "no such column: c"),
    "sql file": (lambda d: SQL(url=database(d)[:-2], query="SELECT 1"), "there is no file"),
    "sql address": (
        lambda d: SQL(url="nonsense", query="SELECT 1"),
        "address cannot be understood",
    ),
    "sql driver": (
        lambda d: SQL(url="oracle+oracledb://h/x", query="SELECT 1"),
        "pip install oracledb",
    ),
    "sql twice": (
        lambda d: SQL(url=database(d), query="SELECT a, a FROM t"),
        "two columns named 'a'",
    ),
    "sql no row": (
        lambda d: SQL(url=database(d), query="SELECT a FROM t WHERE a < 0"),
        "holds no row",
    ),
    "images broken": (
        lambda d: Images(path=str(Path(written("cat/1.png", PNG[:45])(d)).parents[1])),
        r"1 image\(s\) cannot be read:\n  .*1\.png: it is damaged",
    ),
    "images no class": (
        lambda d: Images(path=str(Path(written("1.png", PNG)(d)).parent)),
        "lies in no folder",
    ),
    "images none": (lambda d: Images(path=str(d)), "holds no image"),
    "images no folder": (lambda d: Images(path=str(d / "x")), "there is no folder"),
    "images table": (
        lambda d: Images(path=str(d), table=written("t.csv", "file,y\nno.png,1\n")(d)),
        "no such file",
    ),
    "images outside": (
        lambda d: Images(path=str(d), table=written("t.csv", "file,y\n../../etc/x,1\n")(d)),
        "outside the folder",
    ),
    "images boxes": (
        lambda d: Images(
            path=str(d), boxes="b", table=written("t.csv", "file,b\nno.png,[[]]\n")(d)
        ),
        "boxes of no.png cannot be understood",
    ),
    "arrays pickle": (
        lambda d: Arrays(path=str(pickled(d))),
        "pickled objects, which could run code",
    ),
    "arrays cut": (
        lambda d: Arrays(path=written("x-idx3-ubyte", idx((2, 4, 4), b"\1" * 20))(d)),
        "20 bytes of values, 32 expected",
    ),
    "arrays nonsense": (
        lambda d: Arrays(path=written("x.npy", b"hello")(d)),
        "is no array|pickled",
    ),
    "arrays gz": (
        lambda d: Arrays(path=written("x.idx.gz", gzip.compress(idx((1, 2), b"ab"))[:-9])(d)),
        "damaged",
    ),
    "arrays npz": (
        lambda d: Arrays(path=written("x.npz", b"PK\3\4 no zip")(d)),
        "damaged|no array",
    ),
}


@pytest.mark.parametrize("case", sorted(MALFORMED))
def test_malformed_data_gets_one_clear_message(tmp_path: Path, case: str) -> None:
    """C1: a malformed file of every source type is named, with the line where there is one."""
    make, message = MALFORMED[case]
    with pytest.raises(mlrecipe.MlrecipeError, match=message) as caught:
        make(tmp_path).read()
    assert caught.value.where


# -- JSON lines, Parquet --------------------------------------------------------------------------


def test_json_lines(tmp_path: Path) -> None:
    lines = [
        {"a": 1, "n": {"x": 1.5, "y": {"z": "q"}}, "mix": 1, "big": 2**60, "t": ["p", "q"]},
        {"a": 2, "n": {"x": None}, "mix": "two", "big": None, "flag": True},
    ]
    path = tmp_path / "t.jsonl.gz"
    path.write_bytes(gzip.compress("\n".join(map(json.dumps, lines)).encode()))
    source = source_of(path, chunk_rows=1)
    frame = source.read()
    assert list(frame) == ["a", "n.x", "n.y.z", "mix", "big", "t", "flag"]
    assert frame["a"].dtype == "int64"
    assert frame["mix"].tolist() == ["1", "two"]
    assert frame["big"][0] == str(2**60)
    assert frame["t"][0] == '["p", "q"]'
    assert len({str(c["mix"].dtype) for c in source.chunks()}) == 1
    (tmp_path / "t.json").write_text(json.dumps([{"a": 1}, {"a": 2}], indent=1))
    assert source_of(tmp_path / "t.json").read()["a"].tolist() == [1, 2]
    check_component(JSONLines, path=str(path))


def test_parquet_folders_and_types(tmp_path: Path) -> None:
    for year in (2024, 2025):
        (tmp_path / f"year={year}").mkdir()
        pd.DataFrame(
            {"n": pd.array([1, None if year == 2025 else 2], dtype="Int64"), "s": ["a", "b"]}
        ).to_parquet(tmp_path / f"year={year}" / "x.parquet")
    source = Parquet(path=str(tmp_path), chunk_rows=1)
    assert source.read()["year"].tolist() == [2024, 2024, 2025, 2025]
    assert {str(c["n"].dtype) for c in source.chunks()} == {"float64"}
    nested = pa.table({"r": [{"x": 1}, {"x": 2}], "l": [[1], None], "d": ["u", "v"]})
    nested = nested.set_column(2, "d", nested["d"].dictionary_encode())
    pa.parquet.write_table(nested, tmp_path / "n.parquet")
    frame = Parquet(path=str(tmp_path / "n.parquet")).read()
    assert list(frame) == ["r.x", "l", "d"]
    assert frame["l"][0] == "[1]"
    check_component(Parquet, path=str(tmp_path / "n.parquet"))


# -- SQL and secrets ------------------------------------------------------------------------------


def test_sql_in_chunks(tmp_path: Path) -> None:
    url = database(tmp_path)
    source = SQL(url=url, query="SELECT a, b, ':x' AS c FROM t", chunk_rows=30)
    assert [len(c) for c in source.chunks()] == [30, 30, 30, 10]
    assert source.read()["a"].tolist() == list(range(100))
    other = SQL(url=url, query="SELECT a, b, ':x' AS c FROM t ORDER BY a DESC")
    assert other.fingerprint() == source.fingerprint(), "the order of the rows does not count"
    with sqlite3.connect(tmp_path / "d.db") as connection:
        connection.execute("UPDATE t SET b = 'y' WHERE a = 5")
    assert other.fingerprint() != SQL(url=url, query="SELECT a FROM t").fingerprint()
    check_component(SQL, url=url, query="SELECT * FROM t")
    with pytest.raises(ValueError, match="begins with SELECT"):
        SQL(url=url, query="DELETE FROM t")


@pytest.mark.parametrize(
    ("source", "url"),
    [
        ("sql", "postgresql://me:hunter2@h/db"),
        ("sql", "postgresql://me:hunter2@x/y@h/db"),
        ("sql", "postgresql://h/db?password=hunter2"),
        ("url", "https://hunter2@h/x.csv"),
        ("url", "https://h/x.csv?token=hunter2"),
        ("url", "ftp://me:hunter2@h/x.csv"),
        ("sql", "${oc.env:DB_URL}"),
    ],
)
def test_secrets_are_refused_and_never_printed(
    source: str, url: str, capsys: Any, monkeypatch: Any
) -> None:
    """C1: credentials reach neither a recipe nor a message."""
    monkeypatch.setenv("DB_URL", "postgresql://me:hunter2@h/db")
    quoted = url if url.startswith("$") else f"'{url}'"
    words = ["check", "recipe=csv", f"source={source}", f"source.url={quoted}", "problem.target=y"]
    assert main(words) == 2
    printed = capsys.readouterr()
    assert "hunter2" not in printed.err + printed.out
    assert "$NAME" in printed.err or "does not fit" in printed.err


def test_secrets_reach_no_run_folder(tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
    """C1: a run keeps `$NAME`, and what it stands for is in none of its files."""
    connection = sqlite3.connect(tmp_path / "hunter2.db")
    frame = pd.DataFrame({"a": np.arange(60.0) % 7, "y": np.arange(60) % 2})
    frame.to_sql("t", connection, index=False)
    connection.close()
    monkeypatch.setenv("SECRET_DB", str(tmp_path / "hunter2.db"))
    run = tmp_path / "run"
    words = ["source=sql", "source.url=sqlite:///$SECRET_DB", "source.query='SELECT * FROM t'"]
    words += ["problem.target=y", "workflow.until=collect", f"hydra.run.dir={run}"]
    assert main(["run", "recipe=csv", *words, "--quiet"]) == 0, capsys.readouterr().err
    files = [f for f in run.rglob("*") if f.is_file()]
    assert any(b"$SECRET_DB" in f.read_bytes() for f in files)
    assert not [f for f in files if b"hunter2" in f.read_bytes()]
    monkeypatch.delenv("SECRET_DB")
    with pytest.raises(mlrecipe.MlrecipeError, match="SECRET_DB is not set"):
        SQL(url="sqlite:///$SECRET_DB", query="SELECT 1").read()


def test_a_sweep_keeps_no_secret(tmp_path: Path, capsys: Any) -> None:
    """C1: Hydra writes a sweep's overrides to a file, so they are refused before it starts."""
    words = ["recipe=csv", "source=sql", "source.url='postgresql://me:hunter2@h/db'"]
    words += ["source.query='SELECT 1'", "problem.target=y", "workflow.seed=1,2"]
    assert main(["run", "-m", *words, f"hydra.sweep.dir={tmp_path / 'sweep'}"]) == 2
    assert "hunter2" not in capsys.readouterr().err
    assert not [f for f in tmp_path.rglob("*") if f.is_file()]


def test_a_recipe_file_with_a_secret_is_refused(tmp_path: Path, capsys: Any) -> None:
    path = tmp_path / "r.yaml"
    path.write_text(
        "# @package _global_\ndefaults: [override /source: sql]\nproblem: {question: q, "
        "target: y}\n"
        "source: {url: 'mysql://me:hunter2@h/d', query: SELECT 1}\n"
    )
    assert main(["check", f"recipe={path}"]) == 2
    printed = capsys.readouterr()
    assert "hunter2" not in printed.err + printed.out
    assert "r.yaml:4" in printed.err


def test_errors_mask_passwords() -> None:
    error = mlrecipe.MlrecipeError(
        "x postgresql://me:hunter2@h/db?sslmode=1", where="?token=abc&b=1"
    )
    assert "hunter2" not in str(error)
    assert "abc" not in str(error)
    assert "me:***@h/db?sslmode=1" in str(error)
    assert "$PW@h" in str(mlrecipe.MlrecipeError("postgresql://me:$PW@h/db"))


# -- images and arrays ----------------------------------------------------------------------------


def test_images_by_folder(tmp_path: Path) -> None:
    for i, name in enumerate(("cat/1.png", "cat/2.png", "dog/1.png")):
        written(name, as_png(np.full((4, 4, 3), i, dtype=np.uint8)))(tmp_path)
    source = source_of(tmp_path)
    frame = source.read()
    assert frame["label"].tolist() == ["cat", "cat", "dog"]
    assert frame[["width", "height", "channels"]].to_numpy().tolist() == [[4, 4, 3]] * 3
    assert infer_column(frame["image"]).kind == "image"
    written("dog/2.png", PNG[:45])(tmp_path)
    skipping = Images(path=str(tmp_path), broken="skip")
    choice = skipping.discover()
    assert choice is not None
    assert "1 broken image(s) are skipped" in choice.reason
    assert len(skipping.read()) == 3
    check_component(Images, path=str(tmp_path), broken="skip")


def test_images_by_table(tmp_path: Path) -> None:
    for name in ("1.png", "2.png", "m.png"):
        written(name, PNG)(tmp_path)
    table = written("t.csv", "file,topics,mask\n1.png,sea|sun | sea,m.png\n2.png,,m.png\n")(
        tmp_path
    )
    frame = Images(path=str(tmp_path), table=table, tags="topics", mask="mask").read()
    assert frame["topics"].tolist() == ["sea|sun", ""]
    assert frame["mask"][0] == PNG
    boxes = written("b.csv", "file,label,x,y,width,height\n1.png,cat,0,0,2,2\n1.png,dog,1,1,3,3\n")
    frame = Images(path=str(tmp_path), table=boxes(tmp_path)).read()
    assert json.loads(frame["boxes"][0]) == [
        {"label": "cat", "box": [0, 0, 2, 2]},
        {"label": "dog", "box": [1, 1, 3, 3]},
    ]


def test_arrays(tmp_path: Path) -> None:
    pixels = np.arange(2 * 3 * 4, dtype=np.uint8).reshape(2, 3, 4)
    images = written("x-idx3-ubyte.gz", gzip.compress(idx((2, 3, 4), pixels.tobytes())))(tmp_path)
    labels = written("y-idx1-ubyte", idx((2,), bytes([7, 9])))(tmp_path)
    frame = source_of(images, labels=labels).read()
    assert frame["label"].tolist() == [7, 9]
    from PIL import Image

    (tmp_path / "0.png").write_bytes(frame["image"][0])
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "0.png")), pixels[0])
    flat = Arrays(path=images, labels=labels, layout="columns").read()
    assert flat["pixel_2_3"].tolist() == [11, 23]
    np.savez(tmp_path / "a.npz", x=pixels.reshape(2, 12) / 2, y=np.array(["u", "v"]))
    frame = Arrays(path=str(tmp_path / "a.npz"), labels="y").read()
    assert frame["x_11"].tolist() == [5.5, 11.5]
    assert frame["label"].tolist() == ["u", "v"]
    with pytest.raises(mlrecipe.MlrecipeError, match="2 rows, but 1 labels"):
        Arrays(path=images, labels=written("z-idx1-ubyte", idx((1,), b"a"))(tmp_path)).read()
    check_component(Arrays, path=images, labels=labels)


# -- the web --------------------------------------------------------------------------------------

TABLE = b"a,b\n" + b"".join(b"%d,x\n" % i for i in range(5000))


class Server:
    """A local web server that counts its answers, and can break off."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str | None]] = []
        self.breaks = False
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append((self.path, self.headers.get("Range")))
                if "missing" in self.path:
                    self.send_error(404)
                    return
                start = int((self.headers.get("Range") or "bytes=0-")[6:-1])
                self.send_response(206 if start else 200)
                self.send_header("Content-Length", str(len(TABLE) - start))
                self.end_headers()
                self.wfile.write(TABLE[start : start + 9000] if outer.breaks else TABLE[start:])

            def log_message(self, *arguments: Any) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.http.shutdown()
        self.http.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


def test_web_file_is_fetched_once_and_pinned(server: Server) -> None:
    """C1: checksum and cache; the second time needs no network."""
    source = source_of(f"{server.address}/t.csv")
    choice = source.discover()
    assert choice is not None
    settled = source.model_copy(update=dict(choice.fields))
    assert settled.sha256 == file_digest(cached_path(source.url))  # type: ignore[attr-defined]
    server.close()
    assert len(settled.read()) == 5000
    assert len(server.asked) == 1
    assert choice.fields["options"]["delimiter"] == ","


def test_web_file_with_another_checksum_is_refused(server: Server) -> None:
    url = f"{server.address}/t.csv"
    with pytest.raises(mlrecipe.MlrecipeError, match="has the checksum") as caught:
        URL(url=url, sha256="0" * 64).read()
    assert caught.value.expected == "0" * 64
    assert not cached_path(url).exists()


def test_download_goes_on_where_it_stopped(server: Server) -> None:
    url = f"{server.address}/t.csv"
    server.breaks = True
    with pytest.raises(mlrecipe.MlrecipeError, match=r"fetched.*(bytes came|IncompleteRead)"):
        URL(url=url).read()
    assert not cached_path(url).exists()
    server.breaks = False
    assert len(URL(url=url).read()) == 5000
    assert server.asked[-1][1] not in (None, "bytes=0-")
    assert cached_path(url).read_bytes() == TABLE


def test_web_errors(server: Server, monkeypatch: Any) -> None:
    monkeypatch.setenv("WEB_TOKEN", "hunter2")
    with pytest.raises(mlrecipe.MlrecipeError, match="answers 404") as caught:
        URL(url=f"{server.address}/missing.csv?token=$WEB_TOKEN").read()
    assert server.asked[-1][0].endswith("?token=hunter2"), "the token is sent"
    assert "hunter2" not in str(caught.value), "and not shown"
    server.close()
    url = f"{server.address}/other.csv"
    with pytest.raises(mlrecipe.MlrecipeError, match="cannot be fetched") as caught:
        URL(url=url).read()
    assert str(cached_path(url)) in caught.value.fix
    cached_path(url).parent.mkdir(parents=True, exist_ok=True)
    cached_path(url).write_bytes(TABLE)
    assert len(URL(url=url).read()) == 5000
    with pytest.raises(mlrecipe.MlrecipeError, match="does not say what the file is"):
        URL(url=f"{server.address}/thing").read()
    with pytest.raises(mlrecipe.MlrecipeError, match="refuses delimitr"):
        URL(url=url, options={"delimitr": ","}).read()


# -- hubs: their packages stand in here, as tests use no network ----------------------------------


class ClassLabel:
    num_classes = 2

    def int2str(self, number: int) -> str:
        return ("no", "yes")[number]


class Rows(list[Any]):
    features: Any


def test_hugging_face(monkeypatch: Any) -> None:
    rows = Rows([{"text": "a", "label": 1}, {"text": "b", "label": 0}, {"text": "c", "label": -1}])
    rows.features = {"text": object(), "label": ClassLabel()}
    module: Any = types.ModuleType("datasets")
    module.load_dataset = lambda *a, **k: rows
    monkeypatch.setitem(sys.modules, "datasets", module)
    frame = HuggingFace(dataset="x/y").read()
    assert [v if isinstance(v, str) else None for v in frame["label"]] == ["yes", "no", None]
    check_component(HuggingFace, dataset="x/y")


def test_tfds(monkeypatch: Any) -> None:
    rows = [{"text": b"a", "label": np.int64(1)}, {"text": b"b", "label": np.int64(0)}]
    module: Any = types.ModuleType("tensorflow_datasets")
    info = types.SimpleNamespace(features={"text": object(), "label": ClassLabel()})
    module.load = lambda *a, **k: (rows, info)
    module.as_numpy = lambda loaded: loaded
    monkeypatch.setitem(sys.modules, "tensorflow_datasets", module)
    assert TFDS(dataset="x").read()["label"].tolist() == ["yes", "no"]
    check_component(TFDS, dataset="x")


def test_openml(monkeypatch: Any) -> None:
    frame = pd.DataFrame({"a": [1.0, 2.0], "c": pd.Categorical(["u", None])})
    monkeypatch.setattr(
        "sklearn.datasets.fetch_openml", lambda **k: types.SimpleNamespace(frame=frame.copy())
    )
    assert OpenML(data_id=61).read()["c"][0] == "u"
    check_component(OpenML, data_id=61)


@pytest.mark.parametrize(
    ("source", "module", "folder"),
    [
        (HuggingFace(dataset="x/y"), "datasets", "huggingface"),
        (TFDS(dataset="x"), "tensorflow_datasets", "tfds"),
        (OpenML(data_id=61), None, "openml"),
    ],
)
def test_offline_hubs_say_what_to_fetch(
    source: Any, module: str | None, folder: str, monkeypatch: Any
) -> None:
    """C1: without a network, the message says what to download and where to put it."""

    def offline(*arguments: Any, **named: Any) -> None:
        raise ConnectionError("no route to host")

    if module is None:
        monkeypatch.setattr("sklearn.datasets.fetch_openml", offline)
    else:
        stand_in: Any = types.ModuleType(module)
        stand_in.load = stand_in.load_dataset = offline
        monkeypatch.setitem(sys.modules, module, stand_in)
    with pytest.raises(mlrecipe.MlrecipeError, match="no route to host") as caught:
        source.read()
    assert "python -c" in caught.value.fix
    assert caught.value.fix.endswith(folder)


# -- choosing by ending; `mlrecipe new` -----------------------------------------------------------


def test_a_name_without_meaning_is_refused(tmp_path: Path) -> None:
    with pytest.raises(mlrecipe.MlrecipeError, match="no ending that says what it is"):
        source_of(tmp_path / "table")
    with pytest.raises(mlrecipe.MlrecipeError, match="neither Parquet files nor images"):
        source_of(tmp_path)


@pytest.mark.parametrize("name", ["t.csv.gz", "t.tsv", "t.jsonl", "t.parquet", "images"])
def test_new_drafts_from_every_kind_of_file(tmp_path: Path, name: str, capsys: Any) -> None:
    """C1: what was guessed stands in the draft, with its reason, and the draft is sound."""
    frame = pd.DataFrame({"n": [1.5, 2.5, 3.0] * 20, "label": ["u", "v", "u"] * 20})
    path = tmp_path / name
    if name == "images":
        path.mkdir()
        for file in ("u/0.png", "u/1.png", "v/0.png", "v/1.png"):
            (path / file).parent.mkdir(exist_ok=True)
            (path / file).write_bytes(PNG)
    elif name.endswith("parquet"):
        frame.to_parquet(path)
    elif name.endswith("jsonl"):
        frame.to_json(path, orient="records", lines=True)
    else:
        frame.to_csv(path, index=False, sep="\t" if "tsv" in name else ",")
    draft = tmp_path / "draft.yaml"
    assert main(["new", str(path), "--target", "label", "--out", str(draft)]) == 0
    text = draft.read_text()
    if "csv" in name or "tsv" in name:
        assert "header: true  # 'n' stands above numbers" in text
    assert main(["check", f"recipe={draft}"]) == 0, capsys.readouterr().err
