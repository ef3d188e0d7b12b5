"""Sequences: lists of numbers in order, such as what a sensor measured."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import Field, PositiveInt

from mlrecipe.preparation.kinds.kind import Fitted, Kind

if TYPE_CHECKING:
    from mlrecipe.data.table_schema import Column
    from mlrecipe.interfaces import TensorKind
    from mlrecipe.preparation.operation import Operation
    from mlrecipe.preparation.statistics import Statistic


class Signal(Kind):
    """Signals get one length and are standardized, each column a tensor (steps, 1) of its own."""

    steps: PositiveInt | None = Field(
        None,
        description="Length of a signal, cut or padded at its end; null: that of the longest in "
        "the training rows, at most max_steps.",
    )
    max_steps: PositiveInt = Field(1024, description="Most steps that are found by themselves.")

    def statistic(self, columns: Mapping[str, Column]) -> Statistic:
        from mlrecipe.preparation.signal_statistic import Lists

        return Lists(tuple(columns))

    def operations(self) -> list[type[Operation]]:
        from mlrecipe.preparation.operations.signal import Signal as Operation_

        return [Operation_]

    def gives(self) -> TensorKind:
        return "signal"

    def fit(self, columns: Mapping[str, Column], learnt: Any) -> Fitted:
        from mlrecipe.interfaces import TensorSpec
        from mlrecipe.preparation.operations.signal import Signal as Operation_
        from mlrecipe.preparation.preparation import Block

        blocks, specs = [], []
        for i, column in enumerate(columns):
            steps = self.steps or max(1, min(learnt.longest[i], self.max_steps))
            low, high, mean, deviation = learnt.range_of(i)
            operation = Operation_(
                steps=steps,
                # A number far beyond those seen in training would drown every other one.
                low=2 * low - high,
                high=2 * high - low,
                shift=mean,
                scale=deviation or 1.0,
            )
            plain = re.sub(r"\W", "_", column.lower(), flags=re.ASCII)
            name = f"signal_{i}_{plain}"
            blocks.append(
                Block(columns=(column,), reads="numbers", operations=(operation,), tensor=name)
            )
            specs.append(TensorSpec(name=name, kind="signal", dtype="float32", shape=(steps, 1)))
        return Fitted(tuple(blocks), tuple(specs))
