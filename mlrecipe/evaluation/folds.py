"""The development rows as a protocol splits them, prepared fold by fold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mlrecipe.data.gaps import Gaps
from mlrecipe.data.table import Table
from mlrecipe.data.table_schema import TableSchema
from mlrecipe.interfaces import Array, Preprocessing, Samples, TensorSpec
from mlrecipe.preparation.prepared import encode, fit_encode
from mlrecipe.preparation.target_codec import TargetCodec


@dataclass(frozen=True)
class Fold:
    """One pair of training and validation rows, ready for a model.

    Attributes:
        train, valid: int64 positions in the development rows.
        specs: the inputs that a model of these rows needs.
        features: names of the columns of the tensor "vector", in order.
        training, validation: these rows, prepared by what the training rows taught; targets in
            their own unit.
    """

    train: Array
    valid: Array
    specs: tuple[TensorSpec, ...]
    features: tuple[str, ...]
    training: Samples
    validation: Samples


@dataclass(frozen=True)
class Folds:
    """All folds of the development rows, with the encoded targets and weights of every row."""

    y: Array
    weights: Array
    codec: TargetCodec
    folds: tuple[Fold, ...]

    def __iter__(self) -> Iterator[Fold]:
        return iter(self.folds)

    def __len__(self) -> int:
        return len(self.folds)


def prepare_folds(
    rows: Table,
    frame: pd.DataFrame,
    y: Array,
    weights: Array,
    codec: TargetCodec,
    schema: TableSchema,
    preprocessing: Preprocessing,
    splits: list[tuple[Array, Array]],
    gaps: Gaps,
) -> Folds:
    """Fit the preprocessing on each fold's training rows and apply it to both parts.

    Training rows are joined by copies with gaps where production will have some; validation rows
    stay as they were collected.

    Args:
        rows: the development rows, as they are read to be prepared.
        frame: the same rows in memory, for baselines.
    """
    folds = []
    for train, valid in splits:
        held_out = frame.iloc[valid]
        seen, targets, counts = gaps.added(frame.iloc[train], y[train], weights[train])
        table = rows.subset(train) if len(seen) == len(train) else Table(seen)
        preparation, x = fit_encode(preprocessing, table, schema, targets)
        names = tuple(preparation.feature_names())
        training = Samples(seen, x, targets, counts, names, codec.labels)
        prepared = encode(preparation, rows.subset(valid))
        validation = Samples(held_out, prepared, y[valid], weights[valid], names, codec.labels)
        folds.append(Fold(train, valid, preparation.tensors, names, training, validation))
    return Folds(y, weights, codec, tuple(folds))


def save_splits(path: Path, splits: list[tuple[Array, Array]]) -> None:
    """Write the positions as ``train_0``, ``valid_0``, ``train_1`` …"""
    arrays: dict[str, Any] = {}
    for i, (train, valid) in enumerate(splits):
        arrays[f"train_{i}"] = np.asarray(train, dtype=np.int64)
        arrays[f"valid_{i}"] = np.asarray(valid, dtype=np.int64)
    np.savez(path, **arrays)


def load_splits(path: Path) -> list[tuple[Array, Array]]:
    """Read what `save_splits` wrote; nothing is unpickled."""
    with np.load(path, allow_pickle=False) as arrays:
        count = len(arrays.files) // 2
        return [(arrays[f"train_{i}"], arrays[f"valid_{i}"]) for i in range(count)]
