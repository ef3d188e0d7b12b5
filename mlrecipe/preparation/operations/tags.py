"""Sets of tags: strings (rows, n) whose parts are parted by a separator."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np

from mlrecipe.data.sets import BLANKS, LIST_SEPARATOR, tags_of
from mlrecipe.interfaces import Array
from mlrecipe.preparation.operation import Operation


class Tags(Operation, op="tags"):
    """Maps each column to a feature a known tag, 1 where it is in the set, plus one for no tag.

    A set is parted by the column's separator and by |, which joins the members of a list; blanks
    (space, tab, line and form feeds) are taken off both ends of a tag, empty ones do not count.
    (rows, n) to float64 (rows, features).

    Attributes:
        separators: one character for each column.
        tags: the known ones of each column.
    """

    separators: tuple[str, ...]
    tags: tuple[tuple[str, ...], ...]

    @cached_property
    def _positions(self) -> list[dict[str, int]]:
        return [{tag: i for i, tag in enumerate(known)} for known in self.tags]

    def apply(self, values: Array) -> Array:
        parts = [
            self._column(values[:, column], positions, self.separators[column])
            for column, positions in enumerate(self._positions)
        ]
        return np.concatenate(parts, axis=1)

    def _column(self, values: Array, positions: dict[str, int], separator: str) -> Array:
        found = np.zeros((len(values), len(positions) + 1))
        for row, text in enumerate(values.tolist()):
            tags = tags_of(text, separator)
            for tag in tags:
                place = positions.get(tag)
                if place is not None:
                    found[row, place] = 1.0
            found[row, -1] = not tags
        return found

    def graph(self) -> Callable[[Any], Any]:
        import tensorflow as tf

        ends = f"^[{BLANKS}]+|[{BLANKS}]+$"

        def column(values: Any, separator: str, known: tuple[str, ...]) -> Any:
            joined = tf.strings.regex_replace(values, re.escape(LIST_SEPARATOR), separator)
            parts = tf.strings.split(joined, separator).to_tensor("")
            parts = tf.strings.regex_replace(parts, ends, "")
            there = tf.equal(parts[:, :, tf.newaxis], tf.constant(known, tf.string, (len(known),)))
            none = tf.reduce_all(tf.equal(parts, ""), axis=1, keepdims=True)
            return tf.concat([tf.reduce_any(there, axis=1), none], axis=1)

        def run(values: Any) -> Any:
            found = [
                column(values[:, i], self.separators[i], known) for i, known in enumerate(self.tags)
            ]
            return tf.cast(tf.concat(found, axis=1), tf.float64)

        return run

    def names(self, names: list[str]) -> list[str]:
        return [
            words
            for name, known in zip(names, self.tags, strict=True)
            for words in (*(f"{name} has {tag}" for tag in known), f"{name} is missing")
        ]
