"""Results that several checks and reports share are computed once a table."""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from mlrecipe.data.table import Table

T = TypeVar("T")
R = TypeVar("R")

_RESULTS: WeakKeyDictionary[Table, dict[Hashable, Any]] = WeakKeyDictionary()


def once(table: Table, key: Hashable, compute: Callable[[], R]) -> R:
    """Return the result of ``compute``, kept under the key for as long as the table lives."""
    results = _RESULTS.setdefault(table, {})
    if key not in results:
        results[key] = compute()
    return results[key]  # type: ignore[no-any-return]


def in_threads(function: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
    """Yield the results in order, a few at a time: NumPy, Arrow and trees let threads run."""
    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
        yield from pool.map(function, items)
