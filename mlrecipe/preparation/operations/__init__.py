"""The operations that a preparation is made of, each as plain data with its executors.

Importing this package makes every built-in operation known by its name.
"""

from mlrecipe.preparation.operations import (
    categorical,
    dates,
    hashing,
    images,
    location,
    number_encodings,
    numeric,
    ordinal,
    signal,
    subwords,
    tags,
    text,
)

__all__ = [
    "categorical",
    "dates",
    "hashing",
    "images",
    "location",
    "number_encodings",
    "numeric",
    "ordinal",
    "signal",
    "subwords",
    "tags",
    "text",
]
