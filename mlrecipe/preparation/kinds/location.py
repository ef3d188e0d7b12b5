"""Places: pairs of a latitude and a longitude in degrees."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import Field, PositiveFloat, PositiveInt

from mlrecipe.errors import MlrecipeError
from mlrecipe.preparation.kinds.kind import Fitted, Kind
from mlrecipe.preparation.kinds.numeric import Numeric

if TYPE_CHECKING:
    from mlrecipe.data.table_schema import Column
    from mlrecipe.preparation.operation import Operation
    from mlrecipe.preparation.statistics import Numbers, Statistic

EDGES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0)
"""Sizes of cells in degrees that are chosen from."""

CELLS_ACROSS = 50
"""The cells are as large as to part the middle 98 % of the rows into no more, either way."""

NUMBERS = Numeric()
"""How the degrees themselves are prepared."""


class Location(Kind):
    """Places become two rescaled numbers, and indicators of the cells of a grid."""

    grid: bool = Field(True, description="Add an indicator for each of the most frequent cells.")
    cell: PositiveFloat | None = Field(
        None,
        description="Edge of a cell in degrees; null: such that 50 cells hold the middle 98 % of "
        "the training rows from end to end.",
    )
    max_cells: PositiveInt = Field(200, description="Most cells of one pair of columns.")
    min_count: PositiveInt = Field(10, description="Training rows that a cell needs.")
    pairs: tuple[tuple[str, str], ...] = Field(
        (), description="Latitude and longitude columns whose names do not tell: [[y,x]]."
    )

    def statistic(self, columns: Mapping[str, Column]) -> Statistic:
        return NUMBERS.statistic(columns)

    def operations(self) -> list[type[Operation]]:
        from mlrecipe.preparation.operations.location import LocationGrid

        return [*NUMBERS.operations(), *([LocationGrid] if self.grid else [])]

    def fit(self, columns: Mapping[str, Column], learnt: Any) -> Fitted:
        from mlrecipe.preparation.operations.location import LocationGrid
        from mlrecipe.preparation.preparation import Block

        numbers = NUMBERS.fit(columns, learnt)
        pairs = self._pairs(list(columns))
        if not self.grid or not pairs:
            return numbers
        sizes = tuple(self.cell or self._edge(learnt, pair) for pair in pairs)
        cells = tuple(
            self._cells(learnt, pair, size) for pair, size in zip(pairs, sizes, strict=True)
        )
        grid = Block(
            columns=tuple(name for pair in pairs for name in pair),
            reads="number",
            operations=(LocationGrid(sizes=sizes, cells=cells),),
        )
        return Fitted((*numbers.blocks, grid))

    def _pairs(self, names: list[str]) -> list[tuple[str, str]]:
        """Return the pairs; a latitude alone is a number, and no place."""
        from mlrecipe.data.locations import NAMES, pairs_by_name

        named = [pair for pair in self.pairs if set(pair) <= set(names)]
        told = {name for pair in named for name in pair}
        rest = [name for name in names if name not in told]
        found = [*named, *pairs_by_name(rest)]
        paired = {name for pair in found for name in pair}
        for name in rest:
            words = name.lower()
            if name not in paired and not any(part.search(words) for part in NAMES.values()):
                raise MlrecipeError(
                    f"{name!r} is a location, and its name tells neither latitude nor longitude",
                    where="preprocessing.location.pairs",
                    expected="pairs of a latitude and a longitude column",
                    fix=f"preprocessing.location.pairs=[[LATITUDE,{name}]], "
                    f"or schema.kinds.{name}=numeric",
                )
        return found

    def _edge(self, learnt: Numbers, pair: tuple[str, str]) -> float:
        low, high = learnt.quantiles([0.01, 0.99])
        widest = max(float(high[i] - low[i]) for i in map(learnt.columns.index, pair))
        return next((e for e in EDGES if e * CELLS_ACROSS >= widest), EDGES[-1])

    def _cells(
        self, learnt: Numbers, pair: tuple[str, str], size: float
    ) -> tuple[tuple[int, int], ...]:
        """Return the most frequent cells, by the sampled rows, in order."""
        import numpy as np

        from mlrecipe.preparation.operations.location import cells_of

        places = learnt.rows[:, [learnt.columns.index(name) for name in pair]]
        cells = cells_of(places, size)
        cells = cells[~np.isnan(cells).any(axis=1)].astype(np.int64)
        counts = Counter(map(tuple, cells.tolist()))
        frequent = sorted(counts, key=lambda c: (-counts[c], c))[: self.max_cells]
        return tuple(sorted(c for c in frequent if counts[c] >= self.min_count))
