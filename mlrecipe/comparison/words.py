"""How much of a text is made of words that were never seen."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from mlrecipe.comparison.summaries import Numbers, summarize_numbers
from mlrecipe.interfaces import Array

MOST_TEXTS = 20_000
"""Texts that are looked at, drawn at random."""


def vocabulary_of(texts: Iterable[Any]) -> set[str]:
    """Return the words of some texts, in lower case."""
    return {word for text in texts if isinstance(text, str) for word in text.lower().split()}


def unknown_words(texts: Iterable[Any], vocabulary: set[str]) -> Array:
    """Return the share of words not in the vocabulary (texts,); NaN for a text without words."""

    def share(text: Any) -> float:
        words = text.lower().split() if isinstance(text, str) else []
        return sum(w not in vocabulary for w in words) / len(words) if words else float("nan")

    return np.array([share(text) for text in texts], dtype=np.float64)


def unknown_words_profiles(ours: pd.Series, theirs: pd.Series) -> tuple[Numbers, Numbers]:
    """Return how unknown the words of two samples are to a vocabulary of one half of the first.

    The other half shows what share of unknown words is ordinary.
    """
    draws = np.random.default_rng(0)
    order = draws.permutation(len(ours))[:MOST_TEXTS]
    half = len(order) // 2
    vocabulary = vocabulary_of(ours.iloc[order[:half]])
    others = theirs.iloc[draws.permutation(len(theirs))[:MOST_TEXTS]]
    return (
        summarize_numbers(unknown_words(ours.iloc[order[half:]], vocabulary)),
        summarize_numbers(unknown_words(others, vocabulary)),
    )
