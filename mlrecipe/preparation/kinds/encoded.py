"""What categories and ids share: the ways to encode one of many names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, NonNegativeFloat, PositiveInt

from mlrecipe.preparation.kinds.kind import Fitted, Kind

if TYPE_CHECKING:
    from mlrecipe.data.table_schema import Column
    from mlrecipe.interfaces import TensorKind
    from mlrecipe.preparation.operation import Operation
    from mlrecipe.preparation.statistics import Statistic
    from mlrecipe.preparation.target_statistic import TargetSums
    from mlrecipe.preparation.values import Reads

Encode = Literal["one_hot", "codes", "hash", "target"]


class Encoded(Kind):
    """Settings of columns that hold one of many names."""

    encode: Encode = Field(
        "one_hot",
        description="one_hot: an indicator each; codes: whole numbers for an embedding; hash: "
        "indicators of buckets; target: what the targets of its rows were like.",
    )
    min_count: PositiveInt = Field(
        2, description="Categories seen in fewer training rows are put with the unseen ones."
    )
    max_categories: PositiveInt = Field(
        100, description="Most categories of one column; the most frequent ones are kept."
    )
    buckets: PositiveInt = Field(64, description="Buckets of each column, where it is hashed.")
    smoothing: NonNegativeFloat = Field(
        20.0,
        description="Where the target is encoded: a category's mean counts like its rows, that of "
        "all rows like so many (the m-estimate of Micci-Barreca, 2001).",
    )

    def statistic(self, columns: Mapping[str, Column]) -> Statistic:
        from mlrecipe.preparation.statistics import Categories
        from mlrecipe.preparation.target_statistic import TargetSums

        if self.encode == "target":
            return TargetSums(tuple(columns), reads_of(columns))
        # A hash has nothing to learn.
        return Categories(() if self.encode == "hash" else tuple(columns), reads_of(columns))

    def operations(self) -> list[type[Operation]]:
        from mlrecipe.preparation.operations.categorical import OneHot
        from mlrecipe.preparation.operations.hashing import HashOneHot
        from mlrecipe.preparation.operations.ordinal import Ordinal, TargetEncode

        found: dict[Encode, type[Operation]] = {
            "one_hot": OneHot,
            "codes": Ordinal,
            "hash": HashOneHot,
            "target": TargetEncode,
        }
        return [found[self.encode]]

    def gives(self) -> TensorKind:
        return "codes" if self.encode == "codes" else "vector"

    def learns_from_targets(self) -> bool:
        return self.encode == "target"

    def fit(self, columns: Mapping[str, Column], learnt: Any) -> Fitted:
        from mlrecipe.preparation.operations.categorical import OneHot
        from mlrecipe.preparation.operations.hashing import HashOneHot
        from mlrecipe.preparation.preparation import Block

        if self.encode == "codes":
            return self._codes(columns, learnt.counts)
        operation: Operation
        if self.encode == "hash":
            operation = HashOneHot(buckets=self.buckets)
        elif self.encode == "target":
            operation = self._target(learnt)
        else:
            operation = OneHot(categories=tuple(self.kept(counts) for counts in learnt.counts))
        block = Block(columns=tuple(columns), reads=reads_of(columns), operations=(operation,))
        return Fitted((block,))

    def _codes(self, columns: Mapping[str, Column], counts: list[Counter[Any]]) -> Fitted:
        from mlrecipe.interfaces import TensorSpec
        from mlrecipe.preparation.operations.ordinal import Ordinal
        from mlrecipe.preparation.preparation import Block

        ordinal = Ordinal(categories=tuple(self.kept(item) for item in counts))
        reads = reads_of(columns)
        # Columns of strings and of numbers are read apart, and so are their tensors.
        type_ = next(iter(columns.values())).type
        name = f"{type(self).__name__.lower()}_{type_}_codes"
        spec = TensorSpec(
            name=name, kind="codes", dtype="int32", shape=(len(columns),), sizes=ordinal.sizes
        )
        block = Block(columns=tuple(columns), reads=reads, operations=(ordinal,), tensor=name)
        return Fitted((block,), (spec,))

    def _target(self, learnt: TargetSums) -> Operation:
        from mlrecipe.preparation.operations.ordinal import TargetEncode

        counts = [Counter({c: s.count for c, s in sums.items()}) for sums in learnt.sums]
        known = tuple(self.kept(item) for item in counts)
        means = tuple(
            (
                learnt.smoothed(learnt.missing[column], self.smoothing),
                *(learnt.smoothed(learnt.sums[column][c], self.smoothing) for c in categories),
            )
            for column, categories in enumerate(known)
        )
        return TargetEncode(categories=known, means=means)

    def kept(self, counts: Counter[Any]) -> tuple[Any, ...]:
        """Return the categories of a column that get a place of their own, in order."""
        # Ties are broken by name, so that the same rows in another order give the same features.
        frequent = sorted(counts, key=lambda c: (-counts[c], c))[: self.max_categories]
        return tuple(sorted(c for c in frequent if counts[c] >= self.min_count and sound(c)))


def sound(category: str | float) -> bool:
    """Return whether a category can be written down: an infinite number has no JSON."""
    return isinstance(category, str) or abs(category) < float("inf")


def reads_of(columns: Mapping[str, Column]) -> Reads:
    """Return how values of the columns, all of one type, are written."""
    return "string" if next(iter(columns.values())).type == "string" else "number"
