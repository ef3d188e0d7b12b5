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


SUBNORMAL = float(np.finfo(np.float32).tiny)
"""Numbers nearer to 0 than this are 0 to some of TensorFlow's kernels."""


def in_graph(
    preparation: Preparation, frame: pd.DataFrame, *, compiled: bool = False
) -> dict[str, Array]:
    """Return the tensors (rows, …) that TensorFlow makes of a frame.

    Args:
        preparation: is carried out.
        frame: the raw rows.
        compiled: as a SavedModel does it: the graph is optimized, and so may round in another way;
            divisions by constants become multiplications.
    """
    from mlrecipe.training import runtime

    runtime.start()
    import tensorflow as tf

    from mlrecipe.preparation.graph import GraphPreparation

    columns = {
        name: tf.constant(values, tf.string if values.dtype == object else tf.float64)
        for name, values in preparation.raw_columns(frame).items()
    }
    graph = GraphPreparation(preparation)
    found = (tf.function(graph.__call__, autograph=False) if compiled else graph)(columns)
    return {name: tensor.numpy() for name, tensor in found.items()}


def assert_agree(
    preparation: Preparation,
    frame: pd.DataFrame,
    records: Sequence[Mapping[str, Any]],
    node: Node | None = None,
    *,
    compiled: bool = False,
) -> dict[str, Array]:
    """Hold every executor against NumPy on the same rows; return NumPy's tensors.

    Args:
        preparation: is carried out.
        frame, records: the raw rows, as a frame and as a request writes them.
        node: carries out JavaScript; None: it is left out.
        compiled: see `in_graph`.
    """
    expected = preparation.transform(frame)
    tolerance = max((op.tolerance for op in preparation.operations()), default=0.0)
    found = {"records": preparation.transform_records(records)}
    if not preparation.lacking("graph"):
        found["graph"] = in_graph(preparation, frame, compiled=compiled)
    if node is not None and not preparation.lacking("javascript"):
        found["javascript"] = node.prepare(preparation, records)
    for spec in preparation.tensors:
        ours = expected[spec.name]
        assert ours.dtype == spec.dtype
        assert ours.shape == (len(frame), *spec.shape)
        for executor, tensors in found.items():
            theirs = tensors[spec.name]
            assert theirs.dtype == spec.dtype, executor
            if spec.dtype == "float32":
                ours, theirs = (np.where(np.abs(x) < SUBNORMAL, 0, x) for x in (ours, theirs))
            if not tolerance or executor == "records":
                np.testing.assert_array_equal(theirs, ours, executor)
            else:
                difference = np.abs(theirs.astype(np.float64) - ours)
                limit = tolerance * np.maximum(1, np.abs(ours.astype(np.float64)))
                assert (difference <= limit).all(), f"{executor}: {difference.max()}"
    return dict(expected)
