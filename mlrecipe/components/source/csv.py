"""Reads delimited text files: CSV, TSV and their kin."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

import mlrecipe

if TYPE_CHECKING:
    import pandas as pd

    from mlrecipe.reading.delimited import DelimitedFile

MISSING = ("NA", "N/A", "#N/A", "NaN", "nan", "null", "NULL")
"""Texts that stand for a missing value unless the recipe says otherwise; the empty one always."""


class CSV(mlrecipe.Source, name="csv"):
    """Delimited text files, also compressed; what is left open is guessed, with a reason.

    One file, a pattern (``data/*.csv.gz``) or a list of them, all with the same columns. The types
    of the columns are told from all rows (`mlrecipe.reading.column_types` states the rule), so that
    they are the same in every chunk.
    """

    path: str | tuple[str, ...] = Field(
        min_length=1, description="The file, a pattern of files, or a list of them."
    )
    delimiter: str | None = Field(
        None,
        min_length=1,
        description="What separates values; null: found from the first lines.",
    )
    encoding: str | None = Field(
        None, description="The character set; null: told from a byte-order mark or from all bytes."
    )
    header: bool | None = Field(
        None, description="Whether the first line names the columns; null: told from its words."
    )
    columns: tuple[str, ...] = Field(
        (), description="Names of all columns, for files that lack them."
    )
    quoting: bool | None = Field(
        None, description="Whether double quotes enclose values; null: told from the first lines."
    )
    decimal: Literal[".", ","] | None = Field(
        None, description="The decimal mark; null: told from the first lines."
    )
    thousands: Literal["", ",", ".", " ", "'"] | None = Field(
        None, description="What groups digits, empty for nothing; null: told from the first lines."
    )
    missing: tuple[str, ...] = Field(
        MISSING, description="Texts that stand for a missing value, besides the empty one."
    )
    types: dict[str, Literal["integer", "number", "boolean", "string"]] = Field(
        {}, description="Type of a column, where it should not be told from all its values."
    )
    chunk_rows: int = Field(100_000, ge=1, description="Rows read at a time.")

    def chunks(self) -> Iterator[pd.DataFrame]:
        from mlrecipe.reading.delimited_set import typed_chunks

        files = self._files()
        types = dict(self.types)
        names = files[0].names()
        if set(names) - set(types):
            types = self._types(files)[0]
        yield from typed_chunks(files, types, self._numbers(files[0]), self.chunk_rows)

    def discover(self) -> mlrecipe.Choice | None:
        files = self._files()
        reasons: dict[str, str] = {"encoding": "", **files[0].dialect.reasons}
        found: dict[str, Any] = {
            name: getattr(files[0].dialect, name) for name in files[0].dialect.reasons
        }
        if self.encoding is None:
            from mlrecipe.reading.encodings import guess_encoding

            found["encoding"], reasons["encoding"] = guess_encoding(files[0].file)
        types, why = self._types(files)
        if types != self.types:
            found["types"], reasons["types"] = types, why
        if not found:
            return None
        reasons = {key: reasons[key] for key in found}
        return mlrecipe.Choice(self.name, _sentence(found, reasons), found, reasons)

    def fingerprint(self) -> str:
        from mlrecipe.reading.locating import files_digest, located

        return files_digest(located(self.path))

    def _files(self) -> list[DelimitedFile]:
        """Return the files, with everything that was left open told from the first one."""
        from mlrecipe.reading.delimited import DelimitedFile
        from mlrecipe.reading.delimited_set import same_columns
        from mlrecipe.reading.dialects import Dialect, guess_dialect
        from mlrecipe.reading.encodings import guess_encoding
        from mlrecipe.reading.locating import located
        from mlrecipe.reading.streams import refuse_binary

        paths = located(self.path)
        for path in paths:
            refuse_binary(path, "a text file with separated values")
        known = Dialect(self.delimiter, self.quoting, self.header, self.decimal, self.thousands)
        dialect, files = known, []
        for i, path in enumerate(paths):
            encoding = self.encoding or guess_encoding(path)[0]
            if i == 0:
                dialect = guess_dialect(path, encoding, known, self.columns)
            files.append(DelimitedFile(path, encoding, dialect, self.columns, self.missing))
        return same_columns(files)

    def _types(self, files: list[DelimitedFile]) -> tuple[dict[str, Any], str]:
        from mlrecipe.reading.delimited_set import column_types

        return column_types(files, self.types, self._numbers(files[0]))

    @staticmethod
    def _numbers(file: DelimitedFile) -> Any:
        from mlrecipe.reading.column_types import NumberFormat

        return NumberFormat(file.dialect.decimal or ".", file.dialect.thousands or "")


def existing_file(path: str | Path, key: str) -> Path:
    """Return the path of one data file; raise an error that names its neighbours when missing."""
    from mlrecipe.reading.locating import located

    return located(str(path), key)[0]


def _sentence(found: dict[str, Any], reasons: dict[str, str]) -> str:
    """Return all guesses with their reasons in a line."""
    return "; ".join(
        f"{reasons[key]}" if key == "types" else f"{key}={value!r}: {reasons[key]}"
        for key, value in found.items()
    )


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [CSV]
