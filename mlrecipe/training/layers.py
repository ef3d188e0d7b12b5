"""Keras layers of our own, by name: a model that has one is read again only where it is known."""

from __future__ import annotations

import importlib

MODULES: tuple[str, ...] = (
    "mlrecipe.training.recurrence",
    "mlrecipe.training.tree_layer",
    "mlrecipe.training.ensemble_layers",
    "mlrecipe.training.crops",
    "mlrecipe.training.recommending",
    "mlrecipe.training.clustering",
)
"""Modules that register layers (``keras.saving.register_keras_serializable``) when imported."""


def register() -> None:
    """Import every module of layers, once Keras may be imported."""
    for module in MODULES:
        importlib.import_module(module)
