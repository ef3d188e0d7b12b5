"""Reads a CSV file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

import mlrecipe

if TYPE_CHECKING:
    import pandas as pd


def existing_file(path: str, key: str) -> Path:
    """Return the path of a data file; raise an error that names its neighbours when missing."""
    from mlrecipe.errors import nearest

    file = Path(path).expanduser()
    if file.is_file():
        return file
    close = nearest(file.name, [p.name for p in file.parent.glob("*")])
    raise mlrecipe.MlrecipeError(
        f"there is no file {path}" + (f"; did you mean {file.with_name(close)}?" if close else ""),
        where=key,
        expected=f"a data file; relative paths start at {Path.cwd()}",
    )


def files_digest(*paths: Path) -> str:
    """Return a hash of the content of some files."""
    from mlrecipe.files import file_digest

    return hashlib.sha256("".join(map(file_digest, paths)).encode()).hexdigest()


class CSV(mlrecipe.Source, name="csv"):
    """A CSV file with a line of column names; compressed files are read as they are."""

    path: str = Field(min_length=1, description="The file.")
    delimiter: str | None = Field(
        None, min_length=1, description="What separates values; null: found from the first lines."
    )
    encoding: str = Field("utf-8", description="The file's character set.")
    missing: tuple[str, ...] = Field(
        (), description="Texts that stand for a missing value, besides the empty one and NA."
    )
    chunk_rows: int = Field(100_000, ge=1, description="Rows read at a time.")

    def chunks(self) -> Iterator[pd.DataFrame]:
        import pandas as pd

        file = existing_file(self.path, "source.path")
        try:
            yield from pd.read_csv(
                file,
                sep=self.delimiter or self._delimiter(file),
                encoding=self.encoding,
                na_values=list(self.missing),
                chunksize=self.chunk_rows,
            )
        except UnicodeDecodeError as error:
            raise mlrecipe.MlrecipeError(
                f"the file is not written in {self.encoding}: {error.reason} at byte {error.start}",
                where=str(file),
                fix="name its character set, say source.encoding=latin-1",
            ) from None
        except (pd.errors.ParserError, pd.errors.EmptyDataError, LookupError, ValueError) as error:
            raise mlrecipe.MlrecipeError(
                f"the file cannot be read as CSV: {error}",
                where=str(file),
                fix="look at the line named; or set source.delimiter or source.encoding",
            ) from None

    def discover(self) -> mlrecipe.Choice | None:
        if self.delimiter is not None:
            return None
        mark = self._delimiter(existing_file(self.path, "source.path"))
        reason = f"{mark!r} splits the first lines into most columns"
        return mlrecipe.Choice(self.name, reason, {"delimiter": mark})

    def _delimiter(self, file: Path) -> str:
        """Return the candidate that splits the first lines into most columns, evenly."""
        import csv

        import pandas as pd

        lines = pd.read_csv(
            file,
            sep="\x01",
            header=None,
            nrows=20,
            encoding=self.encoding,
            dtype=str,
            quoting=csv.QUOTE_NONE,
        )[0].dropna()
        counts = {}
        for mark in (",", ";", "\t", "|"):
            widths = [len(next(csv.reader([line], delimiter=mark))) for line in lines]
            counts[mark] = widths[0] if widths and len(set(widths)) == 1 else 0
        best = max(counts, key=lambda mark: counts[mark])
        return best if counts[best] > 1 else ","

    def fingerprint(self) -> str:
        return files_digest(existing_file(self.path, "source.path"))


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [CSV]
