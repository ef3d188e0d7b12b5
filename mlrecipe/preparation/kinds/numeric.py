"""Numbers and truths: imputed, limited, rescaled, and encoded where that helps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from mlrecipe.preparation.kinds.kind import Fitted, Kind

if TYPE_CHECKING:
    from mlrecipe.data.table_schema import Column
    from mlrecipe.interfaces import Array
    from mlrecipe.preparation.operation import Operation
    from mlrecipe.preparation.statistics import Numbers, Statistic

SKEWED = 2.0
"""Skewness from which ``log=auto`` takes the logarithm: that of the exponential distribution."""


class Numeric(Kind):
    """Numbers are imputed, limited to about the range seen, and rescaled (book, 6.2.1)."""

    missing: Literal["median", "mean", "linear"] = Field(
        "median",
        description="What stands in for a missing number, never an arbitrary value: the median, "
        "the mean, or a linear prediction from the other numbers.",
    )
    indicator: bool = Field(
        True, description="Add a feature that says a number was missing, where gaps occur."
    )
    log: Literal["never", "auto", "always"] = Field(
        "never",
        description="Take sign(x) log(1 + |x|) before anything else; auto: of columns whose "
        f"skewness is beyond {SKEWED:g}.",
    )
    rescale: Literal["standard", "min_max", "robust", "quantile", "none"] = Field(
        "standard",
        description="standard: mean 0 and deviation 1; min_max: 0 to 1; robust: median 0 and "
        "interquartile range 1; quantile: the rank, evenly from -1.73 to 1.73; none: as they are.",
    )
    encode: Literal["none", "piecewise_linear", "periodic"] = Field(
        "none",
        description="piecewise_linear: how far each of a column's bins is filled; periodic: sines "
        "and cosines of several frequencies are added (Gorishniy et al., 2022).",
    )
    bins: int = Field(32, ge=2, description="Most bins of piecewise_linear, of equal numbers.")
    frequencies: int = Field(
        4, ge=1, le=16, description="Frequencies of periodic: 1/8, 1/4, 1/2 … cycles a deviation."
    )

    def statistic(self, columns: Mapping[str, Column]) -> Statistic:
        from mlrecipe.preparation.statistics import Numbers

        return Numbers(tuple(columns))

    def operations(self) -> list[type[Operation]]:
        from mlrecipe.preparation.operations import number_encodings, numeric

        found: list[type[Operation]] = [
            numeric.ImputeLinear if self.missing == "linear" else numeric.Impute,
            numeric.Clip,
        ]
        found += [numeric.Log] if self.log != "never" else []
        if self.rescale != "none":
            found.append(number_encodings.Quantile if self.rescale == "quantile" else numeric.Scale)
        if self.encode != "none":
            piecewise = self.encode == "piecewise_linear"
            encoders = (number_encodings.Periodic, number_encodings.PiecewiseLinear)
            found.append(encoders[piecewise])
        return found

    def fit(self, columns: Mapping[str, Column], learnt: Statistic) -> Fitted:
        import numpy as np

        from mlrecipe.preparation.kinds.numeric_fitting import SMALLEST, floats
        from mlrecipe.preparation.operations.numeric import Clip, Log
        from mlrecipe.preparation.preparation import Block
        from mlrecipe.preparation.statistics import Numbers

        assert isinstance(learnt, Numbers)
        low, high = learnt.low.copy(), learnt.high.copy()
        low[learnt.count == 0], high[learnt.count == 0] = 0.0, 0.0
        flags = np.flatnonzero(learnt.missing) if self.indicator else np.zeros(0, dtype=np.int64)
        zeros, ones = np.zeros(len(flags)), np.ones(len(flags))
        # An outlier far beyond the range seen in training would drown every other input.
        span = np.where(high - low > SMALLEST, high - low, 1.0)
        operations: list[Operation] = [
            self._impute(learnt, low, high, flags),
            Clip(low=floats(low - span, zeros), high=floats(high + span, ones)),
        ]
        logged = self._logged(learnt)
        if len(logged):
            operations.append(Log(columns=tuple(int(i) for i in logged)))
            learnt = learnt.mapped(Log(columns=tuple(int(i) for i in logged)).apply)
        operations += self._rescaled(learnt, len(flags))
        block = Block(columns=tuple(columns), reads="number", operations=tuple(operations))
        return Fitted((block,))

    def _impute(self, learnt: Numbers, low: Array, high: Array, flags: Array) -> Operation:
        from mlrecipe.preparation.kinds.numeric_fitting import floats, regressions
        from mlrecipe.preparation.operations.numeric import Impute, ImputeLinear

        fill = learnt.mean if self.missing == "mean" else learnt.quantiles(0.5)[0]
        indicator = tuple(int(i) for i in flags)
        if self.missing != "linear":
            return Impute(fill=floats(fill), indicator=indicator)
        weights, offset = regressions(learnt.rows, fill)
        return ImputeLinear(
            fill=floats(fill),
            indicator=indicator,
            weights=tuple(floats(row) for row in weights),
            offset=floats(offset),
            low=floats(low),
            high=floats(high),
        )

    def _logged(self, learnt: Numbers) -> Array:
        """Return the positions of the columns that are taken the logarithm of."""
        import numpy as np

        if self.log == "never":
            return np.zeros(0, dtype=np.int64)
        if self.log == "always":
            return np.arange(len(learnt.columns))
        with np.errstate(invalid="ignore", divide="ignore"):
            z = (learnt.rows - learnt.mean) / learnt.deviation
            count = np.maximum((~np.isnan(z)).sum(axis=0), 1)
            skewness = np.nansum(np.where(np.isfinite(z), z, 0.0) ** 3, axis=0) / count
        return np.flatnonzero(np.abs(skewness) > SKEWED)

    def _rescaled(self, learnt: Numbers, flags: int) -> list[Operation]:
        """Return what rescales and encodes the numbers; the indicators after them stay."""
        import numpy as np

        from mlrecipe.preparation.kinds.numeric_fitting import (
            bin_edges,
            floats,
            rank_points,
            shift_and_scale,
        )
        from mlrecipe.preparation.operations.number_encodings import (
            Periodic,
            PiecewiseLinear,
            Quantile,
        )
        from mlrecipe.preparation.operations.numeric import Scale

        zeros, ones = np.zeros(flags), np.ones(flags)
        shift, scale = np.zeros(len(learnt.columns)), np.ones(len(learnt.columns))
        found: list[Operation] = []
        if self.rescale == "quantile":
            points, ranks = rank_points(learnt)
            kept = ((0.0, 1.0),) * flags
            found.append(Quantile(points=(*points, *kept), ranks=(*ranks, *kept)))
            learnt = learnt.mapped(Quantile(points=points, ranks=ranks).apply)
        elif self.rescale != "none":
            shift, scale = shift_and_scale(learnt, self.rescale)
            found.append(Scale(shift=floats(shift, zeros), scale=floats(scale, ones)))
        if self.encode == "piecewise_linear":
            edges = bin_edges((learnt.rows - shift) / scale, self.bins)
            found.append(PiecewiseLinear(edges=(*edges, *((0.0, 1.0),) * flags)))
        elif self.encode == "periodic":
            frequencies = tuple(2.0 ** (k - 3) for k in range(self.frequencies))
            columns = tuple(range(len(learnt.columns)))
            found.append(Periodic(columns=columns, frequencies=frequencies))
        return found
