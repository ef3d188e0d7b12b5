"""One validation set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

import mlrecipe

if TYPE_CHECKING:
    from mlrecipe.interfaces import Array, Divisible


class Holdout(mlrecipe.Protocol, name="holdout"):
    """Sets one share of the rows apart for validation; classes keep their shares (book, 6.2.2)."""

    share: float = Field(0.2, gt=0, lt=1, description="Share of the rows to validate on.")
    stratified: bool = Field(True, description="Whether classes and tags keep their shares.")

    def split(self, rows: Divisible) -> list[tuple[Array, Array]]:
        from mlrecipe.evaluation.splitting import one_split

        return [one_split(rows, self.share, rows.seed, stratified=self.stratified)]


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Holdout]
