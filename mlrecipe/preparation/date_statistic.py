"""What fitting learns of dates: in which order they are written, and when they lie."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

import numpy as np
import pandas as pd

from mlrecipe.data.dates import Order
from mlrecipe.interfaces import Array
from mlrecipe.preparation.operations.dates import parsed
from mlrecipe.preparation.statistics import Chunk, Numbers, Statistic
from mlrecipe.preparation.values import from_frame

ORDERS: tuple[Order, ...] = ("day_month", "month_day")
"""The first is taken where the rows fit both: most of the world writes dates so."""


@dataclass(frozen=True)
class Seen:
    """When the dates of one column lie, in days since 1970, and how many are missing."""

    missing: int
    low: float
    high: float
    mean: float
    median: float
    deviation: float


@dataclass
class Days(Numbers):
    """The numbers of columns of dates, read in one order."""

    order: Order = "day_month"

    def fresh(self) -> Self:
        return type(self)(self.columns, self.order)

    def values(self, frame: pd.DataFrame) -> Array:
        texts = from_frame(frame, self.columns, "string")
        found = np.empty(texts.shape)
        for i in range(texts.shape[1]):
            found[:, i] = parsed(texts[:, i], self.order)
        return found

    def of(self, column: int) -> Seen:
        """Return what was seen of one column; a column without a date is all 1970."""
        if not self.count[column]:
            return Seen(int(self.missing[column]), 0.0, 0.0, 0.0, 0.0, 0.0)
        return Seen(
            int(self.missing[column]),
            float(self.low[column]),
            float(self.high[column]),
            float(self.mean[column]),
            float(self.quantiles(0.5)[0, column]),
            float(self.deviation[column]),
        )


@dataclass
class DateColumns(Statistic):
    """Some columns of dates, read in either order.

    Attributes:
        columns: their names.
        days: their numbers by the order they are read in.
        timed: number of rows (n,) whose time of day is not midnight.
    """

    columns: tuple[str, ...]
    days: dict[Order, Days] = field(init=False)
    timed: Array = field(init=False)

    def __post_init__(self) -> None:
        self.days = {order: Days(self.columns, order) for order in ORDERS}
        self.timed = np.zeros(len(self.columns), dtype=np.int64)

    def fresh(self) -> Self:
        return type(self)(self.columns)

    def update(self, chunk: Chunk) -> None:
        for days in self.days.values():
            days.update(chunk)
        first = self.days[ORDERS[0]].values(chunk.frame)
        self.timed = (first % 1 > 0).sum(axis=0)

    def merge(self, other: Self) -> None:
        for order, days in self.days.items():
            days.merge(other.days[order])
        self.timed = self.timed + other.timed

    def order_of(self, column: int) -> Order:
        """Return the order in which more of a column's rows are dates."""
        return max(ORDERS, key=lambda order: int(self.days[order].count[column]))
