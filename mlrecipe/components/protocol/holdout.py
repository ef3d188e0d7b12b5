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

    def split(self, rows: Divisible) -> list[tuple[Array, Array]]:
        import numpy as np
        from sklearn.model_selection import train_test_split

        if rows.groups is not None:
            return [_by_groups(rows.groups, self.share, rows.seed)]
        try:
            train, valid = train_test_split(
                np.arange(rows.rows),
                test_size=self.share,
                stratify=rows.classes,
                random_state=rows.seed,
            )
        except ValueError as error:
            raise mlrecipe.MlrecipeError(
                f"the rows cannot be split: {error}",
                where="protocol.share",
                fix="change protocol.share, or collect more rows of the rarest class",
            ) from None
        return [(np.sort(train), np.sort(valid))]


def _by_groups(groups: Array, share: float, seed: int) -> tuple[Array, Array]:
    """Set a share of the groups apart, with all their rows."""
    import numpy as np
    from sklearn.model_selection import GroupShuffleSplit

    several(groups, 2)
    splitter = GroupShuffleSplit(1, test_size=share, random_state=seed)
    train, valid = next(splitter.split(np.zeros(len(groups)), groups=groups))
    return np.sort(train), np.sort(valid)


def several(groups: Array, wanted: int) -> None:
    """Refuse to split when there are fewer groups than parts."""
    import numpy as np

    count = len(np.unique(groups))
    if count < wanted:
        raise mlrecipe.MlrecipeError(
            f"the rows form {count} group(s), and {wanted} parts need one each",
            where="problem.grouped_by",
            fix="name a column with more groups, choose fewer folds, or collect more",
        )


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Holdout]
