"""What `auto` becomes for texts, by how many there are and how long they are; imports no NumPy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlrecipe.preparation.kinds.text import Text

ORDER_FROM = 1500
"""Texts per word of a mean text from which a model of the order of words does better than a bag of
words (book, 11.3; Google's guide to text classification, "Choose a model", on 450 data sets)."""

PARTS_UP_TO = 20_000
"""Texts up to which both words and parts of words are counted: of more, the rows of numbers would
take gigabytes of memory."""

SHORT = 100
"""Words of a mean text up to which parts of words are counted, too: in short texts most words are
rare, misspelt or disguised; of long ones the words are enough, and the parts take long to count."""


def settled(text: Text, rows: int, words: Mapping[str, float]) -> tuple[Text, str]:
    """Return the settings with nothing left to `auto`, and the reason.

    Args:
        text: the settings.
        rows: number of rows to learn from.
        words: mean number of words in the texts of each column.
    """
    mean = max(1.0, max(words.values(), default=1.0))
    ratio = rows / mean
    found: dict[str, Any] = {}
    reasons = []
    if text.encode == "auto":
        # Before the order counts, what was asked for has to have one.
        ordered = ratio > ORDER_FROM and text.tokens != "words_and_characters"
        ordered = ordered and (text.ngrams is None or text.ngrams[0] == text.ngrams[1])
        found["encode"] = "tokens" if ordered else "tf_idf"
        than, what = (
            ("more", "their order is kept") if ordered else ("at most", "words are weighed")
        )
        reasons.append(
            f"{rows} texts of {mean:.0f} words on average are {ratio:.0f} texts a word, {than} "
            f"than {ORDER_FROM}: {what}"
            if ordered or ratio <= ORDER_FROM
            else f"tokens and ngrams have no common order: {what}"
        )
    encode = found.get("encode", text.encode)
    if text.tokens == "auto":
        both = encode != "tokens" and mean <= SHORT and rows <= PARTS_UP_TO and text.ngrams is None
        found["tokens"] = "words_and_characters" if both else "words"
        if both:
            reasons.append("texts are short: parts of words count as well as words")
    return text.model_copy(update=found), "; ".join(reasons)
