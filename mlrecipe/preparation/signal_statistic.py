"""What fitting learns of signals: how long they are, and the range of their numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

import numpy as np
import pandas as pd

from mlrecipe.preparation.statistics import Chunk, Numbers, Statistic
from mlrecipe.preparation.values import lists


@dataclass
class Lists(Statistic):
    """Lists of numbers in some columns.

    Attributes:
        columns: their names.
        longest: the greatest length of each.
        numbers: moments and extremes of each column's numbers, of all lists together.
    """

    columns: tuple[str, ...]
    longest: list[int] = field(init=False)
    numbers: list[Numbers] = field(init=False)

    def __post_init__(self) -> None:
        self.longest = [0] * len(self.columns)
        self.numbers = [Numbers(("value",)) for _ in self.columns]

    def fresh(self) -> Self:
        return type(self)(self.columns)

    def update(self, chunk: Chunk) -> None:
        for i, name in enumerate(self.columns):
            if name not in chunk.frame:
                continue
            found = lists(chunk.frame[name])
            self.longest[i] = max(map(len, found), default=0)
            values = np.concatenate([np.zeros(0), *found])
            self.numbers[i].update(Chunk(pd.DataFrame({"value": values}), chunk.start))

    def merge(self, other: Self) -> None:
        self.longest = [max(a, b) for a, b in zip(self.longest, other.longest, strict=True)]
        for mine, theirs in zip(self.numbers, other.numbers, strict=True):
            mine.merge(theirs)

    def range_of(self, column: int) -> tuple[float, float, float, float]:
        """Return smallest, largest, mean and deviation; zeros where there is no number."""
        found = self.numbers[column]
        if not found.count[0]:
            return 0.0, 0.0, 0.0, 0.0
        low, high, mean = (float(v[0]) for v in (found.low, found.high, found.mean))
        deviation = float(found.deviation[0])
        # What differs by rounding alone does not differ.
        return low, high, mean, deviation if deviation > 1e-9 * (high - low) > 1e-39 else 0.0
