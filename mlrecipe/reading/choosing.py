"""Chooses the source that reads a file or folder, by its ending."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlrecipe.errors import MlrecipeError
from mlrecipe.interfaces import Source
from mlrecipe.registry import load_registry

if TYPE_CHECKING:
    import pandas as pd

COMPRESSED = (".gz", ".bz2", ".xz", ".zip", ".zst")
"""Endings that stand behind the one that says what a file is."""

ENDINGS = {
    ".csv": "csv",
    ".tsv": "csv",
    ".tab": "csv",
    ".txt": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".npy": "arrays",
    ".npz": "arrays",
    ".idx": "arrays",
}
"""Ending -> name of the source that reads it."""

IMAGE_ENDINGS = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".tif", ".tiff")


def source_of(path: str | Path, key: str = "source.path", **settings: Any) -> Source:
    """Return the source that reads a file, a glob, a folder or an http address.

    Args:
        path: what to read; the ending says how, ``.gz`` and the like behind it apart.
        key: what the user called it; stands in errors.
        settings: fields of the source, as far as it has them.

    Raises:
        MlrecipeError: when the ending says nothing, or nobody provides the source.
    """
    name = kind_of(path, key)
    kind = load_registry().find("source", name)
    known = {k: v for k, v in settings.items() if k in kind.model_fields}
    return kind(**{"url" if name == "url" else "path": str(path)}, **known)  # type: ignore[return-value]


def rows_of(source: Source, texts: Sequence[str] = ()) -> pd.DataFrame:
    """Return all rows; columns named in ``texts`` are read as text where the source can tell.

    A column of words may hold digits alone in another file: read as numbers, it would be another
    column than the model knows.
    """
    declared = getattr(source, "types", None)
    if declared is not None and texts:
        found = source.discover()
        seen = {} if found is None else found.fields.get("types", {})
        types = {**seen, **{name: "string" for name in texts if name in seen}}
        source = source.model_copy(update={"types": types})
    return source.read()


def kind_of(path: str | Path, key: str = "source.path") -> str:
    """Return the name of the source that reads a path."""
    text = str(path)
    if text.startswith(("http://", "https://")):
        return "url"
    place = Path(text).expanduser()
    if place.is_dir():
        return _kind_of_folder(place, key)
    kind = kind_by_ending(place.name)
    if kind is None:
        raise MlrecipeError(
            f"{place.name} has no ending that says what it is",
            where=key,
            expected=f"one of {', '.join(ENDINGS)}, also compressed ({', '.join(COMPRESSED)})",
        )
    return kind


def kind_by_ending(name: str) -> str | None:
    """Return the name of the source for a file name; None when its ending says nothing."""
    lower = name.lower()
    for ending in COMPRESSED:
        lower = lower.removesuffix(ending)
    if "idx" in lower.rpartition("/")[2] and lower.endswith("-ubyte"):
        return "arrays"
    return ENDINGS.get(Path(lower).suffix)


def _kind_of_folder(folder: Path, key: str) -> str:
    for file in folder.rglob("*"):
        if file.suffix.lower() in IMAGE_ENDINGS:
            return "images"
        if file.suffix.lower() in (".parquet", ".pq"):
            return "parquet"
    raise MlrecipeError(
        f"the folder {folder} holds neither Parquet files nor images",
        where=key,
        expected="a file, a folder of Parquet files, or a folder of images",
        fix=f"name files by a pattern: {folder / '*.csv'}",
    )
