"""Results that several checks and reports share are computed once a table."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
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
    """Yield the results in order: NumPy, Arrow and trees let threads run side by side.

    No more results are under way than there are threads, so that memory stays flat.
    """
    threads = min(4, os.cpu_count() or 1)
    waiting: deque[Future[R]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        for item in items:
            waiting.append(pool.submit(function, item))
            if len(waiting) > threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
