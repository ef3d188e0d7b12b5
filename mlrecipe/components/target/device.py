"""A phone, a browser's host or a board: a LiteRT file and what it takes to use it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import mlrecipe

if TYPE_CHECKING:
    import keras

    from mlrecipe.problem import Problem


class Device(mlrecipe.Target, name="device"):
    """The device itself: a LiteRT file, run without TensorFlow and without a network (6.3.2)."""

    def objections(self, problem: Problem) -> list[str]:
        return []

    def write(self, model: keras.Model, bundle: Path) -> None:
        from mlrecipe.bundle.device import write_device_notes

        write_device_notes(bundle)


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Device]
