"""A phone, a browser's host or a board: a LiteRT file and what it takes to use it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import mlrecipe

if TYPE_CHECKING:
    import keras

    from mlrecipe.problem import Problem

RUNTIME_MB = 1
"""The smallest build of the LiteRT interpreter with its operations (tensorflow.org/lite/guide)."""


class Device(mlrecipe.Target, name="device", prepares_in=frozenset({"javascript"})):
    """The device itself: a LiteRT file, run without TensorFlow and without a network (6.3.2)."""

    def objections(self, problem: Problem) -> list[str]:
        limits, found = problem.constraints, []
        if limits.confidential_model:
            found.append(
                "who holds the device holds the model, too (constraints.confidential_model)"
            )
        if limits.sensitive_data:
            found.append(
                "training rows can be recovered, in part, from a model that is given away "
                "(constraints.sensitive_data)"
            )
        if limits.memory_mb is not None and limits.memory_mb < RUNTIME_MB:
            found.append(
                f"the runtime alone takes about {RUNTIME_MB} MB "
                f"(constraints.memory_mb={limits.memory_mb:g})"
            )
        return found

    def advantages(self, problem: Problem) -> list[str]:
        limits, found = problem.constraints, []
        if limits.connectivity != "reliable":
            found.append(
                f"it answers without a network (constraints.connectivity={limits.connectivity})"
            )
        if limits.latency_ms is not None:
            found.append("there is no round trip to wait for (constraints.latency_ms)")
        if not limits.decryptable_on_server:
            found.append("inputs never leave the device (constraints.decryptable_on_server)")
        if limits.compute_paid_by == "user":
            found.append("the user's own machine computes (constraints.compute_paid_by)")
        return found

    def write(self, model: keras.Model, bundle: Path) -> None:
        from mlrecipe.bundle.device import write_device_notes

        write_device_notes(model, bundle)


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Device]
