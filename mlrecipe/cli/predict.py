"""``mlrecipe predict``: answer the rows of a file."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from mlrecipe.bundle import Bundle

FOUND = 10
"""Rows that a search writes when no number is named."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("bundle", type=Path, help="the bundle's folder, or the run that holds it")
    parser.add_argument(
        "--data",
        required=True,
        help="rows: .csv, .jsonl, .parquet …, also compressed; or a folder of images",
    )
    parser.add_argument("--out", type=Path, required=True, help="answers: .csv or .parquet")
    parser.add_argument("--top", type=int, help="how many answers of a ranked list")
    parser.add_argument(
        "--map", type=Path, help="also draw the known rows that answers point at: a page, .html"
    )
    parser.add_argument(
        "--search", metavar="QUERY", help="write the rows that this asks for (a tag), best first"
    )


def main(args: argparse.Namespace) -> int:
    """Write one row an input row: ``prediction``, and ``score_<label>`` for every label.

    Of a folder of images, each row begins with the name of its ``file``. A search writes the rows
    found instead, each with its score.
    """
    from mlrecipe.bundle import Bundle, as_table
    from mlrecipe.errors import MlrecipeError

    if args.top is not None and args.top < 1:
        raise MlrecipeError(f"--top is {args.top}", where="--top", expected="1 or more")
    bundle = Bundle.load(args.bundle)
    rows = read_rows(args.data, bundle)
    if args.search is not None:
        return _search(args, bundle, rows)
    found = bundle.answers(bundle.outputs(rows), args.top)
    if args.map is not None:
        _draw(args.map, bundle, rows, found)
    answers = as_table(found, rows.index)
    if Path(args.data).is_dir() and "file" in rows and "file" not in bundle.schema.features():
        answers.insert(0, "file", rows["file"])  # says which image each answer is about
    _write(answers, args.out)
    print(f"{len(answers)} answers in {args.out}")
    if args.map is not None:
        print(f"their map: {args.map}")
    return 0


def _draw(
    path: Path, bundle: Bundle, rows: pd.DataFrame, answers: Sequence[Mapping[str, Any]]
) -> None:
    """Write the page with the known rows that answers point at."""
    from mlrecipe.errors import MlrecipeError
    from mlrecipe.files import explained_io, write_text
    from mlrecipe.reports.answer_map import answers_page

    if path.suffix.lower() not in (".html", ".htm"):
        raise MlrecipeError(f"{path.name} is no page", where="--map", expected=".html")
    names = (
        [str(file) for file in rows["file"]]
        if "file" in rows
        else [f"row {number}" for number in range(1, len(rows) + 1)]
    )
    records = rows.to_dict("records")
    page = answers_page(bundle.manifest, bundle.gallery, records, answers, names)
    with explained_io(path, run=False):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, page)


def _search(args: argparse.Namespace, bundle: Bundle, rows: pd.DataFrame) -> int:
    """Write the rows that the query asks for, without the files in them, the best first."""
    found = bundle.search(args.search, bundle.outputs(rows), args.top or FOUND)
    columns = [n for n in rows if n not in bundle.schema.columns or _readable(bundle, n)]
    answers = rows.iloc[list(found)][columns]
    answers.insert(0, "row", list(found))
    answers.insert(1, "score", list(found.values()))
    _write(answers, args.out)
    print(f"{len(answers)} rows found in {args.out}")
    return 0


def _readable(bundle: Bundle, name: str) -> bool:
    return bundle.schema.columns[name].type != "bytes"


def read_rows(path: str | Path, bundle: Bundle) -> pd.DataFrame:
    """Return the rows; codes that the bundle knows as strings, as 007, are not read as numbers."""
    from mlrecipe.errors import MlrecipeError
    from mlrecipe.reading.choosing import rows_of, source_of
    from mlrecipe.reading.image_tables import images_to_ask_about

    images = [name for name, c in bundle.schema.features().items() if c.kind == "image"]
    if len(images) == 1 and Path(path).is_dir():
        found = images_to_ask_about(Path(path), images[0])
        if found is not None:
            return found
    columns = bundle.schema.columns.items()
    texts = [name for name, column in columns if column.type == "string"]
    try:
        return rows_of(source_of(path, "--data"), texts)
    except MlrecipeError as error:
        if error.where == "source.path":
            error.where = "--data"
        raise


def _write(answers: pd.DataFrame, path: Path) -> None:
    """Write the answers in one piece: a reader sees all of them, or the file from before."""
    from mlrecipe.files import explained_io

    partial = path.with_name(f".{path.name}.partial")
    with explained_io(path, run=False):
        path.parent.mkdir(parents=True, exist_ok=True)
        if _is_parquet(path, "--out"):
            answers.to_parquet(partial, index=False)
        else:
            answers.to_csv(partial, index=False)
        partial.replace(path)


def _is_parquet(path: Path, key: str) -> bool:
    from mlrecipe.errors import MlrecipeError

    for suffix in reversed(path.suffixes):  # the last one that tells: rows.csv.gz
        if suffix.lower() == ".parquet":
            return True
        if suffix.lower() in (".csv", ".tsv", ".txt"):
            return False
    raise MlrecipeError(
        f"{path.name} has no ending that says what it is", where=key, expected=".csv or .parquet"
    )
