"""No search: the settings of the recipe stand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import mlrecipe

if TYPE_CHECKING:
    from mlrecipe.component import Search
    from mlrecipe.interfaces import Trial


class NoTuner(mlrecipe.Tuner, name="none"):
    """Searches nothing: the recipe's settings stand."""

    def search(
        self,
        space: Mapping[str, Search],
        evaluate: Callable[[Mapping[str, Any]], float],
        *,
        greater_is_better: bool,
        folder: Path,
        seed: int,
    ) -> list[Trial]:
        return []


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [NoTuner]
