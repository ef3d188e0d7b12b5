"""Looks at the shares of the classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

import mlrecipe

if TYPE_CHECKING:
    from mlrecipe.interfaces import Inspection


class Imbalance(mlrecipe.Check, name="imbalance"):
    """Classes that are rare, so that accuracy says little about them (book, 6.1.4)."""

    share: float = Field(
        0.2, gt=0, lt=1, description="A class is rare below this part of an equal share."
    )

    def inspect(self, data: Inspection) -> list[mlrecipe.Finding]:
        if not data.task.classification:
            return []
        target = data.schema.targets[0]
        shares = data.table.column(target).value_counts(normalize=True)
        rare = shares[shares < self.share / len(shares)]
        return [
            mlrecipe.Finding(
                "rare-class",
                "warning" if count < 50 else "advice",
                f"{target} is {label!r} in {share:.1%} of the rows ({count}).",
                {"label": str(label), "share": float(share), "count": count},
                "Measure by roc_auc, average_precision or macro_f1; try "
                "training.class_weight=balanced; collect more of them.",
                "6.1.4",
            )
            for label, share in rare.items()
            for count in [round(float(share) * data.table.rows)]
        ]


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Imbalance]
