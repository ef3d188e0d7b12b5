"""One validation set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

import mlrecipe

if TYPE_CHECKING:
    import pandas as pd

    from mlrecipe.interfaces import Array


class Holdout(mlrecipe.Protocol, name="holdout"):
    """Sets one share of the rows apart for validation; classes keep their shares (book, 6.2.2)."""

    share: float = Field(0.2, gt=0, lt=1, description="Share of the rows to validate on.")

    def split(
        self, frame: pd.DataFrame, target: Array | None, seed: int
    ) -> list[tuple[Array, Array]]:
        import numpy as np
        from sklearn.model_selection import train_test_split

        rows = np.arange(len(frame))
        try:
            train, valid = train_test_split(
                rows, test_size=self.share, stratify=target, random_state=seed
            )
        except ValueError as error:
            raise mlrecipe.MlrecipeError(
                f"the rows cannot be split: {error}",
                where="protocol.share",
                fix="change protocol.share, or collect more rows of the rarest class",
            ) from None
        return [(np.sort(train), np.sort(valid))]


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Holdout]
