"""Every row is validated on once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

import mlrecipe
from mlrecipe.components.protocol.holdout import several

if TYPE_CHECKING:
    import pandas as pd

    from mlrecipe.interfaces import Array


class KFold(mlrecipe.Protocol, name="kfold"):
    """Validates on each fold in turn; classes keep their shares (book, 6.2.2)."""

    folds: int = Field(5, ge=2, description="Number of folds.")

    def split(
        self,
        frame: pd.DataFrame,
        target: Array | None,
        seed: int,
        groups: Array | None = None,
    ) -> list[tuple[Array, Array]]:
        import numpy as np
        from sklearn import model_selection

        if groups is not None:
            several(groups, self.folds)
            grouped = model_selection.GroupKFold(self.folds, shuffle=True, random_state=seed)
            return list(grouped.split(frame, groups=groups))
        smallest = len(frame) if target is None else int(np.bincount(target).min())
        if self.folds > smallest:
            what = "rows" if target is None else "rows of the rarest class"
            raise mlrecipe.MlrecipeError(
                f"{self.folds} folds need at least as many {what}; there are {smallest}",
                where="protocol.folds",
                fix=(f"choose at most {smallest} folds, or " if smallest > 1 else "")
                + "protocol=holdout, or collect more rows",
            )
        if target is None:
            kfold = model_selection.KFold(self.folds, shuffle=True, random_state=seed)
            return list(kfold.split(frame))
        stratified = model_selection.StratifiedKFold(self.folds, shuffle=True, random_state=seed)
        return list(stratified.split(frame, target))


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [KFold]
