"""Work on chunks is done by a pool of processes of this machine."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from pydantic import Field, PositiveInt

import mlrecipe

T = TypeVar("T")
R = TypeVar("R")


class Processes(mlrecipe.Engine, name="processes"):
    """Prepares rows in several processes of this machine, a chunk each."""

    workers: PositiveInt | None = Field(
        None, description="How many processes; by default, as many as there are cores."
    )

    def map(self, function: Callable[[T], R], tasks: Iterable[T]) -> Iterable[R]:
        import joblib

        # The pool outlives the call for a while: the next one finds it started. Chunks are handed
        # out as they are taken, so that neither they nor their results pile up.
        pool = joblib.Parallel(
            n_jobs=self.workers or joblib.cpu_count(),
            backend="loky",
            return_as="generator",
            batch_size=1,
        )
        found: Iterable[R] = pool(joblib.delayed(function)(task) for task in tasks)
        return found


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Processes]
