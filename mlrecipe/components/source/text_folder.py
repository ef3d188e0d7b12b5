"""Reads texts from a folder per class, as IMDB's reviews and many corpora come."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

import mlrecipe
from mlrecipe.problem import Names

if TYPE_CHECKING:
    import pandas as pd


class TextFolder(mlrecipe.Source, name="text_folder"):
    """Text files in a folder per class; folders above it, such as train and test, are one more.

    Each row has ``file`` (relative to ``path``), ``text``, ``label`` (the name of the folder that
    the file lies in) and, where files lie deeper, ``part`` (the folder above that). The files of a
    folder come in the order of their names.
    """

    path: str = Field(min_length=1, description="The folder that holds the folders.")
    parts: Names = Field(
        (), description="Folders right below `path` to read, such as [train]; empty: all."
    )
    leave_out: Names = Field(
        (), description="Labels to leave out, such as IMDB's [unsup], which nobody rated."
    )
    pattern: str = Field("*.txt", min_length=1, description="Which files are texts.")
    label: str = Field("label", min_length=1, description="Name of the label's column.")
    encoding: str = Field("utf-8", description="The character set of the files.")
    chunk_rows: int = Field(5000, ge=1, description="Texts read at a time.")

    def chunks(self) -> Iterator[pd.DataFrame]:
        import pandas as pd

        files = self._files()
        for start in range(0, len(files), self.chunk_rows):
            yield pd.DataFrame([self._row(file) for file in files[start : start + self.chunk_rows]])

    def fingerprint(self) -> str:
        from mlrecipe.reading.locating import files_digest

        return files_digest(self._files())

    def _files(self) -> list[Path]:
        root = self._root()
        found = [
            file
            for file in sorted(root.rglob(self.pattern))
            if file.is_file()
            and len(file.relative_to(root).parts) > 1
            and file.parent.name not in self.leave_out
            and (not self.parts or file.relative_to(root).parts[0] in self.parts)
        ]
        if not found:
            raise mlrecipe.MlrecipeError(
                f"no folder below {self.path} holds a file {self.pattern}",
                where="source.path",
                expected="a folder per class: pos/1.txt, neg/2.txt, or train/pos/1.txt",
                fix="check source.path, source.pattern, source.parts and source.leave_out",
            )
        return found

    def _root(self) -> Path:
        from mlrecipe.errors import nearest

        root = Path(self.path).expanduser()
        if not root.is_dir():
            beside = root.parent.iterdir() if root.parent.is_dir() else []
            close = nearest(root.name, [file.name for file in beside if file.is_dir()])
            raise mlrecipe.MlrecipeError(
                f"there is no folder {self.path}"
                + (f"; did you mean {root.parent / close}?" if close else ""),
                where="source.path",
                expected=f"a folder with a folder per class; relative paths start at {Path.cwd()}",
            )
        return root

    def _row(self, file: Path) -> dict[str, str]:
        places = file.relative_to(self._root()).parts
        try:
            text = file.read_text(encoding=self.encoding)
        except (UnicodeDecodeError, LookupError) as error:
            raise mlrecipe.MlrecipeError(
                f"{file} is no text in {self.encoding}: {error}",
                where="source.encoding",
                fix="source.encoding=latin-1, say",
            ) from error
        row = {"file": "/".join(places), "text": text, self.label: places[-2]}
        return row if len(places) < 3 else {**row, "part": places[-3]}


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [TextFolder]
