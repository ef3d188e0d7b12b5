"""Every row is validated on once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

import mlrecipe
from mlrecipe.components.protocol.holdout import several

if TYPE_CHECKING:
    from mlrecipe.interfaces import Array, Divisible


class KFold(mlrecipe.Protocol, name="kfold"):
    """Validates on each fold in turn; classes keep their shares (book, 6.2.2)."""

    folds: int = Field(5, ge=2, description="Number of folds.")

    def split(self, rows: Divisible) -> list[tuple[Array, Array]]:
        import numpy as np
        from sklearn import model_selection

        everyone = np.zeros(rows.rows)
        if rows.groups is not None:
            several(rows.groups, self.folds)
            grouped = model_selection.GroupKFold(self.folds, shuffle=True, random_state=rows.seed)
            return list(grouped.split(everyone, groups=rows.groups))
        target = rows.classes
        smallest = rows.rows if target is None else int(np.bincount(target).min())
        if self.folds > smallest:
            what = "rows" if target is None else "rows of the rarest class"
            raise mlrecipe.MlrecipeError(
                f"{self.folds} folds need at least as many {what}; there are {smallest}",
                where="protocol.folds",
                fix=(f"choose at most {smallest} folds, or " if smallest > 1 else "")
                + "protocol=holdout, or collect more rows",
            )
        if target is None:
            kfold = model_selection.KFold(self.folds, shuffle=True, random_state=rows.seed)
            return list(kfold.split(everyone))
        stratified = model_selection.StratifiedKFold(
            self.folds, shuffle=True, random_state=rows.seed
        )
        return list(stratified.split(everyone, target))


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [KFold]
