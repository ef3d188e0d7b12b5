"""Carries out a preparation in every executor, to hold them against each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from mlrecipe.bundle.javascript import Node
from mlrecipe.interfaces import Array
from mlrecipe.preparation.preparation import Preparation

__all__ = ["Node", "assert_agree", "in_graph"]


def in_graph(preparation: Preparation, frame: pd.DataFrame) -> dict[str, Array]:
    """Return the tensors (rows, …) that TensorFlow makes of a frame."""
    import tensorflow as tf

    from mlrecipe.preparation.graph import GraphPreparation

    columns = {
        name: tf.constant(values, tf.string if values.dtype == object else tf.float64)
        for name, values in preparation.raw_columns(frame).items()
    }
    return {name: found.numpy() for name, found in GraphPreparation(preparation)(columns).items()}


def assert_agree(
    preparation: Preparation,
    frame: pd.DataFrame,
    records: Sequence[Mapping[str, Any]],
    node: Node | None = None,
) -> dict[str, Array]:
    """Hold every executor against NumPy on the same rows; return NumPy's tensors."""
    expected = preparation.transform(frame)
    tolerance = max((op.tolerance for op in preparation.operations()), default=0.0)
    found = {"records": preparation.transform_records(records)}
    if not preparation.lacking("graph"):
        found["graph"] = in_graph(preparation, frame)
    if node is not None and not preparation.lacking("javascript"):
        found["javascript"] = node.prepare(preparation, records)
    for spec in preparation.tensors:
        ours = expected[spec.name]
        assert ours.dtype == spec.dtype
        assert ours.shape == (len(frame), *spec.shape)
        for executor, tensors in found.items():
            theirs = tensors[spec.name]
            assert theirs.dtype == spec.dtype, executor
            if not tolerance or executor == "records":
                np.testing.assert_array_equal(theirs, ours, executor)
            else:
                difference = np.abs(theirs.astype(np.float64) - ours)
                limit = tolerance * np.maximum(1, np.abs(ours.astype(np.float64)))
                assert (difference <= limit).all(), f"{executor}: {difference.max()}"
    return dict(expected)
