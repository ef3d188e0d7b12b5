"""Reads NumPy and IDX files; nothing is ever unpickled."""

from __future__ import annotations

import math
import struct
from pathlib import Path

import numpy as np

from mlrecipe.errors import MlrecipeError, nearest
from mlrecipe.interfaces import Array
from mlrecipe.reading.locating import missing_file
from mlrecipe.reading.streams import DAMAGED, damaged, open_binary

IDX_TYPES = {8: ">u1", 9: ">i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}
"""Third byte of an IDX file -> NumPy type (LeCun, Cortes and Burges, the MNIST page)."""


def read_array(path: str, name: str | None, key: str) -> Array:
    """Return the array of a .npy, .npz or IDX file (also compressed), memory-mapped where possible.

    Args:
        path: the file.
        name: which array of an .npz file; None: the only one.
        key: the recipe key that named it, for errors.

    Raises:
        MlrecipeError: for a file that is damaged, pickled, or of another format.
    """
    file = Path(path).expanduser()
    if not file.is_file():
        raise missing_file(path, key)
    if file.suffix == ".npz":
        return _from_archive(file, name, key)
    if name is not None and file.suffix == ".npy":
        raise MlrecipeError(f"{file.name} holds one array alone", where=key, fix="leave it out")
    try:
        if file.suffix == ".npy":
            return np.load(file, mmap_mode="r", allow_pickle=False)
        with open_binary(file) as stream:
            return _idx(stream.read(), file)
    except ValueError as error:
        raise _unreadable(file, error) from None
    except DAMAGED as error:
        raise damaged(file, error) from None


def _from_archive(file: Path, name: str | None, key: str) -> Array:
    try:
        with np.load(file, allow_pickle=False) as archive:
            names = list(archive.files)
            if name is None and len(names) != 1:
                raise MlrecipeError(
                    f"{file.name} holds {len(names)} arrays",
                    where=key,
                    expected=f"one of {', '.join(names)}",
                    fix="name one: source.array=NAME",
                )
            chosen = names[0] if name is None else name
            if chosen not in names:
                close = nearest(chosen, names)
                raise MlrecipeError(
                    f"{file.name} holds no array {chosen!r}"
                    + (f"; did you mean {close!r}?" if close else ""),
                    where=key,
                    expected=f"one of {', '.join(names)}",
                )
            return archive[chosen]
    except ValueError as error:
        raise _unreadable(file, error) from None
    except DAMAGED as error:
        raise damaged(file, error) from None


def names_in(path: str) -> tuple[str, ...]:
    """Return the names of the arrays in an .npz file; empty for another one."""
    file = Path(path).expanduser()
    if file.suffix != ".npz" or not file.is_file():
        return ()
    try:
        with np.load(file, allow_pickle=False) as archive:
            return tuple(archive.files)
    except (ValueError, *DAMAGED) as error:
        raise damaged(file, error) from None


def _unreadable(file: Path, error: ValueError) -> MlrecipeError:
    if any(word in str(error).lower() for word in ("pickle", "python objects")):
        return MlrecipeError(
            "the file holds pickled objects, which could run code when they are read",
            where=str(file),
            expected="an array of numbers",
            fix="save it anew: numpy.save(FILE, array.astype(float), allow_pickle=False)",
        )
    return MlrecipeError(f"the file is no array: {error}", where=str(file), fix="fetch it again")


def _idx(content: bytes, file: Path) -> Array:
    """Return the array of an IDX file's bytes: a magic number, the sizes, the values."""
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] not in IDX_TYPES:
        raise ValueError("it begins neither as a NumPy nor as an IDX file does")
    dimensions = content[3]
    start = 4 + 4 * dimensions
    if len(content) < start:
        raise ValueError("it is cut off")
    shape = struct.unpack(f">{dimensions}I", content[4:start])
    kind = np.dtype(IDX_TYPES[content[2]])
    wanted = math.prod(shape) * kind.itemsize
    if len(content) - start != wanted:
        raise ValueError(f"{len(content) - start} bytes of values, {wanted} expected for {shape}")
    return np.frombuffer(content, kind, offset=start).reshape(shape)
