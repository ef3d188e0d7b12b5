"""Files that are written whole or not at all, hashes of content, and errors about disks."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mlrecipe.errors import MlrecipeError


def write_text(path: Path, text: str) -> None:
    """Write a file in one piece: a reader sees the old text or the new, never half of it."""
    partial = path.with_name(f".{path.name}.partial")
    with partial.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def write_json(path: Path, value: Any) -> None:
    """Write plain data as indented JSON, in one piece. NaN becomes null."""
    write_text(path, json.dumps(finite(value), indent=2, ensure_ascii=False) + "\n")


def read_json(path: Path) -> Any:
    """Read what `write_json` wrote."""
    return json.loads(path.read_text(encoding="utf-8"))


def finite(value: Any) -> Any:
    """Return plain data as JSON can hold it: NaN and infinities become null."""
    if isinstance(value, Mapping):
        return {str(k): finite(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [finite(v) for v in value]
    if hasattr(value, "item") and not isinstance(value, str | bytes):
        value = value.item()
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return None
    return value


def digest(value: Any) -> str:
    """Return a SHA-256 hash of plain data, independent of the order of keys."""
    text = json.dumps(finite(value), sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def file_digest(path: Path) -> str:
    """Return the SHA-256 hash of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextlib.contextmanager
def explained_io(path: Path, *, run: bool = True) -> Iterator[None]:
    """Turn a full disk, a missing permission or an impossible path into an error for people.

    Args:
        path: what is written.
        run: whether that is a run folder, which can be resumed; else any other file.
    """
    again = f", then go on where the run stopped: mlrecipe resume {path}" if run else ""
    elsewhere = "choose another folder" + (": hydra.run.dir=DIR" if run else "")
    try:
        yield
    except OSError as error:
        where = str(error.filename or path)
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise MlrecipeError(
                "the disk is full",
                where=where,
                fix=f"free some space{again}",
            ) from error
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise MlrecipeError(
                "no permission to write here",
                where=where,
                fix=elsewhere,
            ) from error
        if not path.is_dir():
            raise MlrecipeError(
                f"nothing can be written here: {error.strerror}", where=where, fix=elsewhere
            ) from error
        raise
