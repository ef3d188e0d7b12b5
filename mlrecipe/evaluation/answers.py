"""A model's answers to validation rows: one array for each fold, and how they are kept.

Folds are kept apart since a row may be validated by several splits, or by none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from mlrecipe.interfaces import Array

Answers = Sequence[Array]
"""For each fold float32 (validation rows of the fold, …), in the target's unit."""


def save_answers(path: Path, models: Mapping[str, Answers]) -> None:
    """Write every model's answers, as ``NAME/0``, ``NAME/1`` …"""
    arrays = {
        f"{name}/{number}": answer
        for name, answers in models.items()
        for number, answer in enumerate(answers)
    }
    np.savez(path, **arrays)  # type: ignore[arg-type]


def load_answers(path: Path) -> dict[str, Answers]:
    """Read what `save_answers` wrote; nothing is unpickled."""
    found: dict[str, list[Array]] = {}
    with np.load(path, allow_pickle=False) as arrays:
        for key in arrays.files:  # in the order in which they were written
            found.setdefault(key.rpartition("/")[0], []).append(arrays[key])
    return dict(found)
