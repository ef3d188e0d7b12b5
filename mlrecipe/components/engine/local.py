"""Work on chunks is done here, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

import mlrecipe

T = TypeVar("T")
R = TypeVar("R")


class Local(mlrecipe.Engine, name="local"):
    """Prepares rows in this process, chunk by chunk."""

    def map(self, function: Callable[[T], R], tasks: Iterable[T]) -> Iterable[R]:
        return map(function, tasks)


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Local]
