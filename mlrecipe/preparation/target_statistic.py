"""What the targets of each category were like, and how a row is kept from seeing its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import pandas as pd

from mlrecipe.interfaces import Array
from mlrecipe.preparation.operation import MISSING
from mlrecipe.preparation.statistics import Chunk, Statistic, position_hash
from mlrecipe.preparation.values import Reads, from_frame

INNER_FOLDS = 5
"""Parts that training rows are put in; each is encoded by what the others taught."""


@dataclass
class Sum:
    """Rows of one category: how many there are, and the sum of their targets (outputs,)."""

    count: int
    total: Array

    def __add__(self, other: Sum) -> Sum:
        return Sum(self.count + other.count, self.total + other.total)


@dataclass
class TargetSums(Statistic):
    """The encoded targets of the rows of every category of some columns.

    Attributes:
        columns: their names.
        reads: whether the values are strings or numbers.
        sums: category -> its rows, for each column.
        missing: the rows without a value, for each column.
        all, squares: all rows, and the sum of their squared targets (outputs,).
    """

    columns: tuple[str, ...]
    reads: Reads
    sums: list[dict[Any, Sum]] = field(init=False)
    missing: list[Sum] = field(init=False)
    all: Sum = field(init=False)
    squares: Array = field(init=False)

    def __post_init__(self) -> None:
        self.sums = [{} for _ in self.columns]
        self.missing = [Sum(0, np.zeros(1)) for _ in self.columns]
        self.all, self.squares = Sum(0, np.zeros(1)), np.zeros(1)

    def fresh(self) -> Self:
        return type(self)(self.columns, self.reads)

    def update(self, chunk: Chunk) -> None:
        if chunk.y is None:
            raise ValueError("encode: target learns from the targets, and none were given")
        y = chunk.y.astype(np.float64)
        self.all, self.squares = Sum(len(y), y.sum(axis=0)), (y**2).sum(axis=0)
        for i, name in enumerate(self.columns):
            values = from_frame(chunk.frame, [name], self.reads)[:, 0]
            codes, names = pd.factorize(values)  # NaN is no category: -1
            counts = np.bincount(codes + 1, minlength=len(names) + 1)
            totals = np.stack(
                [np.bincount(codes + 1, weights=t, minlength=len(names) + 1) for t in y.T], axis=1
            )
            found = {
                key: Sum(int(n), total)
                for key, n, total in zip(
                    [MISSING, *names.tolist()] if self.reads == "number" else [None, *names],
                    counts,
                    totals,
                    strict=True,
                )
            }
            self.missing[i] = found.pop(MISSING, Sum(0, np.zeros(y.shape[1])))
            found.pop(None, None)
            self.sums[i] = found

    def merge(self, other: Self) -> None:
        self.all, self.squares = self.all + other.all, self.squares + other.squares
        self.missing = [a + b for a, b in zip(self.missing, other.missing, strict=True)]
        for mine, theirs in zip(self.sums, other.sums, strict=True):
            for category, found in theirs.items():
                mine[category] = mine[category] + found if category in mine else found

    def smoothed(self, found: Sum, smoothing: float) -> tuple[float, ...]:
        """Return how a category's targets differ from all, shrunk, in deviations (outputs,)."""
        rows = max(self.all.count, 1)
        mean = self.all.total / rows
        deviation = np.sqrt(np.maximum(self.squares / rows - mean**2, 0.0))
        apart = found.total - found.count * mean
        shrunk = apart / max(found.count + smoothing, 1e-12)
        scaled = np.where(deviation > 0, shrunk / np.where(deviation > 0, deviation, 1.0), 0.0)
        return tuple(float(v) for v in np.atleast_1d(scaled))


def inner_folds(rows: int) -> Array:
    """Return the part int64 (rows,) that every training row is in: by a hash of its position."""
    return (position_hash(0, rows) % np.uint64(INNER_FOLDS)).astype(np.int64)


def learn_without(
    chunks: Iterable[Chunk], plan: Mapping[str, Statistic], folds: Array
) -> list[dict[str, Statistic]]:
    """Return, for every part, the statistics of the rows that are not in it; one pass."""
    parts = [{k: s.fresh() for k, s in plan.items()} for _ in range(INNER_FOLDS)]
    for chunk in chunks:
        here = folds[chunk.start : chunk.start + len(chunk.frame)]
        for part, found in enumerate(parts):
            rows = here == part
            y = None if chunk.y is None else chunk.y[rows]
            piece = Chunk(chunk.frame[rows], chunk.start, y)
            for statistic in found.values():
                learnt = statistic.fresh()
                learnt.update(piece)
                statistic.merge(learnt)
    return [
        {
            key: _merged([p[key] for j, p in enumerate(parts) if j != left], plan[key])
            for key in plan
        }
        for left in range(INNER_FOLDS)
    ]


def _merged(parts: list[Statistic], plan: Statistic) -> Statistic:
    found = plan.fresh()
    for part in parts:
        found.merge(part)
    return found
