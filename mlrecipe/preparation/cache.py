"""What was computed of data once, kept on disk by what it was computed of; safe between processes.

An entry is a folder of files with their checksums. It appears as a whole or not at all, is held
against its checksums at every use, and made anew where it is damaged. Of all entries, those used
longest ago give way when the limit is exceeded.

``MLRECIPE_CACHE_GB`` limits the disk space, 10 by default; 0 switches the cache off.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import filelock

from mlrecipe.errors import MlrecipeError
from mlrecipe.files import explained_io, write_json
from mlrecipe.ledger import home

T = TypeVar("T")

LIMIT_VARIABLE = "MLRECIPE_CACHE_GB"

DEFAULT_GIGABYTES = 10.0

MANIFEST = "entry.json"

_BLOCK = 1 << 22


def limit_bytes() -> int:
    """Return how much disk space the cache may take; 0: there is none.

    Raises:
        MlrecipeError: when the environment variable is no number.
    """
    text = os.environ.get(LIMIT_VARIABLE, "").strip()
    try:
        gigabytes = float(text) if text else DEFAULT_GIGABYTES
        return int(max(gigabytes, 0.0) * 1e9)
    except (ValueError, OverflowError):
        raise MlrecipeError(
            f"the limit of the cache is {text!r}",
            where=f"environment variable {LIMIT_VARIABLE}",
            expected="a number of gigabytes; 0 switches the cache off",
            fix=f"{LIMIT_VARIABLE}={DEFAULT_GIGABYTES:g}, or unset it",
        ) from None


def cache_folder() -> Path:
    """Return the folder of all entries."""
    return home() / "cache"


def use(key: str, make: Callable[[Path], object], read: Callable[[Path], T]) -> T:
    """Return what ``read`` finds in an entry, after making it where there is none.

    Processes that ask for the same entry wait for the first one, then read what it made. Memory
    maps that ``read`` opens stay valid when the entry gives way to others.

    Args:
        key: hexadecimal digits, a hash of all that decides the content.
        make: fills an empty folder.
        read: is given the folder of the entry.

    Raises:
        MlrecipeError: when the disk is full or the folder cannot be written.
    """
    folder = cache_folder()
    entry = folder / key
    with explained_io(folder, run=False):
        (folder / "locks").mkdir(parents=True, exist_ok=True)
        with _lock(key):
            if not _is_sound(entry):
                shutil.rmtree(entry, ignore_errors=True)
                _make(entry, make)
            os.utime(entry / MANIFEST)
            found = read(entry)
        _make_room(key)
    return found


def _lock(key: str, timeout: float = -1) -> filelock.BaseFileLock:
    """Return the lock of an entry; there are 256 of them, so that they need no tidying."""
    return filelock.FileLock(cache_folder() / "locks" / f"{key[:2]}.lock", timeout=timeout)


def _make(entry: Path, make: Callable[[Path], object]) -> None:
    partial = Path(tempfile.mkdtemp(prefix=".partial-", dir=entry.parent))
    try:
        make(partial)
        files = {path.name: checksum(path) for path in sorted(partial.iterdir())}
        size = sum(path.stat().st_size for path in partial.iterdir())
        write_json(partial / MANIFEST, {"files": files, "bytes": size})
        partial.replace(entry)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _is_sound(entry: Path) -> bool:
    """Return whether the entry is there, and every file is what it was."""
    try:
        files = json.loads((entry / MANIFEST).read_text(encoding="utf-8"))["files"]
        return all(checksum(entry / name) == said for name, said in files.items())
    except (OSError, ValueError, KeyError, TypeError):
        return False


def checksum(path: Path) -> str:
    """Return size and CRC-32 of a file: against damage, not against malice."""
    value = size = 0
    buffer = bytearray(_BLOCK)
    with path.open("rb", buffering=0) as file:
        while count := file.readinto(buffer):
            value = zlib.crc32(memoryview(buffer)[:count], value)
            size += count
    return f"{size}-{value:08x}"


def _make_room(kept: str) -> None:
    """Remove the entries used longest ago, and leftovers of kills, until the limit is met."""
    used = []
    for path in cache_folder().iterdir():
        with contextlib.suppress(OSError, ValueError, KeyError):
            if path.name.startswith(".partial-"):
                _remove_if_left(path)
            elif (path / MANIFEST).exists():
                size = json.loads((path / MANIFEST).read_text(encoding="utf-8"))["bytes"]
                used.append(((path / MANIFEST).stat().st_mtime, int(size), path))
    total, limit = sum(size for _, size, _ in used), limit_bytes()
    for _, size, path in sorted(used):
        if total <= limit:
            break
        if path.name == kept:
            continue
        # An entry that somebody makes or opens right now stays for this time.
        with contextlib.suppress(filelock.Timeout, OSError), _lock(path.name, timeout=0):
            shutil.rmtree(path)
            total -= size


def _remove_if_left(partial: Path) -> None:
    """Remove what a killed process left: nothing works on a folder for so long unchanged."""
    import time

    newest = max(path.stat().st_mtime for path in (partial, *partial.iterdir()))
    if time.time() - newest > 24 * 3600:
        shutil.rmtree(partial, ignore_errors=True)
