"""Reads files of JSON lines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field

import mlrecipe

if TYPE_CHECKING:
    import pandas as pd

    from mlrecipe.reading.records import Record


class JSONLines(mlrecipe.Source, name="jsonl"):
    """JSON objects, one a line (or one list of them), also compressed.

    Nested objects become columns with dotted names; a key that a line lacks is a missing value;
    lists become JSON text. Types are told from all lines: `mlrecipe.reading.records` states how.
    """

    path: str | tuple[str, ...] = Field(
        min_length=1, description="The file, a pattern of files, or a list of them."
    )
    encoding: str = Field("utf-8", description="The character set.")
    chunk_rows: int = Field(50_000, ge=1, description="Rows read at a time.")

    def chunks(self) -> Iterator[pd.DataFrame]:
        from mlrecipe.reading.locating import located
        from mlrecipe.reading.records import in_batches, typed_chunks

        files = located(self.path)
        yield from typed_chunks(
            lambda: in_batches((r for f in files for r in self._records(f)), self.chunk_rows),
            ", ".join(map(str, files[:3])),
        )

    def fingerprint(self) -> str:
        from mlrecipe.reading.locating import files_digest, located

        return files_digest(located(self.path))

    def _records(self, file: Path) -> Iterator[Record]:
        from mlrecipe.reading.records import flattened
        from mlrecipe.reading.streams import refuse_binary, text_of

        refuse_binary(file, "a file of JSON lines")
        with text_of(file, self.encoding) as stream:
            for number, line in enumerate(stream, 1):
                if number == 1 and line.lstrip().startswith("["):
                    yield from _one_list(line + stream.read(), file)
                    return
                if line.strip():
                    yield flattened(_object(line, file, number))


def _object(line: str, file: Path, number: int) -> dict[str, Any]:
    import json

    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise mlrecipe.MlrecipeError(
            f"line {number} is no JSON: {error}: {line.strip()[:80]!r}",
            where=f"{file}:{number}",
            expected="one JSON object a line",
            fix="correct or delete the line; was the file cut off?",
        ) from None
    return _required(value, f"line {number}", f"{file}:{number}")


def _required(value: Any, what: str, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise mlrecipe.MlrecipeError(
            f"{what} holds no JSON object, but {str(value)[:80]!r}",
            where=where,
            expected='an object: {"column": value, …}',
        )
    return value


def _one_list(text: str, file: Path) -> Iterator[Record]:
    """Yield the objects of a file that is one JSON list; it is held in memory as a whole."""
    import json

    from mlrecipe.reading.records import flattened

    try:
        items = json.loads(text)
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        raise mlrecipe.MlrecipeError(
            f"the file is no JSON: {error}", where=f"{file}:{line}", fix="was the file cut off?"
        ) from None
    for number, item in enumerate(items, 1):
        yield flattened(_required(item, f"item {number}", str(file)))


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [JSONLines]
