"""Training rows encoded by what other rows taught, where targets are learnt from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mlrecipe.data.table import Table
from mlrecipe.interfaces import Array, Tensors
from mlrecipe.preparation.derived import extended, raw_inputs
from mlrecipe.preparation.preparation import Preparation
from mlrecipe.preparation.statistics import chunks_of
from mlrecipe.preparation.target_statistic import inner_folds, learn_without

if TYPE_CHECKING:
    from mlrecipe.preparation.kinds.kind import Fitted, Kind


def transform_out_of_fold(
    preparation: Preparation,
    rows: Table,
    y: Array | None,
    fitted: Mapping[str, Fitted],
    learning: Mapping[str, tuple[Kind, Any]],
) -> Tensors:
    """Return the training rows (rows, …), each encoded without what its own target taught.

    Args:
        preparation: fitted to all rows.
        rows, y: the training rows and their encoded targets.
        fitted: what the preparation's blocks were made of, part by part.
        learning: the parts that learn from targets: their kind and columns.
    """
    plan = {key: kind.statistic(columns) for key, (kind, columns) in learning.items()}
    names = {name for _, columns in learning.values() for name in columns}
    read = [*names, *raw_inputs(preparation.derived)]
    chunks = (
        replace(chunk, frame=extended(chunk.frame, preparation.derived))
        for chunk in chunks_of(rows, read, y)
    )
    folds = inner_folds(rows.rows)
    frame = rows.columns([name for name in preparation.columns if name in rows.names])
    found = preparation.empty(rows.rows)
    for part, learnt in enumerate(learn_without(chunks, plan, folds)):
        others = {key: kind.fit(columns, learnt[key]) for key, (kind, columns) in learning.items()}
        blind = Preparation(
            blocks=tuple(b for item in {**fitted, **others}.values() for b in item.blocks),
            tensors=preparation.tensors,
            derived=preparation.derived,
            selected=preparation.selected,
        )
        mine = folds == part
        for name, values in blind.transform(frame[mine]).items():
            found[name][mine] = values
    return found
