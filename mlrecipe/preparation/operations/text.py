"""Operations on text: strings (rows, 1) become tokens, and tokens become numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, Literal

import numpy as np

from mlrecipe.interfaces import Array
from mlrecipe.preparation.characters import DROPPED, OWN, SEPARATES, Characters
from mlrecipe.preparation.operation import Operation

PADDING, UNKNOWN, KNOWN_FROM = 0, 1, 2
"""Numbers of tokens: none, one outside the vocabulary, the first of the vocabulary."""

Rows = Sequence[Sequence[str]]
"""The tokens of each row."""


class Tokenize(Operation, op="tokenize"):
    """Splits texts into words or characters, and joins neighbours to n-grams.

    Strings (rows, 1) to the tokens of each row: all of the shortest n-grams in order, then all of
    the next longer ones. Words of an n-gram are joined by a blank. Characters are those of the
    words joined by single blanks.

    Attributes:
        characters: what each code point is, and what stands for it.
        by: what is a token.
        shortest, longest: numbers of neighbours that are joined.
        most_characters: code points that are read; what comes after them is cut off, so that one
            huge text cannot stall a server.
    """

    characters: Characters
    by: Literal["words", "characters"] = "words"
    shortest: int = 1
    longest: int = 1
    most_characters: int = 20_000

    @cached_property
    def _pieces(self) -> _Pieces:
        return _Pieces(self.characters, apart=self.by == "words")

    def apply(self, values: Array) -> Rows:
        return [self.tokens(text) for text in values[:, 0]]

    def words(self, text: str) -> list[str]:
        """Return the normalized words of a text."""
        # Of white space, only blanks are left by the table; so any `split` splits alike.
        return text[: self.most_characters].translate(self._pieces).split()

    def tokens(self, text: str) -> list[str]:
        """Return the tokens of a text."""
        words = self.words(text)
        if self.by == "words":
            return _n_grams(words, self.shortest, self.longest, " ")
        return _n_grams(" ".join(words), self.shortest, self.longest, "")

    def graph(self) -> Callable[[Any], Any]:
        from mlrecipe.preparation.operations.text_graph import tokenizer

        return tokenizer(self)


class _Pieces(dict[int, str]):
    """Code point -> what stands for it in a text that blanks then split; filled as it is asked."""

    def __init__(self, characters: Characters, *, apart: bool) -> None:
        super().__init__()
        self._characters, self._apart = characters, apart

    def __missing__(self, code: int) -> str:
        classes, targets = self._characters.arrays()
        kind = classes[code]
        if kind == DROPPED:
            piece = ""
        elif kind == SEPARATES:
            piece = " "
        else:
            piece = chr(targets[code])
            piece = f" {piece} " if kind == OWN and self._apart else piece
        self[code] = piece
        return piece


def _n_grams(units: Sequence[str], shortest: int, longest: int, joined_by: str) -> list[str]:
    found: list[str] = []
    for n in range(shortest, longest + 1):
        if n == 1:
            found.extend(units)
        else:
            starts = range(len(units) - n + 1)
            found.extend(joined_by.join(units[i : i + n]) for i in starts)
    return found


class Vocabulary(Operation):
    """What is common to the operations that look tokens up.

    Attributes:
        vocabulary: the known tokens, in the order of their numbers.
        quoted: put quotes around a token in the name of its feature, to tell a part of words from
            a word.
    """

    vocabulary: tuple[str, ...]
    quoted: bool = False

    @cached_property
    def positions(self) -> dict[str, int]:
        """Token -> its place in the vocabulary."""
        return {token: i for i, token in enumerate(self.vocabulary)}

    def counts(self, rows: Rows) -> Array:
        """Return how often each known token occurs: float64 (rows, tokens)."""
        find, width = self.positions.get, len(self.vocabulary)
        flat = [
            start + at
            for start, tokens in ((row * width, tokens) for row, tokens in enumerate(rows))
            for at in map(find, tokens)
            if at is not None
        ]
        counts = np.zeros(len(rows) * width)
        np.add.at(counts, np.asarray(flat, dtype=np.int64), 1.0)
        return counts.reshape(len(rows), width)

    def names(self, names: list[str]) -> list[str]:
        mark = '"' if self.quoted else ""
        return [f"{name}: {mark}{token}{mark}" for name in names for token in self.vocabulary]


class TokenCounts(Vocabulary, op="token_counts"):
    """Maps tokens to how often each of the vocabulary occurs, or to whether it does (multi-hot).

    The tokens of each row to float64 (rows, tokens of the vocabulary).

    Attributes:
        binary: 1 for a token that occurs, however often.
    """

    binary: bool = False

    def apply(self, values: Rows) -> Array:
        counts = self.counts(values)
        return np.minimum(counts, 1.0, out=counts) if self.binary else counts

    def graph(self) -> Callable[[Any], Any]:
        from mlrecipe.preparation.operations.text_graph import Counts

        return Counts(self.vocabulary, binary=self.binary)


class TfIdf(Vocabulary, op="tf_idf", tolerance=1e-6):
    """Maps tokens to their frequencies, those in few rows weighing more, as rows of length 1.

    The tokens of each row to float64 (rows, tokens of the vocabulary); a row without known tokens
    is all 0. Tolerance: the length is a sum, whose order differs, and the result becomes float32.

    Attributes:
        idf: weight of each token: ln((1 + rows) / (1 + rows with it)) + 1, which is the smooth
            inverse document frequency of scikit-learn's ``TfidfTransformer``.
        sublinear: 1 + ln(count) in the place of the count.
    """

    idf: tuple[float, ...]
    sublinear: bool = True

    @cached_property
    def _idf(self) -> Array:
        return np.asarray(self.idf)

    def apply(self, values: Rows) -> Array:
        counts = self.counts(values)
        if self.sublinear:
            there = np.nonzero(counts)
            counts[there] = np.log(counts[there]) + 1.0
        counts *= self._idf  # in place: of many rows each copy is large
        length = np.sqrt(np.einsum("ij,ij->i", counts, counts))[:, None]
        counts /= np.where(length > 0, length, 1.0)
        return counts

    def graph(self) -> Callable[[Any], Any]:
        from mlrecipe.preparation.operations.text_graph import TfIdfOfTokens

        return TfIdfOfTokens(self.vocabulary, self.idf, sublinear=self.sublinear)


class TokenIds(Vocabulary, op="token_ids"):
    """Maps tokens to their numbers, in order: 0 for padding at the end, 1 for unknown tokens.

    The tokens of each row to int64 (rows, length); what comes after that is cut off.
    """

    length: int

    def apply(self, values: Rows) -> Array:
        find = self.positions.get
        ids = np.full((len(values), self.length), PADDING, dtype=np.int64)
        for row, tokens in zip(ids, values, strict=True):
            kept = tokens[: self.length]
            row[: len(kept)] = [find(t, UNKNOWN - KNOWN_FROM) + KNOWN_FROM for t in kept]
        return ids

    def graph(self) -> Callable[[Any], Any]:
        from mlrecipe.preparation.operations.text_graph import Ids

        return Ids(self.vocabulary, self.length)

    def names(self, names: list[str]) -> list[str]:
        return [f"{name}, token {i + 1}" for name in names for i in range(self.length)]
