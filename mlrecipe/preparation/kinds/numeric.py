"""Numbers and truths: imputed, limited, rescaled, and encoded where that helps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from mlrecipe.preparation.kinds.kind import Fitted, Kind

if TYPE_CHECKING:
    from mlrecipe.data.table_schema import Column
    from mlrecipe.interfaces import Array
    from mlrecipe.preparation.operation import Operation
    from mlrecipe.preparation.statistics import Numbers, Statistic

NEGLIGIBLE = 1e-9
"""A spread below this part of a column's range would blow up its outliers beyond float32."""

SMALLEST = 1e-30
"""A column whose values differ by less is constant: some runtimes take such numbers for 0."""

SKEWED = 2.0
"""Skewness from which ``log=auto`` takes the logarithm: that of the exponential distribution."""

QUANTILES = 256
"""Points at which the ranks of ``rescale=quantile`` are kept."""


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
        from mlrecipe.preparation.operations import numeric

        found: list[type[Operation]] = [
            numeric.ImputeLinear if self.missing == "linear" else numeric.Impute,
            numeric.Clip,
        ]
        found += [numeric.Log] if self.log != "never" else []
        if self.rescale != "none":
            found.append(numeric.Quantile if self.rescale == "quantile" else numeric.Scale)
        if self.encode != "none":
            piecewise = self.encode == "piecewise_linear"
            found.append(numeric.PiecewiseLinear if piecewise else numeric.Periodic)
        return found

    def fit(self, columns: Mapping[str, Column], learnt: Statistic) -> Fitted:
        import numpy as np

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

        from mlrecipe.preparation.operations.numeric import (
            Periodic,
            PiecewiseLinear,
            Quantile,
            Scale,
        )

        zeros, ones = np.zeros(flags), np.ones(flags)
        shift, scale = np.zeros(len(learnt.columns)), np.ones(len(learnt.columns))
        found: list[Operation] = []
        if self.rescale == "quantile":
            points, ranks = rank_points(learnt)
            kept = ((0.0, 1.0),) * flags
            found.append(Quantile(points=(*points, *kept), ranks=(*ranks, *kept)))
            learnt = learnt.mapped(Quantile(points=points, ranks=ranks).apply)
        elif self.rescale != "none":
            shift, scale = self._shift_and_scale(learnt)
            found.append(Scale(shift=floats(shift, zeros), scale=floats(scale, ones)))
        if self.encode == "piecewise_linear":
            edges = bin_edges((learnt.rows - shift) / scale, self.bins)
            found.append(PiecewiseLinear(edges=(*edges, *((0.0, 1.0),) * flags)))
        elif self.encode == "periodic":
            frequencies = tuple(2.0 ** (k - 3) for k in range(self.frequencies))
            columns = tuple(range(len(learnt.columns)))
            found.append(Periodic(columns=columns, frequencies=frequencies))
        return found

    def _shift_and_scale(self, learnt: Numbers) -> tuple[Array, Array]:
        import numpy as np

        seen = learnt.count > 0
        low, high = np.where(seen, learnt.low, 0.0), np.where(seen, learnt.high, 0.0)
        if self.rescale == "robust":
            lower, shift, upper = learnt.quantiles([0.25, 0.5, 0.75])
            scale = upper - lower
        elif self.rescale == "min_max":
            shift, scale = low, high - low
        else:
            shift, scale = learnt.mean, learnt.deviation
        span = high - low
        negligible = ~(scale > NEGLIGIBLE * span)
        return shift, np.where(span > SMALLEST, np.where(negligible, span, scale), 1.0)


def floats(*parts: Any) -> tuple[float, ...]:
    """Return arrays one after the other as plain numbers."""
    return tuple(float(value) for part in parts for value in part)


def regressions(rows: Array, fill: Array) -> tuple[Array, Array]:
    """Return weights (n, n) and offsets (n,) that predict every column from the others.

    Ridge regression with a penalty of one row, on standardized columns, over the rows in which the
    column is known (Buck, 1960, J. R. Stat. Soc. B 22).

    Args:
        rows: float64 (rows, n), NaN where a number is missing.
        fill: what a gap among the other columns counts as (n,).
    """
    import numpy as np

    n = rows.shape[1]
    filled = np.where(np.isnan(rows), fill, rows)
    mean, deviation = filled.mean(axis=0) if len(rows) else fill, np.ones(n)
    if len(rows):
        spread = filled.std(axis=0)
        deviation = np.where(spread > SMALLEST, spread, 1.0)
    standard = (filled - mean) / deviation
    weights, offset = np.zeros((n, n)), np.array(fill, dtype=np.float64)
    for j in range(n):
        known, others = ~np.isnan(rows[:, j]), np.arange(n) != j
        if not known.any() or not others.any():
            continue
        x, y = standard[known][:, others], rows[known, j]
        gram = x.T @ x + np.eye(n - 1)
        found = np.linalg.solve(gram, x.T @ (y - y.mean())) / deviation[others]
        weights[others, j] = found
        offset[j] = y.mean() - mean[others] @ found
    return weights, offset


def rank_points(learnt: Numbers) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Return increasing values of each column, and the standardized rank at each of them."""
    import numpy as np

    shares = np.linspace(0, 1, QUANTILES + 1)
    points, ranks = [], []
    for column in learnt.quantiles(shares).T:
        distinct, inverse = np.unique(column, return_inverse=True)
        middle = np.bincount(inverse, shares) / np.bincount(inverse)
        points.append(floats(distinct))
        ranks.append(floats((middle - 0.5) * np.sqrt(12)))
    return tuple(points), tuple(ranks)


def bin_edges(rows: Array, bins: int) -> tuple[tuple[float, ...], ...]:
    """Return the edges of bins that hold equally many rows; a constant column gets one bin."""
    import numpy as np

    found = []
    for column in rows.T:
        present = column[~np.isnan(column)]
        shares = np.linspace(0, 1, bins + 1)
        edges = np.unique(np.quantile(present, shares)).tolist() if len(present) else []
        apart = [e for i, e in enumerate(edges) if i == 0 or e - edges[i - 1] > NEGLIGIBLE]
        found.append(tuple(apart) if len(apart) > 1 else (0.0, 1.0))
    return tuple(found)
