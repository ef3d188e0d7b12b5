"""Fits and encodes once: the same rows with the same preparation are never prepared again.

Rows that lie in a large file are encoded to arrays in the cache, which training reads as memory
maps; another fold, step, run or job of a sweep that asks for the same finds them there. Small
tables are prepared in memory: that takes less time than a look into the cache.
"""

from __future__ import annotations

import functools
import hashlib
import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np

import mlrecipe
from mlrecipe.data.table import Table
from mlrecipe.data.table_schema import TableSchema
from mlrecipe.files import digest
from mlrecipe.interfaces import Array, Preprocessing, Tensors
from mlrecipe.preparation import cache, encoding
from mlrecipe.preparation.preparation import Preparation

LARGE = 8_000_000
"""Bytes of a file from which on rows of it are encoded to disk: about 100,000 rows of 10 numbers,
which take a fifth of a second to prepare."""

_STATE = "preparation.json"


def fit_encode(
    preprocessing: Preprocessing, rows: Table, schema: TableSchema, y: Array
) -> tuple[Preparation, Tensors]:
    """Return `Preprocessing.fit_transform` of training rows, from the cache where it has them."""
    if not _on_disk(rows):
        return preprocessing.fit_transform(rows, schema, y)
    differs = preprocessing.training_differs(schema)

    def make(folder: Path) -> None:
        if differs:
            preparation, tensors = preprocessing.fit_transform(rows, schema, y)
            encoding.save(tensors, folder)
        else:
            preparation = preprocessing.fit(rows, schema, y)
        preparation.save(folder / _STATE)

    def read(folder: Path) -> tuple[Preparation, Tensors | None]:
        preparation = Preparation.load(folder / _STATE)
        return preparation, encoding.load(preparation, folder) if differs else None

    preparation, tensors = cache.use(_key_of_fit(preprocessing, rows, schema, y), make, read)
    return preparation, encode(preparation, rows) if tensors is None else tensors


def encode(preparation: Preparation, rows: Table) -> Tensors:
    """Return the prepared rows (rows, …): in memory, or as memory maps of arrays in the cache."""
    if not _on_disk(rows):
        return preparation.transform_table(rows)
    code = _code_digest(type(op).__module__ for op in preparation.operations())
    return cache.use(
        digest(["encode", rows.fingerprint(), preparation.digest(), code]),
        lambda folder: encoding.encode(preparation, rows, folder),
        lambda folder: encoding.load(preparation, folder),
    )


def _on_disk(rows: Table) -> bool:
    return rows.file_bytes >= LARGE and cache.limit_bytes() > 0


def _key_of_fit(preprocessing: Preprocessing, rows: Table, schema: TableSchema, y: Array) -> str:
    features = {name: column.model_dump(mode="json") for name, column in schema.features().items()}
    targets = hashlib.sha256(np.ascontiguousarray(y).data).hexdigest()
    return digest(
        [
            "fit",
            rows.fingerprint(),
            [y.shape, y.dtype.str, targets],
            preprocessing.mapping(),
            list(features.items()),
            _code_digest([type(preprocessing).__module__]),
        ]
    )


def _code_digest(modules: Iterable[str]) -> str:
    """Return a hash that changes when the code that prepares is changed, or another version."""
    files = set(Path(__file__).parent.rglob("*.py"))
    for name in modules:
        module = sys.modules.get(name)
        if module is not None and module.__file__:
            files.add(Path(module.__file__))
    return _files_digest(tuple(sorted(files)))


@functools.lru_cache(maxsize=64)
def _files_digest(files: tuple[Path, ...]) -> str:
    states = [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in files]
    return digest([mlrecipe.__version__, np.__version__, states])
