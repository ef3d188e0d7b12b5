"""No search: the settings of the recipe stand."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import mlrecipe
from mlrecipe.interfaces import Asked, Oracle

if TYPE_CHECKING:
    from mlrecipe.component import Search


class _Nothing(Oracle):
    def ask(self) -> Asked | None:
        return None

    def tell(self, asked: Asked, score: float | None) -> None:
        raise NotImplementedError  # nothing was asked


class NoTuner(mlrecipe.Tuner, name="none"):
    """Searches nothing: the recipe's settings stand."""

    def oracle(
        self, space: Mapping[str, Search], *, greater_is_better: bool, folder: Path, seed: int
    ) -> Oracle:
        return _Nothing()


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [NoTuner]
