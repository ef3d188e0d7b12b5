"""By what a data report splits its columns: the classes of the target, or its mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mlrecipe.data.table import Table
from mlrecipe.data.table_schema import TableSchema
from mlrecipe.interfaces import Array, Task

MOST_CLASSES = 10
"""More classes cannot be told apart by colour; the rarest are then put together."""

OTHER = "other classes"


@dataclass(frozen=True)
class Split:
    """The target, prepared for splitting.

    Attributes:
        target: the column's name.
        labels: the classes in order; empty when the target is a number.
        codes: int64 (rows,), the class of each row, -1 where it is unknown; of a number, its fifth
            (0 … 4) by quantile.
        values: float64 (rows,), the target as a number; None when it is a class.
        limits: of a number, the four values between its fifths.
    """

    target: str
    labels: tuple[str, ...]
    codes: Array
    values: Array | None = None
    limits: tuple[float, ...] = ()

    def counts(self) -> list[int]:
        """Return how many rows each class has; of a number, each fifth."""
        size = len(self.labels) or len(self.limits) + 1
        return np.bincount(self.codes[self.codes >= 0], minlength=size).tolist()

    def content(self) -> dict[str, Any]:
        """Return what the page says of the split, as plain data."""
        kind = "classes" if self.labels else "mean"
        return {
            "target": self.target,
            "kind": kind,
            "classes": list(self.labels),
            "counts": self.counts(),
            "limits": list(self.limits),
        }


def split_of(table: Table, schema: TableSchema, task: Task) -> Split | None:
    """Return the split by the first target; None when there is no target to split by."""
    if not schema.targets or not task.simple:
        return None
    name = schema.targets[0]
    values = table.column(name)
    if task.classification or not pd.api.types.is_numeric_dtype(values):
        return _by_class(name, values)
    numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
    finite = numbers[np.isfinite(numbers)]
    if not len(finite):
        return None
    limits = np.quantile(finite, [0.2, 0.4, 0.6, 0.8])
    fifths = np.searchsorted(limits, numbers, side="right").astype(np.int64)
    fifths[~np.isfinite(numbers)] = -1
    return Split(name, (), fifths, numbers, tuple(map(float, limits)))


def _by_class(name: str, values: pd.Series) -> Split:
    codes, found = pd.factorize(values)
    labels = [text_of(value) for value in found]
    counts = np.bincount(codes[codes >= 0], minlength=len(labels))
    order = sorted(range(len(labels)), key=lambda i: _natural(labels[i]))
    if len(order) > MOST_CLASSES:
        frequent = sorted(order, key=lambda i: -counts[i])[: MOST_CLASSES - 1]
        order = [i for i in order if i in set(frequent)]
    place = np.full(len(labels) + 1, len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    place[-1] = -1  # factorize gives -1 to a missing value
    shown = [labels[i] for i in order] + ([OTHER] if len(order) < len(labels) else [])
    return Split(name, tuple(shown), place[codes])


def text_of(value: Any) -> str:
    """Return a value as a reader writes it: 3 rather than 3.0."""
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)


def _natural(label: str) -> tuple[float, str]:
    try:
        return float(label), label
    except ValueError:
        return float("inf"), label
