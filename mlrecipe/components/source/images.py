"""Reads images: a folder per class, or a table of labels, tags, boxes or masks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

import mlrecipe
from mlrecipe.problem import Names

if TYPE_CHECKING:
    import pandas as pd


class Images(mlrecipe.Source, name="images"):
    """Images in a folder per class, or named by a table with labels, tags, boxes or masks.

    Each row has the columns ``file``, ``image`` (the file's bytes), ``width``, ``height`` and
    ``channels``, then ``label`` or the columns of the table. Tags are one text, sorted and joined
    by ``|``; boxes are JSON, ``[{"label": "dog", "box": [x, y, width, height]}]`` in pixels from
    the upper left corner; a mask is a second column of image bytes, named like the column of its
    file name.
    """

    path: str = Field(min_length=1, description="The folder that the file names start from.")
    table: str | None = Field(
        None, description="CSV, JSON lines or Parquet file with a row an image (or a row a box)."
    )
    file_column: str = Field("file", description="The table's column of file names.")
    label: str = Field("label", description="Name of the label's column, for a folder per class.")
    folders: Names = Field(
        (),
        description="What nested folders name, from the outermost on: [alphabet, character]. Each "
        "becomes a column, and the label is all of them: Greek/character01.",
    )
    tags: str | None = Field(None, description="The table's column of several tags an image.")
    separator: str = Field(
        "|", min_length=1, description="What separates tags in the table; a JSON list works too."
    )
    boxes: str | None = Field(
        None,
        description="The table's column of boxes as JSON; null: columns x, y, width and height "
        "make the boxes, one row a box, where the table has them.",
    )
    mask: str | None = Field(None, description="The table's column of the masks' file names.")
    broken: Literal["fail", "skip"] = Field(
        "fail",
        description="What to do about an image that cannot be read; skipped ones are logged.",
    )
    chunk_rows: int = Field(500, ge=1, description="Images read at a time.")

    def chunks(self) -> Iterator[pd.DataFrame]:
        import pandas as pd

        waiting: list[dict[str, Any]] = []
        empty = True
        for record in self._records():
            row, fault = self._row(record)
            if fault and self.broken == "fail":
                raise self._broken(fault)
            if fault:
                continue
            waiting.append(row)
            if len(waiting) == self.chunk_rows:
                empty = False
                yield pd.DataFrame(waiting)
                waiting = []
        if waiting:
            yield pd.DataFrame(waiting)
        elif empty:
            raise mlrecipe.MlrecipeError("no image can be read", where=self.path)

    def discover(self) -> mlrecipe.Choice | None:
        """Say which images are skipped, and how many."""
        if self.broken == "fail":
            return None
        faults = [fault for r in self._records() if (fault := self._row(r)[1])]
        if not faults:
            return None
        return mlrecipe.Choice(
            self.name, f"{len(faults)} broken image(s) are skipped: {'; '.join(faults[:5])}"
        )

    def fingerprint(self) -> str:
        from mlrecipe.files import digest
        from mlrecipe.reading.locating import files_digest

        records = list(self._records())
        names = [n for r in records for n in (r["file"], r.get(self.mask or "")) if n]
        there = [f for n in names if (f := self._folder() / n).is_file()]
        return digest([records, files_digest(there)])

    def _folder(self) -> Path:
        folder = Path(self.path).expanduser()
        if not folder.is_dir():
            raise mlrecipe.MlrecipeError(
                f"there is no folder {self.path}",
                where="source.path",
                expected=f"a folder of images; relative paths start at {Path.cwd()}",
            )
        return folder

    def _records(self) -> Iterator[dict[str, Any]]:
        from mlrecipe.reading.image_tables import images_by_folder, images_by_table

        folder = self._folder()
        if self.table is None:
            yield from images_by_folder(folder, self.label, self.folders)
            return
        yield from images_by_table(
            self.table,
            self.file_column,
            tags=self.tags,
            separator=self.separator,
            boxes=self.boxes,
            mask=self.mask,
        )

    def _row(self, record: dict[str, Any]) -> tuple[dict[str, Any], str]:
        """Return the row of an image, and what is wrong with it."""
        from mlrecipe.data.pictures import look_at

        files = [("image", record["file"])]
        if self.mask and record.get(self.mask):
            files.append((self.mask, record[self.mask]))
        row: dict[str, Any] = {"file": record["file"], "image": None}
        row |= {"width": 0, "height": 0, "channels": 0}
        row |= {k: v for k, v in record.items() if k != "file"}
        sizes = []
        for column, name in files:
            file = self._folder() / name
            if not file.resolve().is_relative_to(self._folder().resolve()):
                return row, f"{file}: it lies outside the folder"
            try:
                row[column] = file.read_bytes()
                picture = look_at(row[column])
            except FileNotFoundError:
                return row, f"{file}: there is no such file"
            except (ValueError, OSError) as error:
                return row, f"{file}: {error}"
            sizes.append((picture.width, picture.height))
            if column == "image":
                row["width"], row["height"] = picture.width, picture.height
                row["channels"] = picture.channels
        if len(set(sizes)) > 1:
            return row, f"{self._folder() / files[1][1]}: the mask is not as large as its image"
        return row, ""

    def _broken(self, fault: str) -> mlrecipe.MlrecipeError:
        faults = [f for r in self._records() if (f := self._row(r)[1])]
        shown = "".join(f"\n  {f}" for f in faults[1:5])
        more = f"\n  and {len(faults) - 5} more" if len(faults) > 5 else ""
        return mlrecipe.MlrecipeError(
            f"{len(faults)} image(s) cannot be read:\n  {fault}{shown}{more}",
            where="source",
            fix="replace them, or leave them out: source.broken=skip",
        )


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Images]
