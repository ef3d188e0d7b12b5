"""Tags: sets of short names."""

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


class Tags(Kind):
    """Tags become an indicator each (multi-hot); a set without any tag has one too."""

    separator: str | None = Field(
        None,
        min_length=1,
        max_length=1,
        description="What parts the tags of a string; null: of | ; , the one most rows have.",
    )
    min_count: PositiveInt = Field(2, description="Tags in fewer training rows are left out.")
    max_tags: PositiveInt = Field(200, description="Most tags of one column.")

    def statistic(self, columns: Mapping[str, Column]) -> Statistic:
        from mlrecipe.preparation.statistics import Categories

        return Categories(tuple(columns), "string")

    def operations(self) -> list[type[Operation]]:
        from mlrecipe.preparation.operations.tags import Tags as Operation_

        return [Operation_]

    def fit(self, columns: Mapping[str, Column], learnt: Any) -> Fitted:
        from mlrecipe.data.sets import separator_of
        from mlrecipe.preparation.operations.tags import Tags as Operation_
        from mlrecipe.preparation.preparation import Block

        separators = tuple(self.separator or separator_of(counts) for counts in learnt.counts)
        known = tuple(map(self._kept, learnt.counts, separators))
        operation = Operation_(separators=separators, tags=known)
        return Fitted((Block(columns=tuple(columns), reads="string", operations=(operation,)),))

    def _kept(self, counts: Counter[str], separator: str) -> tuple[str, ...]:
        from mlrecipe.data.sets import tags_of

        found: Counter[str] = Counter()
        for text, count in counts.items():
            for tag in tags_of(text, separator):
                found[tag] += count
        frequent = sorted(found, key=lambda t: (-found[t], t))[: self.max_tags]
        return tuple(sorted(t for t in frequent if found[t] >= self.min_count))
