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


class Rest(mlrecipe.Target, name="rest"):
    """A REST server: `mlrecipe serve`, or TensorFlow Serving on the SavedModel (book, 6.3.2)."""

    def objections(self, problem: Problem) -> list[str]:
        limits, found = problem.constraints, []
        if limits.connectivity == "none":
            found.append("there is no network to reach a server by (constraints.connectivity)")
        if not limits.decryptable_on_server:
            found.append(
                "a server must not see the inputs in the clear (constraints.decryptable_on_server)"
            )
        return found

    def write(self, model: keras.Model, bundle: Path) -> None:
        from mlrecipe.bundle.saved_model import write_saved_model

        write_saved_model(model, bundle, bundle / FOLDER)


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Rest]
