"""Places near one another stay on one side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

import mlrecipe

if TYPE_CHECKING:
    import pandas as pd

    from mlrecipe.data.table_schema import TableSchema
    from mlrecipe.interfaces import Array, Divisible

BLOCKS_A_FOLD = 10
"""Blocks for each fold when the size is left open: enough that folds come out about equal."""


class SpatialBlocks(mlrecipe.Protocol, name="spatial_blocks"):
    """Parts a map into square blocks and validates on each fold of blocks in turn.

    What lies close together is alike, so that a neighbour among the training rows gives the answer
    away (Roberts et al., 2017). Blocks should be wider than that likeness reaches; it is not known
    here, so set ``size`` where you know it. The test set is made of whole blocks, too.
    """

    columns: tuple[str, ...] = Field(
        (),
        max_length=2,
        description="The two columns of coordinates; empty: the columns of kind location.",
    )
    size: float | None = Field(
        None,
        gt=0,
        description="Edge of a block, in the unit of the coordinates; null: so that about ten "
        "blocks with rows come on each fold.",
    )
    folds: int = Field(5, ge=2, description="Number of folds.")

    def blocks(self, frame: pd.DataFrame, schema: TableSchema) -> Array | None:
        import numpy as np
        import pandas as pd

        names = self._names(frame, schema)
        places = frame[list(names)].apply(pd.to_numeric, errors="coerce").to_numpy(np.float64)
        known = np.isfinite(places).all(axis=1)
        numbers = np.arange(len(frame))  # rows without a place are a block each
        if known.any():
            cells = self._cells(places[known])
            numbers[known] = len(frame) + cells
        return pd.factorize(numbers)[0].astype(np.int64)

    def _names(self, frame: pd.DataFrame, schema: TableSchema) -> tuple[str, ...]:
        from mlrecipe.data.table_schema import named_columns

        names = named_columns(self.columns, frame, "protocol.columns") or tuple(
            name for name, column in schema.columns.items() if column.kind == "location"
        )
        if len(names) == 2:
            return names
        raise mlrecipe.MlrecipeError(
            f"{len(names)} columns hold coordinates: {', '.join(names)}"
            if names
            else "no column holds coordinates",
            where="protocol.columns",
            expected="two, as latitude and longitude",
            fix="protocol.columns=[LATITUDE,LONGITUDE]",
        )

    def _cells(self, places: Array) -> Array:
        """Return the number of the block (rows,) of every place (rows, 2)."""
        import numpy as np

        low, spread = places.min(axis=0), float(np.ptp(places, axis=0).max()) or 1.0
        sizes = [self.size] if self.size else [spread / count for count in range(2, 129)]
        cells: Array = np.zeros(len(places), dtype=np.int64)
        for size in sizes:
            squares = np.floor((places - low) / size).astype(np.int64)
            distinct, cells = np.unique(squares, axis=0, return_inverse=True)
            if len(distinct) >= BLOCKS_A_FOLD * self.folds:
                break
        return cells.reshape(-1)

    def split(self, rows: Divisible) -> list[tuple[Array, Array]]:
        from mlrecipe.evaluation.splitting import k_folds

        return k_folds(rows, self.folds, rows.seed)


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [SpatialBlocks]
