"""Which rows stay on one side of every split, and of the seal: groups, blocks, copies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from mlrecipe.data.copies import copies, joined
from mlrecipe.data.table_schema import TableSchema
from mlrecipe.interfaces import Array
from mlrecipe.recipe import Recipe
from mlrecipe.run_folder import Run
from mlrecipe.steps.context import StepContext
from mlrecipe.steps.things import group_column, group_of_rows

USUAL = 0.2
"""Share of copies from which on `copies=auto` takes them for cases that usually agree: tables of a
few categories consist of them, and so do recordings of short remarks."""


@dataclass(frozen=True)
class Together:
    """The rows that hang together.

    Attributes:
        units: int64 (rows,): rows of one number stay on one side, and count as one piece of
            evidence.
        grouped: whether the recipe named groups or blocks; else copies alone hang together.
    """

    units: Array
    grouped: bool

    @property
    def apart(self) -> bool:
        """Whether every row stands by itself."""
        return len(np.unique(self.units)) == len(self.units)

    def of(self, rows: Array) -> Together:
        """Return it for some of the rows, bool (rows,)."""
        return Together(self.units[rows], self.grouped)


def rows_together(
    frame: pd.DataFrame, schema: TableSchema, recipe: Recipe, context: StepContext
) -> Together:
    """Return what hangs together in all rows; tell what was found and decided about copies.

    Args:
        recipe: the settled recipe.
        context: the step; it gets the findings.
    """
    groups = group_of_rows(frame, group_column(recipe))
    blocks = recipe.protocol.blocks(frame, schema)
    units = joined(groups, blocks, _copies(frame, schema, recipe, context))
    alone = np.arange(len(frame), dtype=np.int64)
    grouped = groups is not None or blocks is not None
    return Together(alone if units is None else units, grouped)


def _copies(
    frame: pd.DataFrame, schema: TableSchema, recipe: Recipe, context: StepContext
) -> Array | None:
    if recipe.protocol.copies == "apart":
        return None
    found = copies(frame, schema)
    repeated = pd.Series(found).duplicated().to_numpy()
    count, share = int(repeated.sum()), float(repeated.mean())
    if not count:
        return None
    usual = recipe.protocol.copies == "auto" and share > USUAL
    what = f"{count} of {len(frame)} rows ({share:.1%}) are copies of an earlier one, or nearly"
    evidence = {"count": count, "share": share, "rows": np.flatnonzero(repeated)[:5].tolist()}
    if usual:
        context.find(
            "copies-apart",
            "advice",
            f"{what}: so many that cases which agree seem usual. They may stand on both sides of "
            "a split.",
            evidence=evidence,
            advice="If each is the same case recorded again, protocol.copies=together, or remove "
            "them.",
            section="6.2.2",
        )
        return None
    context.find(
        "copies-together",
        "note",
        f"{what}: they stay on one side of every split, and of the test set.",
        evidence=evidence,
        advice="If each is a case of its own, protocol.copies=apart.",
        section="6.2.2",
    )
    return found


def save_together(together: Together, test: Array, context: StepContext) -> None:
    """Write ``together.npz``: the units of both parts.

    Args:
        together: of all rows that are used.
        test: which of them are sealed, bool (rows,).
    """
    np.savez(
        context.folder / "together.npz",
        development=together.units[~test],
        test=together.units[test],
        grouped=np.array(together.grouped),
    )


def load_together(run: Run, part: Literal["development", "test"]) -> Together:
    """Return what `collect` found to hang together among the rows of one part."""
    with np.load(run.artifact("collect", "together.npz"), allow_pickle=False) as arrays:
        return Together(arrays[part], bool(arrays["grouped"]))
