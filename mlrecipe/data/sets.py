"""Sets of tags in one string: which character parts them, and whether strings are sets at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

SEPARATORS = ("|", ";", ",")
"""What parts the tags of a set, where nobody says so."""

LIST_SEPARATOR = "|"
"""A list of tags is written as one string, its members joined by this one."""

BLANKS = " \t\n\r\x0b\x0c"
"""What is taken off a tag at both ends; other blanks differ from runtime to runtime."""

FEWEST_REPEATS = 3
"""On average, a tag is in so many different sets at least."""

MOST_WORDS = 2.5
"""Tags have fewer words than this on average; longer parts are sentences."""


def separator_of(counts: Mapping[str, int]) -> str:
    """Return the separator that most of the strings hold; the first one where none does.

    Args:
        counts: how often each string occurs.
    """
    holding = {s: sum(n for text, n in counts.items() if s in text) for s in SEPARATORS}
    return max(SEPARATORS, key=lambda s: (holding[s], -SEPARATORS.index(s)))


def tags_of(text: str, separator: str) -> list[str]:
    """Return the different tags of a set, in the order written; a list's separator parts too."""
    parts = text.replace(LIST_SEPARATOR, separator).split(separator)
    return list(dict.fromkeys(t for part in parts if (t := part.strip(BLANKS))))


def joined(value: object) -> str:
    """Return the one string that a list of tags is written as; a string stays as it is."""
    if isinstance(value, str):
        return value
    if not isinstance(value, Iterable):
        return str(value)
    members = sorted(value) if isinstance(value, set | frozenset) else value
    return LIST_SEPARATOR.join(str(v) for v in members if v is not None and v != "")


def set_reason(counts: Mapping[str, int]) -> str:
    """Return why strings are sets of tags; empty where they are not.

    They are when the number of parts varies, the parts are short and hold letters (or are parted
    by | or ;), and combine: there are more different sets than tags, and a tag is in several.
    """
    separator = separator_of(counts)
    parted = {text: tags_of(text, separator) for text in counts}
    sizes = {len(tags) for tags in parted.values()}
    holding = sum(n for text, n in counts.items() if len(parted[text]) > 1)
    if len(sizes) < 2 or holding < 0.2 * sum(counts.values()):
        return ""
    tags = Counter(tag for found in parted.values() for tag in found)
    total = tags.total()
    if len(tags) >= len(counts) or total < FEWEST_REPEATS * len(tags):
        return ""
    if sum((tag.count(" ") + 1) * n for tag, n in tags.items()) > MOST_WORDS * total:
        return ""
    lettered = sum(n for tag, n in tags.items() if any(c.isalpha() for c in tag))
    if separator == "," and lettered < 0.9 * total:
        return ""
    return f"{len(tags)} different tags, parted by {separator}, in {len(counts)} combinations"
