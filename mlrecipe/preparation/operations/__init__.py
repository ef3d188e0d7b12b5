"""The operations that a preparation is made of, each as plain data with its executors.

Importing this package makes every built-in operation known by its name.
"""

from mlrecipe.preparation.operations import (
    categorical,
    dates,
    hashing,
    location,
    numeric,
    ordinal,
    signal,
    tags,
)

__all__ = [
    "categorical",
    "dates",
    "hashing",
    "location",
    "numeric",
    "ordinal",
    "signal",
    "tags",
]
