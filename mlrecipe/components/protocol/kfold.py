"""Every row is validated on once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

import mlrecipe

if TYPE_CHECKING:
    from mlrecipe.interfaces import Array, Divisible


class KFold(mlrecipe.Protocol, name="kfold"):
    """Validates on each fold in turn; classes keep their shares (book, 6.2.2)."""

    folds: int = Field(5, ge=2, description="Number of folds.")
    stratified: bool = Field(True, description="Whether classes and tags keep their shares.")

    def split(self, rows: Divisible) -> list[tuple[Array, Array]]:
        from mlrecipe.evaluation.splitting import k_folds

        return k_folds(rows, self.folds, rows.seed, stratified=self.stratified)


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [KFold]
