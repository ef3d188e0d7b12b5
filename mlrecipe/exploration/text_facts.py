"""What texts look like: how long they are, and which words each class uses most."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import numpy as np
import pandas as pd

from mlrecipe.data.table import Table
from mlrecipe.exploration.split import Split

MOST_ROWS = 20_000
FEWEST_ROWS = 5
"""A word of fewer rows is not shown: it might name a person."""

MOST_WORDS = 12
BINS = 20
WORD = re.compile(r"[^\W\d_]{2,}")


def text_facts(table: Table, name: str, split: Split | None) -> dict[str, Any]:
    """Return lengths in words of a sample of rows, and the telling words of every class.

    Words are ranked by the share of a class's rows that hold them, less the share of all other
    rows, so that words that everybody uses do not fill the list; without classes by rows alone.
    """
    texts = table.column(name).dropna()
    if len(texts) > MOST_ROWS:
        texts = texts.iloc[np.linspace(0, len(texts) - 1, MOST_ROWS).astype(int)]
    words = [WORD.findall(str(text).lower()) for text in texts]
    lengths = np.array([len(str(text).split()) for text in texts])
    if not len(lengths):
        return {"rows": 0}
    top = max(int(np.quantile(lengths, 0.99)), 1)
    width = max(1, -(-top // BINS))
    edges = list(range(0, top + width, width))
    inside = np.minimum(lengths, edges[-1])
    found: dict[str, Any] = {
        "rows": len(texts),
        "empty": int((lengths == 0).sum()),
        "median_words": float(np.median(lengths)),
        "longest_words": int(lengths.max()),
        "lengths": {"edges": edges, "above": int((lengths > edges[-1]).sum())},
        "words": _telling(words, texts.index, split),
    }
    codes = None if split is None or split.values is not None else split.codes[texts.index]
    found["lengths"]["counts"] = np.histogram(inside, edges)[0].tolist()
    if codes is not None and split is not None:
        found["lengths"]["by_class"] = [
            np.histogram(inside[codes == code], edges)[0].tolist()
            for code in range(len(split.labels))
        ]
    return found


def _telling(words: list[list[str]], rows: pd.Index, split: Split | None) -> list[dict[str, Any]]:
    labels = split.labels if split and split.values is None else ()
    codes = split.codes[rows] if split and labels else np.zeros(len(words), dtype=int)
    counts = [Counter[str]() for _ in range(max(len(labels), 1))]
    for found, code in zip(words, codes, strict=True):
        if code >= 0:
            counts[code].update(set(found))
    sizes = np.bincount(codes[codes >= 0], minlength=len(counts))
    together = sum(counts, Counter[str]())
    return [
        {
            "class": labels[code] if labels else None,
            "words": _ranked(counts[code], together, int(sizes[code]), int(sizes.sum())),
        }
        for code in range(len(counts))
    ]


def _ranked(
    own: Counter[str], together: Counter[str], rows: int, all_rows: int
) -> list[dict[str, Any]]:
    def lead(word: str) -> float:
        others = all_rows - rows
        rest = (together[word] - own[word]) / others if others else 0.0
        return own[word] / rows - rest

    frequent = [word for word, count in own.items() if count >= FEWEST_ROWS]
    best = sorted(frequent, key=lambda word: (-lead(word), word))[:MOST_WORDS]
    return [
        {"word": w, "rows": own[w], "share": own[w] / rows, "lead": round(lead(w), 4)} for w in best
    ]
