"""The sizes of an architecture: what the recipe fixes stays, what it leaves open grows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from mlrecipe.interfaces import Architecture

A = TypeVar("A", bound=Architecture)


def grown(
    architecture: A, fields: tuple[str, ...], sizes: Sequence[tuple[int, ...]]
) -> Iterator[A]:
    """Yield the architecture in each size once, with the recipe's own values where it has some."""
    seen = set()
    for values in sizes:
        size = tuple(
            getattr(architecture, field) or value
            for field, value in zip(fields, values, strict=True)
        )
        if size not in seen:
            seen.add(size)
            yield architecture.model_copy(update=dict(zip(fields, size, strict=True)))
