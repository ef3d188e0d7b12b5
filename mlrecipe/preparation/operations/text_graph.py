"""The operations on text in TensorFlow; tables are held by modules, so that they are saved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from mlrecipe.preparation.characters import DROPPED, OWN, SEPARATES
from mlrecipe.preparation.operations.text import KNOWN_FROM, PADDING, UNKNOWN, Tokenize

BLANK, NOTHING = 32, -1
UTF_8_BYTES = 4
"""Most bytes of a code point."""


def tokenizer(state: Tokenize) -> Callable[[Any], Any]:
    """Return the function from strings (batch, 1) to ragged tokens (batch, None)."""
    pages, classes, moved = (tf.constant(part) for part in state.characters.pages())
    words = state.by == "words"

    def run(values: Any) -> Any:
        # Cut before it is decoded: a character that is split so lies beyond the limit.
        texts = tf.strings.substr(values[:, 0], 0, state.most_characters * UTF_8_BYTES)
        codes = tf.strings.unicode_decode(texts, "UTF-8", errors="replace")
        codes = codes[:, : state.most_characters]
        flat = codes.flat_values
        place = tf.stack([tf.gather(pages, flat // 256), flat % 256], axis=1)
        kind, target = tf.gather_nd(classes, place), flat + tf.gather_nd(moved, place)
        around = tf.where((kind == OWN) & words, BLANK, NOTHING)
        inside = tf.where(kind == SEPARATES, BLANK, tf.where(kind == DROPPED, NOTHING, target))
        pieces = tf.reshape(tf.stack([around, inside, around], axis=1), [-1])
        ragged = tf.RaggedTensor.from_row_splits(pieces, codes.row_splits * 3)
        kept = tf.ragged.boolean_mask(ragged, ragged != NOTHING)
        units = tf.strings.split(tf.strings.unicode_encode(kept, "UTF-8"))
        if not words:
            joined = tf.strings.reduce_join(units, axis=-1, separator=" ")
            units = tf.strings.unicode_split(joined, "UTF-8")
        if state.longest == 1:
            return units
        widths = tuple(range(state.shortest, state.longest + 1))
        return tf.strings.ngrams(units, widths, separator=" " if words else "")

    return run


class Lookup(tf.Module):
    """Token -> place in the vocabulary; -1 for one outside it."""

    def __init__(self, vocabulary: Sequence[str]) -> None:
        super().__init__()
        self.width = len(vocabulary)
        content = tf.lookup.KeyValueTensorInitializer(
            tf.constant(vocabulary, tf.string), tf.range(self.width, dtype=tf.int64)
        )
        self.table = tf.lookup.StaticHashTable(content, default_value=-1)

    def places(self, tokens: Any) -> Any:
        """Return int64, ragged (batch, None), for ragged tokens."""
        return tokens.with_flat_values(self.table.lookup(tokens.flat_values))

    def counts(self, tokens: Any) -> Any:
        """Return float64 (batch, tokens of the vocabulary)."""
        places = self.places(tokens)
        known = tf.ragged.boolean_mask(places, places >= 0)
        where = tf.stack([known.value_rowids(), known.flat_values], axis=1)
        ones = tf.ones_like(known.flat_values, tf.float64)
        return tf.scatter_nd(where, ones, [tokens.nrows(), tf.constant(self.width, tf.int64)])


class Counts(Lookup):
    """Tokens to how often each known one occurs."""

    def __init__(self, vocabulary: Sequence[str], *, binary: bool) -> None:
        super().__init__(vocabulary)
        self._binary = binary

    def __call__(self, tokens: Any) -> Any:
        counts = self.counts(tokens)
        return tf.minimum(counts, 1.0) if self._binary else counts


class TfIdfOfTokens(Lookup):
    """Tokens to weighted frequencies, rows of length 1."""

    def __init__(self, vocabulary: Sequence[str], idf: Sequence[float], *, sublinear: bool) -> None:
        super().__init__(vocabulary)
        self._idf = tf.constant(idf, tf.float64)
        self._sublinear = sublinear

    def __call__(self, tokens: Any) -> Any:
        counts = self.counts(tokens)
        if self._sublinear:
            counts = tf.where(counts > 0, tf.math.log(tf.maximum(counts, 1.0)) + 1.0, 0.0)
        weighted = counts * self._idf
        length = tf.sqrt(tf.reduce_sum(weighted**2, axis=1, keepdims=True))
        return weighted / tf.where(length > 0, length, 1.0)


class Ids(Lookup):
    """Tokens to their numbers, padded at the end."""

    def __init__(self, vocabulary: Sequence[str], length: int) -> None:
        super().__init__(vocabulary)
        self._length = length

    def __call__(self, tokens: Any) -> Any:
        places = self.places(tokens[:, : self._length])
        ids = tf.where(places >= 0, places + KNOWN_FROM, tf.constant(UNKNOWN, tf.int64))
        padded: Any = ids.to_tensor(PADDING, shape=[None, self._length])
        return padded
