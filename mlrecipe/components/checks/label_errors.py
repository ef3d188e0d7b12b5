"""Looks for labels that are probably wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

import mlrecipe

if TYPE_CHECKING:
    from mlrecipe.exploration.label_errors import Suspects
    from mlrecipe.interfaces import Inspection

SHOWN = 10


class LabelErrors(mlrecipe.Check, name="label_errors"):
    """Labels that a quick model contradicts with confidence on rows it was not trained on.

    Confident learning (Northcutt, Jiang and Chuang, 2021): a row is suspicious when another class
    is as probable for it as that class is on average for its own rows. The model is the mean of a
    logistic regression and a forest, out of fold, on at most 5,000 rows. Where classes overlap,
    some rows contradict any good model, but then it is undecided about many more; so suspicious
    rows are held against undecided ones. A wrong label contradicts where there is no doubt.
    """

    share: float = Field(
        0.02, ge=0, le=1, description="Share of suspicious labels that is a warning."
    )
    margin: float = Field(
        0.5, ge=0, lt=1, description="How much more probable the other class has to be."
    )
    doubt: float = Field(
        0.25,
        ge=0,
        description="Suspicious rows per undecided row, below which they are hard cases.",
    )
    accuracy: float = Field(
        0.9,
        ge=0,
        le=1,
        description="Balanced accuracy from which on a few hard cases are worth a look as well.",
    )

    def inspect(self, data: Inspection) -> list[mlrecipe.Finding]:
        from mlrecipe.exploration.label_errors import suspects

        if not data.task.classification:
            return []
        found = suspects(data, self.margin)
        if found is None or not found.suspicious.any():
            return []
        clear = float(found.suspicious.mean()) >= self.doubt * found.undecided
        if not clear and found.accuracy < self.accuracy:
            return []
        return [self._finding(found, data.schema.targets[0], clear=clear)]

    def _finding(self, found: Suspects, target: str, *, clear: bool) -> mlrecipe.Finding:
        import numpy as np

        count = int(found.suspicious.sum())
        share = count / len(found.rows)
        worst = np.argsort(np.where(found.suspicious, -found.margin, 1), kind="stable")
        listed = [
            {
                "row": int(found.rows[i]),
                "label": str(found.names[found.given[i]]),
                "suggested": str(found.names[found.suggested[i]]),
                "margin": round(float(found.margin[i]), 3),
            }
            for i in worst[: min(count, SHOWN)]
        ]
        first = listed[0]
        return mlrecipe.Finding(
            "label-errors",
            "warning" if clear and share >= self.share else "note",
            f"{count} of {len(found.rows)} labels ({share:.1%}) look wrong: a model that is right "
            f"in {found.accuracy:.0%} of each class is sure of another one. Row {first['row']} is "
            f"labelled {first['label']!r} and looks like {first['suggested']!r}.",
            {"count": count, "share": share, "accuracy": found.accuracy, "most_suspicious": listed},
            f"Look at these rows; correct {target} where it is wrong.",
            "6.1.2",
        )


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [LabelErrors]
