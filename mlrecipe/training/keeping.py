"""Keeps the state of a fit on disk, so that a killed one goes on where it stopped."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

if TYPE_CHECKING:
    from mlrecipe.interfaces import Array

SECONDS = 10.0
"""Between two writes: what a kill can cost. Writing takes milliseconds."""


class Told(Protocol):
    """What is known of the epochs done; see `trainer.History`."""

    loss: list[float]
    val_loss: list[float]
    best_epoch: int


@dataclass
class Kept:
    """One file with the state of one fit.

    Attributes:
        path: an ``.npz`` file; written in one piece.
        seconds: at least so long between two writes.
    """

    path: Path
    seconds: float = SECONDS
    _written: float = field(default_factory=time.monotonic)

    def keep(
        self,
        variables: Sequence[Any],
        history: Any,
        best: Sequence[Array],
        *,
        whatever: bool = False,
    ) -> None:
        """Write the state, unless that was done a moment ago; ``whatever``: in any case."""
        if not whatever and time.monotonic() - self._written < self.seconds:
            return
        arrays = {f"variable_{i}": v.numpy() for i, v in enumerate(variables)}
        arrays |= {f"best_{i}": np.asarray(value) for i, value in enumerate(best)}
        arrays["history"] = np.array(json.dumps(asdict(history)))
        partial = self.path.with_name(f".{self.path.name}.partial")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("wb") as file:
            np.savez(file, **arrays)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(self.path)
        self._written = time.monotonic()

    def restore(self, variables: Sequence[Any], history: Told) -> list[Array] | None:
        """Set variables and history to what was kept; return the best weights so far.

        Returns None, and changes nothing, where nothing was kept.
        """
        if not self.path.exists():
            return None
        with np.load(self.path, allow_pickle=False) as arrays:
            for i, variable in enumerate(variables):
                variable.assign(arrays[f"variable_{i}"])
            for name, value in json.loads(str(arrays["history"])).items():
                setattr(history, name, value)
            count = sum(name.startswith("best_") for name in arrays.files)
            return [arrays[f"best_{i}"] for i in range(count)]
