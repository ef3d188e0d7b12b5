"""Categories by a hash: no vocabulary to keep, and unseen ones get a place as well."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from mlrecipe.interfaces import Array
from mlrecipe.preparation.operation import MISSING, Operation

PRIME = 2**31 - 1
BASE = 1_000_003
LENGTH = 64
"""Code points of a string that are read; what follows makes no difference."""

MANY = 1_000
"""From so many values on, it pays to look for equal ones first."""


def _powers() -> Array:
    found = [BASE]
    while len(found) < LENGTH:
        found.append(found[-1] * BASE % PRIME)
    return np.array(found, dtype=np.int64)


POWERS = _powers()


class HashOneHot(Operation, op="hash_one_hot"):
    """Maps each column to a feature a bucket, plus one for missing values.

    The hash of a string is the sum of (code point + 1) * 1,000,003^position over its first 64 code
    points, a lone surrogate counting as U+FFFD; of a number, the same over the four 16 bit parts
    of its float64, the lowest first, 0 and -0 being one; both modulo 2^31 - 1 (Carter and Wegman,
    1979). Every term stays below 2^53, so that JavaScript has it exactly. (rows, n) to float64
    (rows, n * (buckets + 1)).

    Attributes:
        buckets: how many there are for each column.
    """

    buckets: int

    def apply(self, values: Array) -> Array:
        rows, n = values.shape
        found = np.zeros((rows, n, self.buckets + 1))
        for column in range(n):
            place = self._buckets(values[:, column])
            found[np.arange(rows), column, place] = 1.0
        return found.reshape(rows, -1)

    def _buckets(self, values: Array) -> Array:
        """Return the feature (rows,) of each value; the last one is for missing values."""
        if values.dtype == np.float64:
            return np.where(np.isnan(values), self.buckets, number_hash(values) % self.buckets)
        if len(values) < MANY:
            return np.array([self._bucket(v) for v in values], dtype=np.int64)
        codes, distinct = pd.factorize(values)
        return np.array([self._bucket(v) for v in distinct], dtype=np.int64)[codes]

    def _bucket(self, text: str) -> int:
        return self.buckets if text == MISSING else string_hash(text) % self.buckets

    @cached_property
    def _width(self) -> int:
        return self.buckets + 1

    def graph(self) -> Callable[[Any], Any]:
        import tensorflow as tf

        powers = tf.constant(POWERS, tf.int64)

        def limbs(values: Any) -> Any:
            """Return what is summed up, int64 (batch, n, length), 0 after the end."""
            if values.dtype == tf.string:
                points = tf.strings.unicode_decode(tf.reshape(values, [-1]), "UTF-8", "replace")
                points = tf.cast(points[:, :LENGTH] + 1, tf.int64).to_tensor(shape=[None, LENGTH])
                return tf.reshape(points, [-1, values.shape[1], LENGTH])
            zero = tf.constant(0.0, tf.float64)  # the one zero, where -0 is as well
            bits = tf.bitcast(tf.where(tf.equal(values, zero), zero, values), tf.uint16)
            return tf.cast(bits, tf.int64) + 1

        def run(values: Any) -> Any:
            terms = limbs(values)
            total = tf.reduce_sum(terms * powers[: terms.shape[2]] % PRIME, axis=2) % PRIME
            strings = values.dtype == tf.string
            missing = tf.equal(values, MISSING) if strings else tf.math.is_nan(values)
            place = tf.where(missing, tf.constant(self.buckets, tf.int64), total % self.buckets)
            found = tf.one_hot(place, self._width, dtype=tf.float64)
            return tf.reshape(found, [-1, values.shape[1] * self._width])

        return run

    def names(self, names: list[str]) -> list[str]:
        places = [*(f"in bucket {i}" for i in range(self.buckets)), "is missing"]
        return [f"{name} {place}" for name in names for place in places]


def string_hash(text: str) -> int:
    """Return the hash of a string, 0 to 2^31 - 2."""
    points = np.frombuffer(text[:LENGTH].encode("utf-32-le", "surrogatepass"), np.uint32)
    points = np.where((points >= 0xD800) & (points < 0xE000), 0xFFFD, points).astype(np.int64)
    return int(((points + 1) * POWERS[: len(points)] % PRIME).sum() % PRIME)


def number_hash(values: Array) -> Array:
    """Return the hashes int64 (rows,) of numbers float64 (rows,)."""
    limbs = (values + 0.0).astype("<f8").view("<u2").reshape(-1, 4).astype(np.int64)
    hashes: Array = ((limbs + 1) * POWERS[:4] % PRIME).sum(axis=1) % PRIME
    return hashes
