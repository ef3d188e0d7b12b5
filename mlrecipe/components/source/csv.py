"""Reads a CSV file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

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


def _delimiter(lines: list[str]) -> str:
    """Return the candidate that splits the first lines into most columns, evenly."""
    import csv

    counts = {}
    for mark in (",", ";", "\t", "|"):
        widths = [len(next(csv.reader([line], delimiter=mark))) for line in lines]
        counts[mark] = widths[0] if widths and len(set(widths)) == 1 else 0
    best = max(counts, key=lambda mark: counts[mark])
    return best if counts[best] > 1 else ","


def _decimal(lines: list[str], delimiter: str) -> str:
    """Return a comma where the first rows write numbers with one, else a point.

    Three digits after a comma may be thousands (1,234) and prove nothing.
    """
    import csv
    import re

    if delimiter == "," or len(delimiter) > 1:
        return "."
    values = [v.strip() for row in csv.reader(lines, delimiter=delimiter) for v in row]
    points = any(re.fullmatch(r"[+-]?\d*\.\d+", v) for v in values)
    commas = any(re.fullmatch(r"[+-]?\d+,(\d{1,2}|\d{4,})", v) for v in values)
    return "," if commas and not points else "."


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
    decimal: Literal[".", ","] | None = Field(
        None, description="What stands before decimals; null: found from the first lines."
    )
    chunk_rows: int = Field(100_000, ge=1, description="Rows read at a time.")

    def chunks(self) -> Iterator[pd.DataFrame]:
        import pandas as pd

        with self._explained() as file:
            yield from pd.read_csv(file, chunksize=self.chunk_rows, **self._options(file))

    def read(self, types: Mapping[str, str] | None = None) -> pd.DataFrame:
        """Return all rows; types of columns are found from all of them, unless given."""
        import pandas as pd

        with self._explained() as file:
            return pd.read_csv(file, dtype=dict(types or {}), **self._options(file))

    @contextmanager
    def _explained(self) -> Iterator[Path]:
        """Give the file; say in our own words what pandas could not read."""
        import warnings

        import pandas as pd

        file = existing_file(self.path, "source.path")
        try:
            with warnings.catch_warnings():
                # A row longer than the line of names would silently lose its last values.
                warnings.simplefilter("error", pd.errors.ParserWarning)
                yield file
        except UnicodeDecodeError as error:
            raise mlrecipe.MlrecipeError(
                f"the file is not written in {self.encoding}: {error.reason} at byte {error.start}",
                where=str(file),
                fix="name its character set, say source.encoding=latin-1",
            ) from None
        except pd.errors.EmptyDataError:
            raise mlrecipe.MlrecipeError(
                "the file is empty", where=str(file), expected="a line of column names, then rows"
            ) from None
        except pd.errors.ParserWarning:
            raise mlrecipe.MlrecipeError(
                "rows have more values than the first line has names",
                where=str(file),
                fix="name every column in the first line; or set source.delimiter",
            ) from None
        except (pd.errors.ParserError, LookupError, ValueError) as error:
            raise mlrecipe.MlrecipeError(
                f"the file cannot be read as CSV: {str(error).strip()}",
                where=str(file),
                fix="look at the line named; or set source.delimiter or source.encoding",
            ) from None

    def _options(self, file: Path) -> dict[str, Any]:
        """Return how pandas has to read the file, after a look at its first lines."""
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
        delimiter = self.delimiter or _delimiter(list(lines))
        first = {"sep": delimiter, "header": None, "nrows": 1, "encoding": self.encoding}
        names = pd.read_csv(file, dtype=str, engine="python", **first).iloc[0]
        twice = names[names.duplicated() & names.notna()]
        if len(twice):
            raise mlrecipe.MlrecipeError(
                f"the file has two columns named {twice.iloc[0]!r}",
                where=str(file),
                fix="rename one in its first line, or leave it out",
            )
        fast = len(delimiter) == 1
        return {
            "sep": delimiter,
            "index_col": False,
            **({"low_memory": False} if fast else {"engine": "python"}),
            "decimal": self.decimal or _decimal(list(lines)[1:], delimiter),
            "encoding": self.encoding,
            "na_values": list(self.missing),
        }

    def fingerprint(self) -> str:
        return files_digest(existing_file(self.path, "source.path"))


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [CSV]
