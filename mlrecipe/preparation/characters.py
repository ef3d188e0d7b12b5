"""What every character is to a tokenizer, as a table that all executors share.

A Python, a TensorFlow and a browser know different versions of Unicode. So what decides is looked
up once, in the `unicodedata` of the Python that fits, and becomes part of the fitted state: of
every code point whether it separates, is part of a word, is a token of its own or is dropped, and
which code point stands for it.

The normalization, code point by code point, in this order:

1. where accents are stripped: accents, Hebrew points and Arabic vowel signs are dropped (canonical
   combining classes 10 to 36 and from 200 on), and a code point whose compatibility decomposition
   (NFKD) without them is one code point becomes that one: é is e, fullwidth Ａ is A. Vowel signs of
   Indic scripts and voicing marks of kana stay: without them it is another word;
2. where case is folded: the simple case folding of Unicode (C and S of CaseFolding.txt), which
   maps one code point to one: ς is σ, ẞ is ß; İ stays, as ß does.

Nothing is composed: é in one code point and é in two are the same token only without accents.
A lone surrogate counts as U+FFFD, the replacement character, and that one separates.
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Iterator

import numpy as np
from pydantic import Field

from mlrecipe.component import Section
from mlrecipe.interfaces import Array

SEPARATES, PART, OWN, DROPPED = range(4)
"""Classes of a code point: between tokens; part of a word; a token of its own; left out."""

CODE_POINTS = 0x110000

UNSPACED = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x2E80, 0x2FDF),  # radicals
    (0x3005, 0x3007),  # marks of iteration, ideographic zero
    (0x3021, 0x312F),  # Hangzhou numerals, Hiragana, Katakana, Bopomofo
    (0x31A0, 0x31BF),  # Bopomofo
    (0x31F0, 0x31FF),  # Katakana
    (0x3400, 0x9FFF),  # ideographs
    (0xF900, 0xFAFF),  # ideographs
    (0xFF66, 0xFF9D),  # halfwidth Katakana
    (0x16FE0, 0x18DFF),  # Tangut, Khitan
    (0x1AFF0, 0x1B2FF),  # kana, Nushu
    (0x20000, 0x3FFFD),  # ideographs, also those that are still to come
)
"""Letters and marks of scripts that are written without blanks: each is a token."""

PICTOGRAPHS = (0x1F000, 0x1FAFF)
"""Unassigned code points here are the emoji of later versions of Unicode."""

IGNORABLE = (
    (0x034F, 0x034F),  # combining grapheme joiner
    (0x115F, 0x1160),  # Hangul fillers
    (0x17B4, 0x17B5),  # Khmer inherent vowels
    (0x180B, 0x180F),  # Mongolian variation selectors
    (0x3164, 0x3164),  # Hangul filler
    (0xFE00, 0xFE0F),  # variation selectors
    (0xFFA0, 0xFFA0),  # Hangul filler
    (0x1F3FB, 0x1F3FF),  # skin tones: a hand is a hand
    (0xE0000, 0xE0FFF),  # tags, variation selectors
)
"""Dropped besides the format characters (Cf); mostly Default_Ignorable_Code_Point."""

ZERO_WIDTH_SPACE, REPLACEMENT = 0x200B, 0xFFFD

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


class Characters(Section):
    """A table of all code points, as two strings of numbers in base 36.

    Attributes:
        classes: of every range that does not separate: the gap to the end of the one before, its
            length, its class.
        mapping: of every run of code points that another one stands for: the gap from the first
            of the run before, their number, the step from one to the next, and what is added.
    """

    classes: str = Field()
    mapping: str = Field()

    def arrays(self) -> tuple[Array, Array]:
        """Return class, int8, and stand-in, int32, of every code point."""
        return _arrays(self.classes, self.mapping)

    def pages(self) -> tuple[Array, Array, Array]:
        """Return the same in pages of 256 code points, each page that differs once.

        Returns:
            number of each page int32 (4352,), classes int32 and stand-ins int32 (pages, 256);
            a stand-in is counted from the code point itself, so that most pages are alike.
        """
        return _pages(self.classes, self.mapping)


@functools.cache
def characters(*, lowercase: bool, accents: bool, punctuation: bool) -> Characters:
    """Return the table that this Python's version of Unicode gives.

    Args:
        lowercase: whether case is folded.
        accents: whether accents stay.
        punctuation: whether punctuation is a token of its own; else it separates.
    """
    classes, targets = np.zeros(CODE_POINTS, dtype=np.int8), np.arange(CODE_POINTS)
    for code in range(CODE_POINTS):
        character = chr(code)
        category = unicodedata.category(character)
        if category in ("Cn", "Co", "Cs", "Cc") and not _to_come(code):
            continue
        if not accents:
            if _is_accent(character):
                classes[code] = DROPPED
                continue
            character = _without_accents(character)
        if lowercase:
            character = _folded(character)
        targets[code] = ord(character)
        classes[code] = _class(ord(character), punctuation)
    return Characters(classes=_packed_classes(classes), mapping=_packed_mapping(targets))


def _class(code: int, punctuation: bool) -> int:
    category = unicodedata.category(chr(code))
    if code in (ZERO_WIDTH_SPACE, REPLACEMENT) or category[0] == "Z":
        return SEPARATES
    if category == "Cf" or _within(code, IGNORABLE):
        return DROPPED
    if category[0] == "P":
        return PART if category == "Pc" else OWN if punctuation else SEPARATES
    if category[0] in "LMN":
        return OWN if category != "Nd" and _within(code, UNSPACED) else PART
    return OWN


def _to_come(code: int) -> bool:
    return unicodedata.category(chr(code)) == "Cn" and (
        PICTOGRAPHS[0] <= code <= PICTOGRAPHS[1] or 0x20000 <= code <= 0x3FFFD
    )


def _within(code: int, ranges: tuple[tuple[int, int], ...]) -> bool:
    return any(low <= code <= high for low, high in ranges)


def _is_accent(character: str) -> bool:
    kind = unicodedata.combining(character)
    return 10 <= kind <= 36 or kind >= 200


def _without_accents(character: str) -> str:
    if not unicodedata.decomposition(character):
        return character
    parts = [c for c in unicodedata.normalize("NFKD", character) if not _is_accent(c)]
    return parts[0] if len(parts) == 1 else character


def _folded(character: str) -> str:
    # Where the full folding takes several code points, the simple one is the lower case, if any.
    for found in (character.casefold(), character.lower()):
        if len(found) == 1:
            return found
    return character


def _packed_classes(classes: Array) -> str:
    edges = np.flatnonzero(np.diff(classes, prepend=-1))
    numbers, end = [], 0
    for start, stop in zip(edges, [*edges[1:], CODE_POINTS], strict=True):
        if classes[start] != SEPARATES:
            numbers += [start - end, stop - start, classes[start]]
            end = stop
    return _written(numbers)


def _packed_mapping(targets: Array) -> str:
    numbers, before = [], 0
    for start, count, step, added in _runs(targets):
        numbers += [start - before, count, step, added]
        before = start
    return _written(numbers)


def _runs(targets: Array) -> Iterator[tuple[int, int, int, int]]:
    """Yield the first code point, number, step and difference of equally moved ones."""
    moved = targets - np.arange(CODE_POINTS)
    codes = np.flatnonzero(moved).tolist()
    at = 0
    while at < len(codes):
        start, added, end = codes[at], moved[codes[at]], at + 1
        step = codes[end] - start if end < len(codes) and codes[end] - start <= 2 else 1
        while (
            end < len(codes) and codes[end] == codes[end - 1] + step and moved[codes[end]] == added
        ):
            end += 1
        yield start, end - at, step, int(added)
        at = end


def _written(numbers: list[int]) -> str:
    return " ".join(map(_base_36, map(int, numbers)))


def _base_36(number: int) -> str:
    if number < 0:
        return "-" + _base_36(-number)
    high, low = divmod(number, 36)
    return (_base_36(high) if high else "") + DIGITS[low]


def _read(numbers: str, width: int) -> Iterator[tuple[int, ...]]:
    found = [int(number, 36) for number in numbers.split()]
    yield from zip(*(found[i::width] for i in range(width)), strict=True)


@functools.lru_cache(maxsize=8)
def _arrays(classes: str, mapping: str) -> tuple[Array, Array]:
    kinds, targets = np.zeros(CODE_POINTS, dtype=np.int8), np.arange(CODE_POINTS, dtype=np.int32)
    at = 0
    for gap, length, kind in _read(classes, 3):
        kinds[at + gap : at + gap + length] = kind
        at += gap + length
    at = 0
    for gap, count, step, added in _read(mapping, 4):
        at += gap
        targets[at : at + count * step : step] += added
    return kinds, targets


@functools.lru_cache(maxsize=8)
def _pages(classes: str, mapping: str) -> tuple[Array, Array, Array]:
    kinds, targets = _arrays(classes, mapping)
    both = np.stack([kinds, targets - np.arange(CODE_POINTS)], axis=1).reshape(-1, 512)
    pages, numbers = np.unique(both, axis=0, return_inverse=True)
    found = pages.reshape(-1, 256, 2).astype(np.int32)
    return numbers.reshape(-1).astype(np.int32), found[..., 0], found[..., 1]
