"""Makes sentences from a small grammar, and people's ways of writing them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np

Grammar = Mapping[str, Sequence[str]]
"""Name -> its forms; a form may name others in braces: ``{greeting} {name}!``."""

SLANG = {"you": "u", "are": "r", "please": "pls", "tonight": "2nite", "your": "ur", "to": "2"}
LOOKALIKES = {"a": "4", "e": "3", "i": "1", "o": "0", "s": "5"}


def sentence(grammar: Grammar, name: str, draws: np.random.Generator) -> str:
    """Return a form of that name, with every name in it replaced by one of its own forms."""
    forms = grammar[name]
    form = forms[int(draws.integers(len(forms)))]
    return re.sub(r"\{(\w+)\}", lambda found: sentence(grammar, found[1], draws), form)


def typed_in_haste(text: str, share: float, draws: np.random.Generator) -> str:
    """Return the text with slang and slips: swapped, doubled and missing letters.

    Args:
        share: chance that a word is touched.
    """
    words = []
    for word in text.split():
        if draws.random() < share:
            word = SLANG.get(word.lower()) or _slip(word, draws)
        words.append(word)
    return " ".join(words)


def _slip(word: str, draws: np.random.Generator) -> str:
    if len(word) < 4:
        return word
    at = int(draws.integers(1, len(word) - 1))
    kind = draws.integers(3)
    if kind == 0:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return word[:at] + word[at] * 2 * int(kind == 1) + word[at + 1 :]


def disguised(word: str, draws: np.random.Generator) -> str:
    """Return a word as those write it who want to get past a list of words: ``fr33``, ``f.r.e.e``.

    What stands for a letter differs from time to time, so that no list is ever complete.
    """
    if draws.random() < 0.3:
        return str(draws.choice([".", "-", "*"])).join(word)
    if draws.random() < 0.2:
        at = int(draws.integers(len(word)))
        return word[: at + 1] + word[at:]
    return "".join(
        LOOKALIKES[c] if c in LOOKALIKES and draws.random() < 0.6 else c for c in word.lower()
    )
