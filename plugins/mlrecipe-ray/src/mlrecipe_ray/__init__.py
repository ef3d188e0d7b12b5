"""An engine for mlrecipe: rows are prepared by Ray Data, on one machine or many."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from pydantic import Field, PositiveFloat

import mlrecipe

T = TypeVar("T")
R = TypeVar("R")


class Ray(mlrecipe.Engine, name="ray", requires={"ray": "ray[data]"}):
    """Prepares rows on a Ray cluster, a chunk a task."""

    address: str | None = Field(
        None, description="The cluster: auto, or ray://HOST:PORT; none: Ray is started here."
    )
    cpus: PositiveFloat = Field(1, description="CPUs that Ray sets aside for one chunk.")

    def map(self, function: Callable[[T], R], tasks: Iterable[T]) -> Iterable[R]:
        import ray
        from ray import cloudpickle

        # Rows of bytes: Ray Data would take the objects themselves apart into columns.
        items = [{"number": i, "task": cloudpickle.dumps(t)} for i, t in enumerate(tasks)]
        if not items:
            return iter(())
        self._start(ray)
        # Kept in the order of the tasks, so that statistics are merged as elsewhere.
        context = ray.data.DataContext.get_current().copy()
        context.execution_options.preserve_order = True
        context.enable_progress_bars = False
        with ray.data.DataContext.current(context):
            rows = ray.data.from_items(items, override_num_blocks=len(items))
            work = cloudpickle.dumps(function)
            found = rows.map(_carried_out, fn_args=[work], num_cpus=self.cpus)
            return _results(found.iter_rows(), len(items))

    def _start(self, ray: Any) -> None:
        if not ray.is_initialized():
            quiet = {"log_to_driver": False, "logging_level": "ERROR"}
            ray.init(address=self.address, ignore_reinit_error=True, **quiet)


def _carried_out(row: dict[str, Any], function: bytes) -> dict[str, Any]:
    # What this very process, or a worker that it started, has just pickled; never a file.
    result = pickle.loads(function)(pickle.loads(row["task"]))  # noqa: S301
    return {"number": row["number"], "result": pickle.dumps(result)}


def _results(rows: Iterable[dict[str, Any]], count: int) -> Iterator[Any]:
    number = -1
    for number, row in enumerate(rows):
        if row["number"] != number:
            raise RuntimeError(f"Ray gave the result of task {row['number']} as that of {number}")
        yield pickle.loads(row["result"])  # noqa: S301
    if number + 1 != count:
        raise RuntimeError(f"Ray gave {number + 1} results of {count} tasks")


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Ray]
