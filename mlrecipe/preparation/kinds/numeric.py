"""Numbers and truths: imputed, limited, rescaled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from mlrecipe.preparation.kinds.kind import Fitted, Kind

if TYPE_CHECKING:
    from mlrecipe.data.table_schema import Column
    from mlrecipe.interfaces import Array
    from mlrecipe.preparation.operation import Operation
    from mlrecipe.preparation.statistics import Statistic

NEGLIGIBLE = 1e-9
"""A spread below this part of a column's range would blow up its outliers beyond float32."""

SMALLEST = 1e-30
"""A column whose values differ by less is constant: some runtimes take such numbers for 0."""


class Numeric(Kind):
    """Numbers are imputed, limited to about the range seen, and rescaled (book, 6.2.1)."""

    missing: Literal["median", "mean"] = Field(
        "median", description="What stands in for a missing number; never an arbitrary value."
    )
    indicator: bool = Field(
        True, description="Add a feature that says a number was missing, where gaps occur."
    )
    rescale: Literal["standard", "min_max", "robust", "none"] = Field(
        "standard",
        description="standard: mean 0 and deviation 1; min_max: 0 to 1; robust: median 0 and "
        "interquartile range 1; none: as they are.",
    )

    def statistic(self, columns: Mapping[str, Column]) -> Statistic:
        from mlrecipe.preparation.statistics import Numbers

        return Numbers(tuple(columns))

    def operations(self) -> list[type[Operation]]:
        from mlrecipe.preparation.operations.numeric import Clip, Impute, Scale

        return [Impute, Clip, Scale]

    def fit(self, columns: Mapping[str, Column], learnt: Statistic) -> Fitted:
        import numpy as np

        from mlrecipe.preparation.operations.numeric import Clip, Impute, Scale
        from mlrecipe.preparation.preparation import Block
        from mlrecipe.preparation.statistics import Numbers

        assert isinstance(learnt, Numbers)
        seen = learnt.count > 0
        low, high = np.where(seen, learnt.low, 0.0), np.where(seen, learnt.high, 0.0)
        fill = learnt.quantiles(0.5)[0] if self.missing == "median" else learnt.mean
        flags = np.flatnonzero(learnt.missing) if self.indicator else np.zeros(0, dtype=int)
        zeros, ones = np.zeros(len(flags)), np.ones(len(flags))
        shift, scale = self._shift_and_scale(learnt, low, high)
        # An outlier far beyond the range seen in training would drown every other input.
        span = np.where(high > low, high - low, 1.0)

        def floats(*parts: Array) -> tuple[float, ...]:
            return tuple(float(v) for part in parts for v in part)

        operations: tuple[Any, ...] = (
            Impute(fill=floats(fill), indicator=tuple(int(i) for i in flags)),
            Clip(low=floats(low - span, zeros), high=floats(high + span, ones)),
        )
        if self.rescale != "none":
            operations += (Scale(shift=floats(shift, zeros), scale=floats(scale, ones)),)
        return Fitted((Block(columns=tuple(columns), reads="number", operations=operations),))

    def _shift_and_scale(self, learnt: Any, low: Array, high: Array) -> tuple[Array, Array]:
        import numpy as np

        if self.rescale == "robust":
            lower, shift, upper = learnt.quantiles([0.25, 0.5, 0.75])
            scale = upper - lower
        elif self.rescale == "min_max":
            shift, scale = low, high - low
        else:
            shift, scale = learnt.mean, learnt.deviation
        span = high - low
        varies = span > SMALLEST
        negligible = ~(scale > NEGLIGIBLE * span)
        return shift, np.where(varies, np.where(negligible, span, scale), 1.0)
