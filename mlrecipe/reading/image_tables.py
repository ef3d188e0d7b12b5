"""Which images there are, and what is said about each: by folders, or by a table."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from mlrecipe.data.table_schema import named_columns
from mlrecipe.errors import MlrecipeError
from mlrecipe.reading.choosing import IMAGE_ENDINGS, source_of

BOX = ("x", "y", "width", "height")
"""Columns that say where a box is, in pixels from the upper left corner."""


def images_to_ask_about(folder: Path, column: str) -> pd.DataFrame | None:
    """Return file name and bytes of every image below a folder that has no labels.

    Args:
        folder: where they are, in folders of classes or not.
        column: name of the column of bytes.

    Returns:
        A frame with the columns ``file`` and that one; None when there is no image.
    """
    files = sorted(p for p in folder.rglob("*") if p.suffix.lower() in IMAGE_ENDINGS)
    if not files:
        return None
    names = [str(file.relative_to(folder)) for file in files]
    contents = pd.Series([file.read_bytes() for file in files], dtype=object)
    return pd.DataFrame({"file": names, column: contents})


def images_by_folder(
    folder: Path, label: str, levels: tuple[str, ...] = ()
) -> Iterator[dict[str, Any]]:
    """Yield file and label of every image below a folder: the label is its folder's name.

    Args:
        folder: where the folders of classes are.
        label: name of the label.
        levels: of nested folders, what each level names, from the outermost on. The label is then
            their names joined by ``/``, and each level is a column, too.

    Raises:
        MlrecipeError: when there is no image, or images lie in fewer folders than there should be.
    """
    depth = max(1, len(levels))
    files = sorted(p for p in folder.rglob("*") if p.suffix.lower() in IMAGE_ENDINGS)
    if not files:
        raise MlrecipeError(
            f"the folder {folder} holds no image",
            where="source.path",
            expected=f"a folder per class with files that end in {', '.join(IMAGE_ENDINGS)}",
        )
    for file in files:
        parts = file.relative_to(folder).parts
        if len(parts) <= depth:
            raise MlrecipeError(
                f"{file.name} lies in {len(parts) - 1} folder(s) where {depth} name its class",
                where=str(file),
                expected="/".join(
                    [str(folder), *(map(str.upper, levels or ("class",))), file.name]
                ),
                fix="sort the images into a folder per class; or name a table: source.table=FILE",
            )
        names = dict(zip(levels, parts, strict=False))
        yield {"file": "/".join(parts), **names, label: "/".join(parts[:depth])}


def images_by_table(
    table: str,
    file_column: str,
    *,
    tags: str | None,
    separator: str,
    boxes: str | None,
    mask: str | None,
) -> Iterator[dict[str, Any]]:
    """Yield one record an image from a table; rows of one file with a box each are put together.

    Args:
        table: CSV, JSON lines or Parquet.
        file_column: the column of file names.
        tags: column of tags, separated by ``separator``; comes back sorted, joined by ``|``.
        boxes: column of boxes as JSON; None: columns x, y, width, height make boxes, if present.
        mask: column of the file names of masks.
    """
    frame = source_of(table, "source.table").read()
    wanted = [c for c in (file_column, tags, boxes, mask) if c is not None]
    named_columns(tuple(wanted), frame, "source")
    if frame[file_column].isna().any():
        row = int(frame[file_column].isna().to_numpy().argmax()) + 1
        raise MlrecipeError(f"row {row} names no file", where=f"{table}, column {file_column}")
    if boxes is None and set(BOX) <= set(frame.columns):
        yield from _grouped_boxes(frame, file_column)
        return
    for record in frame.to_dict("records"):
        record = {str(k): None if pd.isna(v) else v for k, v in record.items()}
        record["file"] = str(record.pop(file_column))
        if tags is not None:
            record[tags] = joined_tags(record[tags], separator)
        if boxes is not None:
            record[boxes] = _checked_boxes(record[boxes], record["file"], table)
        yield record


def joined_tags(value: Any, separator: str) -> str:
    """Return tags, a list as JSON or separated text, as one text: sorted, distinct, joined by |."""
    if value is None:
        return ""
    text = str(value).strip()
    parts = json.loads(text) if text.startswith("[") else text.split(separator)
    return "|".join(sorted({str(p).strip() for p in parts if str(p).strip()}))


def _grouped_boxes(frame: pd.DataFrame, file_column: str) -> Iterator[dict[str, Any]]:
    others = [c for c in frame.columns if c not in (*BOX, file_column)]
    for file, rows in frame.groupby(file_column, sort=False):
        boxes = [
            {**{k: row[k] for k in others if not pd.isna(row[k])}, "box": [row[k] for k in BOX]}
            for row in rows.to_dict("records")
            if not any(pd.isna(row[k]) for k in BOX)
        ]
        yield {"file": str(file), "boxes": json.dumps(boxes, default=str)}


def _checked_boxes(value: Any, file: str, table: str) -> str:
    try:
        boxes = json.loads(value) if value else []
        sound = all(len(b["box"]) == 4 and all(float(n) >= 0 for n in b["box"]) for b in boxes)
    except (ValueError, TypeError, KeyError):
        sound = False
    if not sound:
        raise MlrecipeError(
            f"the boxes of {file} cannot be understood: {str(value)[:80]!r}",
            where=table,
            expected='JSON: [{"label": "dog", "box": [x, y, width, height]}, …] in pixels',
        )
    return json.dumps(boxes)
