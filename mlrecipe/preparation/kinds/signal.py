"""Sequences: lists of numbers in order, such as what a sensor measured."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, PositiveInt

from mlrecipe.preparation.kinds.kind import Fitted, Kind

if TYPE_CHECKING:
    from mlrecipe.data.table_schema import Column
    from mlrecipe.interfaces import TensorKind
    from mlrecipe.preparation.operation import Operation
    from mlrecipe.preparation.preparation import Block
    from mlrecipe.preparation.statistics import Statistic


class Signal(Kind):
    """Signals get one length and are standardized."""

    steps: PositiveInt | None = Field(
        None,
        description="Length of a signal, cut or padded at its end; null: that of the longest in "
        "the training rows, at most max_steps.",
    )
    layout: Literal["vector", "signal"] = Field(
        "vector",
        description="vector: the steps are features side by side, as any network reads them; "
        "signal: each column is a tensor (steps, 1) of its own, for convolutions over time.",
    )
    max_steps: PositiveInt = Field(1024, description="Most steps that are found by themselves.")

    def statistic(self, columns: Mapping[str, Column]) -> Statistic:
        from mlrecipe.preparation.signal_statistic import Lists

        return Lists(tuple(columns))

    def operations(self) -> list[type[Operation]]:
        from mlrecipe.preparation.operations.signal import Signal as Operation_

        return [Operation_]

    def gives(self) -> TensorKind:
        return self.layout

    def fit(self, columns: Mapping[str, Column], learnt: Any) -> Fitted:
        from mlrecipe.interfaces import TensorSpec
        from mlrecipe.preparation.operations.signal import Signal as Operation_
        from mlrecipe.preparation.preparation import VECTOR

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
                flat=self.layout == "vector",
            )
            if self.layout == "vector":
                blocks.append(_block(column, operation, VECTOR))
                continue
            plain = re.sub(r"\W", "_", column.lower(), flags=re.ASCII)
            name = f"signal_{i}_{plain}"
            blocks.append(_block(column, operation, name))
            specs.append(TensorSpec(name=name, kind="signal", dtype="float32", shape=(steps, 1)))
        return Fitted(tuple(blocks), tuple(specs))


def _block(column: str, operation: Operation, tensor: str) -> Block:
    from mlrecipe.preparation.preparation import Block

    return Block(columns=(column,), reads="numbers", operations=(operation,), tensor=tensor)
