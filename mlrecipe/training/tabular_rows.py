"""Prepared rows of a table as one matrix, for algorithms that read numbers and codes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mlrecipe.interfaces import Array, Tensors, TensorSpec


def matrix(x: Tensors, specs: Sequence[TensorSpec]) -> Array:
    """Return the vector and the codes side by side: float32 (rows, features)."""
    parts = [x[spec.name].astype(np.float32, copy=False) for spec in specs]
    return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)


def category_counts(specs: Sequence[TensorSpec]) -> tuple[int | None, ...]:
    """Return, for each column of the matrix, how many codes there are; None: it holds numbers."""
    found: list[int | None] = []
    for spec in specs:
        found += [*spec.sizes] if spec.kind == "codes" else [None] * spec.shape[0]
    return tuple(found)
