"""Looks at the shares of the classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

import mlrecipe

if TYPE_CHECKING:
    from mlrecipe.interfaces import Inspection


class Imbalance(mlrecipe.Check, name="imbalance"):
    """Classes that are rare, so that accuracy says little about them (book, 6.1.4).

    The statistic is a class's share beside an equal share of all classes, as in cleanlab's class
    imbalance issue; its count decides whether anything can be learnt of it at all.
    """

    share: float = Field(
        0.2, gt=0, lt=1, description="A class is rare below this part of an equal share."
    )
    few: int = Field(50, ge=1, description="Fewer rows of a rare class than this are a warning.")

    def inspect(self, data: Inspection) -> list[mlrecipe.Finding]:
        if not data.task.classification:
            return []
        target = data.schema.targets[0]
        counts = data.table.column(target).value_counts()
        rare = counts[counts < self.share / len(counts) * counts.sum()]
        total = int(counts.sum())
        return [self._finding(target, label, int(n), total, data) for label, n in rare.items()]

    def _finding(
        self, target: str, label: object, count: int, total: int, data: Inspection
    ) -> mlrecipe.Finding:
        binary = data.task.name == "binary"
        measures = "average_precision,roc_auc" if binary else "macro_f1"
        most_often = 1 - count / total
        return mlrecipe.Finding(
            "rare-class",
            "warning" if count < self.few else "advice",
            f"{target} is {label!r} in {count / total:.1%} of the rows ({count}).",
            {"label": str(label), "share": count / total, "count": count},
            f"Never saying {label!r} is right in {most_often:.1%} of the cases: measure by "
            f"metric=[{measures}], and try training.class_weight=balanced"
            + (
                "; name what errors cost, and the threshold follows (problem.costs)"
                if binary
                else ""
            )
            + "; collect more of them.",
            "6.1.4",
        )


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Imbalance]
