"""What fitting learns of texts: how many rows have a token, and how long the texts are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from mlrecipe.preparation.operations.text import Tokenize
from mlrecipe.preparation.statistics import Chunk, Statistic
from mlrecipe.preparation.values import from_frame


@dataclass
class Tokens(Statistic):
    """Exact counts of tokens, whatever the chunks; memory grows with the number of distinct ones.

    Attributes:
        columns: their names.
        tokenize: how texts are split.
        every: count every occurrence of a token, not the rows that have it.
        rows: number of rows.
        frequencies: for each column, in how many rows, or how often, each token occurs.
        lengths: for each column, how many rows have so many tokens; empty texts are left out.
    """

    columns: tuple[str, ...]
    tokenize: Tokenize
    every: bool = False
    rows: int = field(init=False, default=0)
    frequencies: list[Counter[str]] = field(init=False)
    lengths: list[Counter[int]] = field(init=False)

    def __post_init__(self) -> None:
        self.frequencies = [Counter() for _ in self.columns]
        self.lengths = [Counter() for _ in self.columns]

    def fresh(self) -> Self:
        return type(self)(self.columns, self.tokenize, self.every)

    def update(self, chunk: Chunk) -> None:
        self.rows += len(chunk.frame)
        for i, name in enumerate(self.columns):
            for text in from_frame(chunk.frame, [name], "string")[:, 0]:
                tokens = self.tokenize.tokens(text)
                self.frequencies[i].update(tokens if self.every else set(tokens))
                if tokens:
                    self.lengths[i][len(tokens)] += 1

    def merge(self, other: Self) -> None:
        self.rows += other.rows
        for mine, theirs in zip(self.frequencies, other.frequencies, strict=True):
            mine.update(theirs)
        for my_lengths, their_lengths in zip(self.lengths, other.lengths, strict=True):
            my_lengths.update(their_lengths)


@dataclass
class TokensTwice(Statistic):
    """The same texts split in two ways: into words, and into characters."""

    words: Tokens
    characters: Tokens

    def fresh(self) -> Self:
        return type(self)(self.words.fresh(), self.characters.fresh())

    def update(self, chunk: Chunk) -> None:
        self.words.update(chunk)
        self.characters.update(chunk)

    def merge(self, other: Self) -> None:
        self.words.merge(other.words)
        self.characters.merge(other.characters)


def length_at(lengths: Mapping[int, int], share: float) -> int:
    """Return the smallest length that this share of the rows does not exceed; 1 without rows."""
    wanted, seen = share * sum(lengths.values()), 0
    for length in sorted(lengths):
        seen += lengths[length]
        if seen >= wanted:
            return length
    return 1
