"""Finds the files that a path, a pattern or a list of them names; hashes their content."""

from __future__ import annotations

import glob
import hashlib
from collections.abc import Sequence
from pathlib import Path

from mlrecipe.errors import MlrecipeError, nearest
from mlrecipe.files import file_digest


def located(paths: str | Sequence[str], key: str = "source.path") -> list[Path]:
    """Return the files of a path, a glob pattern or a list of both; patterns in sorted order.

    Raises:
        MlrecipeError: for a missing file (its nearest neighbour is named), a pattern that matches
            nothing, a folder, or a file without permission to read.
    """
    found: list[Path] = []
    for path in [paths] if isinstance(paths, str) else paths:
        found.extend(_matches(path, key))
    if not found:
        raise MlrecipeError("no file is named", where=key, expected="a path, or a list of them")
    return found


def _matches(path: str, key: str) -> list[Path]:
    file = Path(path).expanduser()
    if file.is_file():
        return [file]
    if file.is_dir():
        raise MlrecipeError(
            f"{path} is a folder",
            where=key,
            expected="a file",
            fix=f"name the files in it by a pattern: {key}='{file / '*'}'",
        )
    if glob.has_magic(path):
        files = [Path(p) for p in sorted(glob.glob(str(file), recursive=True))]  # noqa: PTH207
        files = [p for p in files if p.is_file()]
        if files:
            return files
        raise MlrecipeError(
            f"no file matches {path}",
            where=key,
            expected=f"a pattern of files; relative ones start at {Path.cwd()}",
        )
    raise missing_file(path, key)


def missing_file(path: str | Path, key: str) -> MlrecipeError:
    """Return the error for a file that is not there; it names the nearest neighbour."""
    file = Path(path).expanduser()
    neighbours = [p.name for p in file.parent.glob("*")] if file.parent.is_dir() else []
    close = nearest(file.name, neighbours)
    return MlrecipeError(
        f"there is no file {path}" + (f"; did you mean {file.with_name(close)}?" if close else ""),
        where=key,
        expected=f"a data file; relative paths start at {Path.cwd()}",
    )


def files_digest(files: Sequence[Path]) -> str:
    """Return a hash of the content of some files, in their order."""
    return hashlib.sha256("".join(map(file_digest, files)).encode()).hexdigest()
