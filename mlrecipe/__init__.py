"""mlrecipe carries a machine-learning project through its whole workflow, from one recipe."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlrecipe.api import load, open_run, run
    from mlrecipe.component import Choice, Component, Search
    from mlrecipe.errors import MlrecipeError, RecipeError
    from mlrecipe.findings import Finding
    from mlrecipe.hookspecs import hookimpl
    from mlrecipe.interfaces import (
        Architecture,
        Baseline,
        Check,
        Compression,
        Engine,
        Estimator,
        Metric,
        Network,
        Objective,
        Preprocessing,
        Protocol,
        Schema,
        Source,
        Target,
        Task,
        Training,
        Tuner,
    )
    from mlrecipe.run_folder import Run

__version__ = "0.1.0"

_HOMES = {
    "mlrecipe.api": ("load", "open_run", "run"),
    "mlrecipe.component": ("Choice", "Component", "Search"),
    "mlrecipe.errors": ("MlrecipeError", "RecipeError"),
    "mlrecipe.interfaces": (
        "Architecture",
        "Baseline",
        "Check",
        "Compression",
        "Engine",
        "Estimator",
        "Metric",
        "Network",
        "Objective",
        "Preprocessing",
        "Protocol",
        "Schema",
        "Source",
        "Target",
        "Task",
        "TensorSpec",
        "Training",
        "Tuner",
    ),
    "mlrecipe.findings": ("Finding",),
    "mlrecipe.hookspecs": ("hookimpl",),
    "mlrecipe.run_folder": ("Run",),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "Architecture",
    "Baseline",
    "Check",
    "Choice",
    "Component",
    "Compression",
    "Engine",
    "Estimator",
    "Finding",
    "Metric",
    "MlrecipeError",
    "Network",
    "Objective",
    "Preprocessing",
    "Protocol",
    "RecipeError",
    "Run",
    "Schema",
    "Search",
    "Source",
    "Target",
    "Task",
    "TensorSpec",
    "Training",
    "Tuner",
    "hookimpl",
    "load",
    "open_run",
    "run",
]


def __getattr__(name: str) -> Any:
    """Import a public name on first use, so that ``mlrecipe --help`` imports nothing heavy."""
    if name not in _HOME_OF:
        raise AttributeError(f"module 'mlrecipe' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOME_OF[name]), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
