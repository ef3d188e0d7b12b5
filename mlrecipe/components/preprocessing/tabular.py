"""Numbers are imputed and rescaled, categories become indicators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field, PositiveInt

import mlrecipe

if TYPE_CHECKING:
    import pandas as pd

    from mlrecipe.data.table_schema import TableSchema
    from mlrecipe.interfaces import Array
    from mlrecipe.preparation.preparation import Pipeline, Preparation


NEGLIGIBLE = 1e-9
"""A spread below this part of a column's range would blow up its outliers beyond float32."""


class Tabular(mlrecipe.Preprocessing, name="tabular"):
    """Imputes and rescales numbers, turns categories into indicators (book, 6.2.1)."""

    numeric_missing: Literal["median", "mean"] = Field(
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
    min_count: PositiveInt = Field(
        2, description="Categories seen in fewer training rows are put with the unseen ones."
    )
    max_categories: PositiveInt = Field(
        100, description="Most indicators for one column; the most frequent categories get them."
    )

    def fit(self, frame: pd.DataFrame, schema: TableSchema) -> Preparation:
        from mlrecipe.preparation.preparation import Preparation

        return Preparation(
            pipelines=tuple(
                self._numeric(frame[name], name)
                if column.kind in ("numeric", "boolean")
                else self._categorical(frame[name], name)
                for name, column in schema.features().items()
            )
        )

    def _numeric(self, values: pd.Series, name: str) -> Pipeline:
        import numpy as np

        from mlrecipe.preparation.operations import Clip, Impute, Scale, numbers
        from mlrecipe.preparation.preparation import Pipeline

        column = numbers(values)[:, 0]
        finite = column[np.isfinite(column)]
        if not len(finite):
            finite = np.zeros(1)
        fill = float(np.median(finite) if self.numeric_missing == "median" else finite.mean())
        indicator = self.indicator and bool(np.isnan(column).any())
        shift, scale = _shift_and_scale(finite, self.rescale)
        flag = (0.0,) if indicator else ()
        unit = (1.0,) if indicator else ()
        span = float(finite.max() - finite.min()) or 1.0
        return Pipeline(
            column=name,
            reads="number",
            operations=(
                Impute(fill=fill, indicator=indicator),
                # An outlier far beyond the range seen in training would drown every other input.
                Clip(
                    low=(float(finite.min()) - span, *flag),
                    high=(float(finite.max()) + span, *unit),
                ),
                Scale(shift=(shift, *flag), scale=(scale, *unit)),
            ),
        )

    def _categorical(self, values: pd.Series, name: str) -> Pipeline:
        from collections import Counter

        from mlrecipe.preparation.operations import MISSING, OneHot, strings
        from mlrecipe.preparation.preparation import Pipeline

        counts = Counter(v for v in strings(values)[:, 0] if v != MISSING)
        # Ties are broken by name, so that the same rows in another order give the same features.
        frequent = sorted(counts, key=lambda c: (-counts[c], c))[: self.max_categories]
        kept = tuple(sorted(c for c in frequent if counts[c] >= self.min_count))
        return Pipeline(column=name, reads="string", operations=(OneHot(categories=kept),))


def _shift_and_scale(finite: Array, rescale: str) -> tuple[float, float]:
    import numpy as np

    if rescale == "standard":
        shift, scale = finite.mean(), finite.std()
    elif rescale == "min_max":
        shift, scale = finite.min(), finite.max() - finite.min()
    elif rescale == "robust":
        low, shift, high = np.quantile(finite, [0.25, 0.5, 0.75])
        scale = high - low
    else:
        shift, scale = 0.0, 1.0
    span = float(finite.max() - finite.min())
    if rescale != "none" and not scale > NEGLIGIBLE * span:
        scale = span or 1.0
    return float(shift), float(scale)


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Tabular]
