"""A server that answers over HTTP, with a SavedModel that takes raw rows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import mlrecipe

if TYPE_CHECKING:
    import keras

    from mlrecipe.problem import Problem

FOLDER = "saved_model/1"
"""TensorFlow Serving wants a numbered folder below the model's."""

ROUND_TRIP_MS = 500
"""Request, inference and answer typically take around 500 ms (book, 6.3.2)."""


class Rest(mlrecipe.Target, name="rest", prepares_in=frozenset({"numpy", "graph"})):
    """A REST server: `mlrecipe serve`, or TensorFlow Serving on the SavedModel (book, 6.3.2)."""

    def objections(self, problem: Problem) -> list[str]:
        limits, found = problem.constraints, []
        if limits.connectivity == "none":
            found.append("there is no network to reach a server by (constraints.connectivity)")
        if limits.connectivity == "unreliable":
            found.append(
                "the application would stop wherever the network does "
                "(constraints.connectivity=unreliable)"
            )
        if limits.latency_ms is not None and limits.latency_ms < ROUND_TRIP_MS:
            found.append(
                f"a round trip to a server typically takes around {ROUND_TRIP_MS} ms "
                f"(constraints.latency_ms={limits.latency_ms:g})"
            )
        if not limits.decryptable_on_server:
            found.append(
                "a server has to see the inputs in the clear (constraints.decryptable_on_server)"
            )
        if limits.compute_paid_by == "user":
            found.append(
                "the provider's server carries the load (constraints.compute_paid_by=user)"
            )
        return found

    def advantages(self, problem: Problem) -> list[str]:
        limits, found = problem.constraints, []
        if limits.confidential_model:
            found.append("the model stays with its owner (constraints.confidential_model)")
        if limits.sensitive_data:
            found.append(
                "nobody gets the model to recover training rows from (constraints.sensitive_data)"
            )
        if limits.accuracy_critical:
            found.append(
                "the model may be as large as it needs to be (constraints.accuracy_critical)"
            )
        return found

    def write(self, model: keras.Model, bundle: Path) -> None:
        from mlrecipe.bundle.saved_model import write_saved_model

        write_saved_model(model, bundle, bundle / FOLDER)


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Rest]
