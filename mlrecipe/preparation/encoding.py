"""Encodes the rows of a table to arrays on disk, chunk by chunk, and reads them as memory maps.

Every tensor is a file of NumPy's own format. Its place for each row is known beforehand, so that
several workers write their chunks into it at once. They write as one writes any file: pages of a
memory map that were written to would count as used memory until the disk has them.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from mlrecipe.data.table import Table
from mlrecipe.interfaces import Array, Tensors
from mlrecipe.preparation.preparation import Preparation

BUFFER_BYTES = 1 << 24
"""Most bytes of prepared rows that wait to be written."""


def encode(preparation: Preparation, rows: Table, folder: Path) -> Tensors:
    """Write the prepared rows to ``folder``, one file a tensor, and return them as memory maps.

    It works where the table's engine works: workers on other machines have to see the folder.

    Raises:
        OSError: when the disk is full, or the folder cannot be written.
    """
    starts = {
        spec.name: _create(folder / f"{spec.name}.npy", (rows.rows, *spec.shape), spec.dtype)
        for spec in preparation.tensors
    }
    names, coded = preparation.wanted(rows)
    work = functools.partial(_write_chunk, preparation, folder, starts)
    written = sum(rows.map(work, names, coded=coded))
    if written != rows.rows:
        raise RuntimeError(f"{written} of {rows.rows} rows were encoded")
    return load(preparation, folder)


def load(preparation: Preparation, folder: Path) -> Tensors:
    """Return the tensors (rows, …) that `encode` wrote, as read-only memory maps."""
    return {spec.name: read_map(folder / f"{spec.name}.npy") for spec in preparation.tensors}


def read_map(path: Path) -> Array:
    """Return an array of a file as a read-only memory map; of no rows, as a plain array."""
    whole: Array = np.load(path, allow_pickle=False, mmap_mode=None if _is_empty(path) else "r")
    return whole


def save(tensors: Tensors, folder: Path) -> None:
    """Write tensors (rows, …) that are in memory so that `load` reads them."""
    for name, values in tensors.items():
        path = folder / f"{name}.npy"
        _create(path, values.shape, values.dtype.str)
        with path.open("r+b") as file:
            file.seek(path.stat().st_size - values.nbytes)
            file.write(np.ascontiguousarray(values).data)


def _create(path: Path, shape: tuple[int, ...], dtype: str) -> int:
    """Create a file for an array, and return where in it the first row stands."""
    with path.open("wb") as file:
        header = {"descr": np.dtype(dtype).str, "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_2_0(file, header)
        start = file.tell()
        file.truncate(start + int(np.prod(shape)) * np.dtype(dtype).itemsize)
    return start


def _is_empty(path: Path) -> bool:
    with path.open("rb") as file:
        np.lib.format.read_magic(file)
        shape, _, _ = np.lib.format.read_array_header_2_0(file)
    return 0 in shape


def _write_chunk(
    preparation: Preparation,
    folder: Path,
    starts: Mapping[str, int],
    frame: pd.DataFrame,
    first: int,
) -> int:
    """Write the prepared rows of a chunk in their place; return how many they are."""
    values = preparation.read(frame)
    one_row = preparation.empty(1)
    few = max(1, BUFFER_BYTES // max(1, sum(tensor.nbytes for tensor in one_row.values())))
    for start in range(0, len(frame), few):
        part = slice(start, min(start + few, len(frame)))
        tensors = preparation.empty(part.stop - part.start)
        preparation.write([mine[part] for mine in values], tensors)
        for name, tensor in tensors.items():
            with (folder / f"{name}.npy").open("r+b") as file:
                file.seek(starts[name] + (first + start) * one_row[name].nbytes)
                file.write(tensor.data)
    return len(frame)
