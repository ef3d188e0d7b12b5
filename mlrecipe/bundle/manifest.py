"""The manifest: what a bundle is, and the hash of every file in it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlrecipe.errors import MlrecipeError
from mlrecipe.files import file_digest, read_json, write_json

FORMAT = 1
"""Raised when a reader of the old format could not use the new one."""


def write_manifest(folder: Path, content: Mapping[str, Any]) -> dict[str, Any]:
    """Write ``manifest.json`` over all files in the folder, and return it."""
    files = {
        str(path.relative_to(folder).as_posix()): file_digest(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "manifest.json"
    }
    manifest = {"format": FORMAT, **content, "files": files}
    write_json(folder / "manifest.json", manifest)
    return manifest


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest, after holding every file against its hash.

    Raises:
        MlrecipeError: when it is no bundle, is of a later format, or a file is not what it was.
    """
    path = folder / "manifest.json"
    if not path.is_file():
        raise MlrecipeError(
            f"there is no bundle in {folder}",
            expected="a folder with manifest.json, as the step ship writes it",
            fix="carry the run to its end: mlrecipe resume RUN",
        )
    manifest = dict(read_json(path))
    if manifest["format"] > FORMAT:
        raise MlrecipeError(
            f"the bundle is of format {manifest['format']}, this mlrecipe reads up to {FORMAT}",
            where=str(path),
            fix="pip install --upgrade mlrecipe",
        )
    for name, digest in manifest["files"].items():
        file = folder / name
        if not file.is_file() or file_digest(file) != digest:
            what = "was changed" if file.is_file() else "is missing"
            raise MlrecipeError(
                f"the bundle's file {name} {what} since it was shipped",
                where=str(file),
                fix="take the bundle from the run again",
            )
    return manifest
