"""Reviews of films over nine years: praise and blame by phrases, negated, conceded and ironic."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mlrecipe.generators import Generated
from mlrecipe.generators.wording import sentence, typed_in_haste

FIRST_YEAR, LAST_YEAR = 2012, 2020
WRONG_LABELS = 0.04

GRAMMAR = {
    "fact": (
        "I saw it {where}.",
        "It runs for two hours.",
        "{maker} made it after a {genre}.",
        "The story: {plot}.",
        "My {friend} chose this {genre}.",
        "It is a {genre} about {topic}.",
    ),
    "where": ("on a plane", "in the cinema", "at home", "with my {friend}", "last week"),
    "friend": ("sister", "neighbour", "boss", "son", "wife", "best friend"),
    "maker": ("The director", "The same team", "A newcomer", "The studio"),
    "genre": ("thriller", "comedy", "western", "drama", "horror film", "musical"),
    "topic": ("a bank", "two brothers", "the war", "a lost dog", "a wedding", "the sea"),
    "plot": ("a man looks for {topic}", "everything turns around {topic}", "somebody has to leave"),
    "part": ("acting", "script", "plot", "music", "ending", "dialogue", "cast", "camera work"),
    "good": ("great", "brilliant", "moving", "funny", "clever", "wonderful", "gripping"),
    "bad": ("awful", "boring", "flat", "clumsy", "dull", "terrible", "weak"),
    "praise": (
        "The {part} is {good}.",
        "I loved the {part}.",
        "The {part} is not {bad} at all.",
        "Never {bad}, always {good}.",
        "There is nothing {bad} about the {part}.",
        "I could not look away.",
    ),
    "blame": (
        "The {part} is {bad}.",
        "I hated the {part}.",
        "The {part} is not {good} at all.",
        "Never {good}, always {bad}.",
        "There is nothing {good} about the {part}.",
        "I looked at my watch twice.",
    ),
    "yes_but": (
        "Although the {part} is {bad}, the film as a whole is {good}.",
        "Yes, the {part} is {bad}, but who cares with a {part} this {good}.",
        "I expected something {bad} and got something {good}.",
    ),
    "no_but": (
        "Although the {part} is {good}, the film as a whole is {bad}.",
        "Yes, the {part} is {good}, but who cares with a {part} this {bad}.",
        "I expected something {good} and got something {bad}.",
    ),
    "buy": ("See it.", "Go and watch it.", "I would see it again.", "Recommended."),
    "leave": ("Skip it.", "Save your money.", "I want my evening back.", "Not recommended."),
}

LATER = {
    "where": ("on a streaming service", "in one go", "at 1.5 speed", "on my phone"),
    "good": ("fire", "iconic", "a vibe", "underrated", "bingeable", "great", "clever"),
    "bad": ("cringe", "mid", "a mess", "overhyped", "bloated", "weak", "boring"),
    "buy": ("Add it to your list.", "Stream it.", "10/10.", "Chef's kiss."),
    "leave": ("Hard pass.", "Nope.", "2/10.", "I stopped after half of it."),
}
"""How people write in the last years."""


def generate(rows: int, seed: int, flawed: bool) -> Generated:
    """Return reviews with ``written``, ``review`` and ``sentiment``, in order of time.

    When flawed, the wording drifts from year to year; otherwise all years write alike.
    """
    draws = np.random.default_rng([seed, 12])
    years = np.sort(draws.uniform(FIRST_YEAR, LAST_YEAR + 1, rows))
    positive = draws.random(rows) < 0.5
    texts: list[str] = []
    for year, liked in zip(years, positive, strict=True):
        late = (year - FIRST_YEAR) / (LAST_YEAR + 1 - FIRST_YEAR)
        if texts and draws.random() < 0.02:  # the same review, sent in once more
            positive[len(texts)] = positive[len(texts) - 1]
            texts.append(typed_in_haste(texts[-1], 0.05, draws))
        else:
            texts.append(_review(bool(liked), late**2 if flawed else 0.0, draws))
    positive ^= draws.random(rows) < WRONG_LABELS
    first = pd.Timestamp(f"{FIRST_YEAR}-01-01")
    written = first + pd.to_timedelta(((years - FIRST_YEAR) * 365).astype(int), "D")
    sentiment = np.where(positive, "positive", "negative")
    return Generated(
        pd.DataFrame(
            {"written": written.strftime("%Y-%m-%d"), "review": texts, "sentiment": sentiment}
        )
    )


def _review(liked: bool, late: float, draws: np.random.Generator) -> str:
    """Return a review of two to nine sentences, most of them of its sentiment.

    Args:
        late: chance that a sentence is worded as in the last years.
    """
    own, other = ("praise", "blame") if liked else ("blame", "praise")
    turn, close = ("yes_but", "buy") if liked else ("no_but", "leave")
    kinds = ["fact"] * int(draws.integers(1, 4)) + [own] * int(draws.integers(1, 3))
    kinds += [other] * int(draws.random() < 0.5) + [turn] * int(draws.random() < 0.6)
    draws.shuffle(kinds)
    kinds += [close] * int(draws.random() < 0.25)
    found = [
        sentence({**GRAMMAR, **LATER} if draws.random() < late else GRAMMAR, kind, draws)
        for kind in kinds
    ]
    return typed_in_haste(" ".join(found), 0.02, draws)
