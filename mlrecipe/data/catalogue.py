"""The items of a recommendation: which columns of the inputs say that a user likes which item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mlrecipe.data.lists import as_lists
from mlrecipe.data.sets import joined, separator_of, tags_of
from mlrecipe.errors import MlrecipeError
from mlrecipe.interfaces import Array

LEFT_OUT = -1.0
"""A model's score of an item that must not be recommended; scores of others are above `LOWEST`."""

LOWEST = -0.5
"""The lowest score that a model gives an item that may be recommended."""

HAS = " has "
"""Between a column of tags and a tag in the names of features; see the operation `tags`."""


@dataclass(frozen=True)
class Catalogue:
    """Items by name, and where the inputs tell of them.

    Attributes:
        items: all items that are known: first those that can be recommended, in the order of the
            outputs, then those that only occur in what users like.
        outputs: how many of them can be recommended.
        columns: column of the tensor "vector" that says whether a user likes the item, int64
            (items,); -1 where none does.
    """

    items: tuple[str, ...]
    outputs: int
    columns: Array

    @classmethod
    def of(cls, features: Sequence[str], labels: Sequence[object]) -> Catalogue:
        """Find the column of tags whose tags are the labels.

        Args:
            features: names of the columns of the tensor "vector".
            labels: items in the order of the outputs.

        Raises:
            MlrecipeError: when no column of tags speaks of these items.
        """
        names = [str(label) for label in labels]
        known = set(names)
        found: dict[str, int] = {}
        for feature in features:
            for start in _starts(feature):
                if feature[start + len(HAS) :] in known:
                    found[feature[:start]] = found.get(feature[:start], 0) + 1
        if not found:
            raise MlrecipeError(
                "no input says what a user likes already",
                where="problem.inputs",
                expected="a column of tags (lists of the same items as the target's)",
                fix="source=interactions makes one; or name it: schema.kinds.COLUMN=tags",
            )
        begin = max(found, key=lambda name: found[name]) + HAS
        places = {f[len(begin) :]: i for i, f in enumerate(features) if f.startswith(begin)}
        items = (*names, *(item for item in places if item not in known))
        columns = np.array([places.get(item, -1) for item in items], dtype=np.int64)
        return cls(items, len(names), columns)

    def liked(self, vector: Array) -> Array:
        """Return which items each user likes, 0 or 1, float32 (users, items), by their inputs."""
        found = vector[:, np.maximum(self.columns, 0)] * (self.columns >= 0)
        return np.asarray(found > 0, dtype=np.float32)

    def whole_lists(self, vector: Array, y: Array) -> Array:
        """Return the items that users like, by their inputs and targets: 0 or 1 (users, items)."""
        lists = self.liked(vector)
        lists[:, : self.outputs] = np.maximum(lists[:, : self.outputs], y)
        return lists

    def left_out(self, scores: Array, liked: Array) -> Array:
        """Return float32 scores (users, outputs) with what must not be recommended at `LEFT_OUT`.

        That is what a user likes already, and items of which no input can say so.
        """
        hidden = (liked[:, : self.outputs] > 0) | (self.columns[: self.outputs] < 0)
        found = np.where(hidden, LEFT_OUT, np.maximum(scores, LOWEST))
        return found.astype(np.float32)


def _starts(feature: str) -> list[int]:
    """Return where a name may be parted into a column and a tag: names may hold the word, too."""
    starts, place = [], feature.find(HAS)
    while place >= 0:
        starts.append(place)
        place = feature.find(HAS, place + 1)
    return starts


def lists_of(values: pd.Series) -> list[list[str]]:
    """Return the members of every cell, lists or separated strings, as the inputs' tags are read.

    A missing cell has none.
    """
    cells = as_lists(values)
    texts = ["" if _missing(value) else joined(value) for value in cells]
    counts: dict[str, int] = {}
    for text in texts:
        counts[text] = counts.get(text, 0) + 1
    separator = separator_of(counts)
    return [tags_of(text, separator) for text in texts]


def _missing(value: object) -> bool:
    return value is None or (isinstance(value, float) and np.isnan(value))
