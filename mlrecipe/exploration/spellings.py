"""How the values of a string column are written: variants, blanks, numbers, words for nothing."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

MOST_DISTINCT = 20_000
"""Different strings looked at, the most frequent first; the shares are of their rows."""

MOST_VARIANTS = 20

NULL_WORDS = frozenset(
    {"", "-", "--", "---", ".", "?", "??", "n/a", "n.a.", "na", "nan", "nil", "none", "null"}
    | {"missing", "unknown", "not available", "undefined", "tbd", "#n/a", "(none)", "<null>"}
)
"""What people write for "no value", in lower case; readers of CSV know but a few of them."""


@dataclass(frozen=True)
class Spellings:
    """How strings are written.

    Attributes:
        rows: number of present values that were looked at.
        nulls: words for nothing -> rows.
        numbers: rows whose string reads as a number; words for nothing do not count.
        others: rows whose string reads as neither.
        words: those of the others that hold no digit; codes such as 7e4 and 7f4 do.
        blanks: rows with blanks before or after.
        variants: groups of different strings that differ in case, blanks and punctuation alone.
    """

    rows: int
    nulls: dict[str, int]
    numbers: int
    others: int
    words: int
    blanks: int
    variants: tuple[tuple[str, ...], ...]


def spellings_of(counts: pd.Series) -> Spellings:
    """Return how strings are written; ``counts`` has the strings as its index."""
    counts = counts.head(MOST_DISTINCT)
    counts.index = counts.index.astype(str)
    texts = pd.Series(counts.index, dtype="str")
    weights = counts.to_numpy()
    bare = texts.str.strip()
    nulls = bare.str.lower().isin(NULL_WORDS).to_numpy()
    numbers = pd.to_numeric(bare, errors="coerce").notna().to_numpy() & ~nulls
    digits = bare.str.contains(r"\d").to_numpy(dtype=bool)
    blanks = (bare != texts).to_numpy() & (bare != "").to_numpy()
    return Spellings(
        rows=int(weights.sum()),
        nulls={str(t): int(w) for t, w in zip(texts[nulls], weights[nulls], strict=True)},
        numbers=int(weights[numbers].sum()),
        others=int(weights[~(numbers | nulls)].sum()),
        words=int(weights[~(numbers | nulls | digits)].sum()),
        blanks=int(weights[blanks].sum()),
        variants=_variants(texts[~(numbers | nulls)]),
    )


def normal_form(texts: pd.Series) -> pd.Series:
    """Return strings without case, punctuation and blanks: "Deep" and "deep!!" become one."""
    return texts.str.casefold().str.replace(r"[\W_]+", "", regex=True)


def _variants(texts: pd.Series) -> tuple[tuple[str, ...], ...]:
    """Return the groups of strings with one normal form; blanks around them do not count."""
    bare = texts.str.strip().drop_duplicates()
    form = normal_form(bare)
    bare, form = bare[form != ""], form[form != ""]
    shared = form.duplicated(keep=False).to_numpy()
    groups = bare[shared].groupby(form[shared].to_numpy(), sort=True)
    found = [tuple(sorted(group)) for _, group in groups]
    return tuple(found[:MOST_VARIANTS])
