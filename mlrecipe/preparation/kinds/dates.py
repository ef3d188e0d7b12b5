"""Dates and times: how long ago, and where in the year, the week and the day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from mlrecipe.preparation.kinds.kind import Fitted, Kind

if TYPE_CHECKING:
    from mlrecipe.data.table_schema import Column
    from mlrecipe.preparation.date_statistic import DateColumns
    from mlrecipe.preparation.operation import Operation
    from mlrecipe.preparation.operations.dates import Part
    from mlrecipe.preparation.statistics import Statistic

PartName = Literal["elapsed", "year", "month", "day_of_week", "hour", "day_of_year", "weekend"]


class Dates(Kind):
    """Dates become elapsed days and cyclic features, in UTC; a date in no time zone is taken so."""

    parts: tuple[PartName, ...] | None = Field(
        None,
        description="elapsed days, rescaled; year; month, day_of_week, hour, day_of_year as sine "
        "and cosine; weekend; null: elapsed, month, day_of_week, and hour where times differ.",
    )
    order: Literal["auto", "day_month", "month_day"] = Field(
        "auto",
        description="Which comes first where the year is last; auto: the one that more of the "
        "training rows fit, day_month where as many fit either.",
    )
    indicator: bool = Field(
        True, description="Add a feature that says a date was missing, where gaps occur."
    )

    def statistic(self, columns: Mapping[str, Column]) -> Statistic:
        from mlrecipe.preparation.date_statistic import DateColumns

        return DateColumns(tuple(columns))

    def operations(self) -> list[type[Operation]]:
        from mlrecipe.preparation.operations.dates import DateParts, ParseDates

        return [ParseDates, DateParts]

    def fit(self, columns: Mapping[str, Column], learnt: Any) -> Fitted:
        from mlrecipe.preparation.operations.dates import DateParts, ParseDates
        from mlrecipe.preparation.preparation import Block

        orders = tuple(
            learnt.order_of(i) if self.order == "auto" else self.order for i in range(len(columns))
        )
        seen = [learnt.days[order].of(i) for i, order in enumerate(orders)]
        parts = DateParts(
            parts=tuple(self._parts(learnt, i) for i in range(len(columns))),
            fill=tuple(item.median for item in seen),
            # A date far beyond those seen in training would drown every other input.
            low=tuple(2 * item.low - item.high for item in seen),
            high=tuple(2 * item.high - item.low for item in seen),
            shift=tuple(item.mean for item in seen),
            scale=tuple(item.deviation or 1.0 for item in seen),
            indicator=tuple(i for i, item in enumerate(seen) if item.missing and self.indicator),
        )
        operations: tuple[Operation, ...] = (ParseDates(orders=orders), parts)
        return Fitted((Block(columns=tuple(columns), reads="string", operations=operations),))

    def _parts(self, learnt: DateColumns, column: int) -> tuple[Part, ...]:
        if self.parts is not None:
            return self.parts
        times = bool(learnt.timed[column])
        return ("elapsed", "month", "day_of_week", *(("hour",) if times else ()))
