"""Looks at the numbers that will enter the network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

import mlrecipe

if TYPE_CHECKING:
    from mlrecipe.interfaces import Inspection


class Scales(mlrecipe.Check, name="scales"):
    """Features that reach the network large, or on a scale of their own (book, 6.2.1).

    The recipe's preprocessing is fitted on at most 10,000 rows and applied to them. A feature is
    large when 1 % of its values are beyond the limit (after standardization none can be: Chebyshev,
    1867, leaves 1 % beyond 10 deviations), and tiny when it varies but hardly at all.
    """

    limit: float = Field(10.0, gt=0, description="Size that 99 % of a feature's values keep below.")
    tiny: float = Field(
        1e-3, ge=0, description="A feature whose values all stay within this of 0 is tiny."
    )

    def inspect(self, data: Inspection) -> list[mlrecipe.Finding]:
        import numpy as np

        from mlrecipe.data.table import SAMPLE_ROWS, Table
        from mlrecipe.preparation.preparation import VECTOR

        if data.preprocessing is None or not data.preprocessing.gives(data.schema):
            return []
        rows = data.table.sample(SAMPLE_ROWS, data.seed)
        table, targets = Table(rows), rows[list(data.schema.targets)]
        y = data.task.encode(targets, data.task.fit_target(targets, data.problem))
        preparation, tensors = data.preprocessing.fit_transform(table, data.schema, y)
        x, names = np.abs(tensors.get(VECTOR, np.zeros(0))), preparation.feature_names()
        if not x.size:
            return []
        usual, largest, varies = np.quantile(x, 0.99, axis=0), x.max(axis=0), np.ptp(x, axis=0) > 0
        wrong = (usual > self.limit) | ((largest < self.tiny) & varies)
        if not wrong.any():
            return []
        sizes = {names[i]: float(usual[i]) for i in np.flatnonzero(wrong)}
        order = sorted(sizes, key=lambda name: -abs(np.log(max(sizes[name], 1e-30))))
        return [
            mlrecipe.Finding(
                "unscaled-inputs",
                "warning",
                f"{len(sizes)} of {len(names)} features enter the network on a scale of their own: "
                + ", ".join(f"{name} up to {sizes[name]:.3g}" for name in order[:4])
                + (" …" if len(order) > 4 else "."),
                {"features": {name: sizes[name] for name in order[:20]}, "count": len(sizes)},
                "Networks want small numbers of one size: preprocessing.numeric.rescale=standard.",
                "6.2.1",
            )
        ]


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Scales]
