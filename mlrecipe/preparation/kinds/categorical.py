"""Categories: strings or codes of which each occurs in many rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import Field, PositiveInt

from mlrecipe.preparation.kinds.kind import Fitted, Kind

if TYPE_CHECKING:
    from mlrecipe.data.table_schema import Column
    from mlrecipe.preparation.operation import Operation
    from mlrecipe.preparation.statistics import Statistic
    from mlrecipe.preparation.values import Reads


class Categorical(Kind):
    """Categories become indicators; a missing one is a category of its own (book, 6.2.1)."""

    min_count: PositiveInt = Field(
        2, description="Categories seen in fewer training rows are put with the unseen ones."
    )
    max_categories: PositiveInt = Field(
        100, description="Most categories of one column; the most frequent ones are kept."
    )

    def statistic(self, columns: Mapping[str, Column]) -> Statistic:
        from mlrecipe.preparation.statistics import Categories

        return Categories(tuple(columns), reads_of(columns))

    def operations(self) -> list[type[Operation]]:
        from mlrecipe.preparation.operations.categorical import OneHot

        return [OneHot]

    def fit(self, columns: Mapping[str, Column], learnt: Statistic) -> Fitted:
        from mlrecipe.preparation.operations.categorical import OneHot
        from mlrecipe.preparation.preparation import Block
        from mlrecipe.preparation.statistics import Categories

        assert isinstance(learnt, Categories)
        known = tuple(self.kept(counts) for counts in learnt.counts)
        reads = reads_of(columns)
        one_hot = OneHot(categories=known)
        return Fitted((Block(columns=tuple(columns), reads=reads, operations=(one_hot,)),))

    def kept(self, counts: Counter[Any]) -> tuple[Any, ...]:
        """Return the categories of a column that get a place of their own, in order."""
        # Ties are broken by name, so that the same rows in another order give the same features.
        frequent = sorted(counts, key=lambda c: (-counts[c], c))[: self.max_categories]
        return tuple(sorted(c for c in frequent if counts[c] >= self.min_count))


def reads_of(columns: Mapping[str, Column]) -> Reads:
    """Return how values of the columns, all of one type, are written."""
    return "string" if next(iter(columns.values())).type == "string" else "number"
