"""Reads a file or folder of rows whose kind its name tells."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from mlrecipe.errors import MlrecipeError, nearest

ENDINGS = (".csv", ".tsv", ".parquet")


def read_rows(path: str, key: str) -> pd.DataFrame:
    """Return all rows of a CSV or Parquet file, or of all such files in a folder.

    Raises:
        MlrecipeError: when there is none, or it cannot be read; ``key`` is the recipe key at fault.
    """
    frames = [_frame(file, key) for file in data_files(path, key)]
    return pd.concat(frames, ignore_index=True)


def data_files(path: str, key: str) -> list[Path]:
    """Return the files that `read_rows` would read, by name."""
    place = Path(path).expanduser()
    if place.is_dir():
        files = sorted(p for p in place.iterdir() if _ending(p))
        if files:
            return files
    elif place.is_file() and _ending(place):
        return [place]
    neighbours = [p.name for p in place.parent.glob("*")] if place.parent.is_dir() else []
    close = nearest(place.name, [name for name in neighbours if name != place.name])
    raise MlrecipeError(
        f"there are no rows to read at {path}"
        + (f"; did you mean {place.with_name(close)}?" if close else ""),
        where=key,
        expected=f"a file that ends in {', '.join(ENDINGS)} (also .csv.gz), or a folder of them",
    )


def _ending(file: Path) -> str:
    name = file.name.removesuffix(".gz")
    return next((ending for ending in ENDINGS if name.endswith(ending)), "")


def _frame(file: Path, key: str) -> pd.DataFrame:
    try:
        if _ending(file) == ".parquet":
            return pd.read_parquet(file)
        return pd.read_csv(file, sep=None if _ending(file) == ".csv" else "\t", engine="python")
    except (ValueError, OSError, pd.errors.ParserError) as error:
        raise MlrecipeError(
            f"the file cannot be read: {error}",
            where=f"{key}={file}",
            fix="check that it is whole, and that its ending says what it is",
        ) from None
