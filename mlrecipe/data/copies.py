"""Which rows are copies of one another: the same case, recorded again.

Copies on both sides of a split are a leak (book, 6.2.2). Two rows are copies when every input
agrees: texts that nearly say the same, and images that nearly show the same, agree; all other
values have to be equal.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np
import pandas as pd

from mlrecipe.data.lists import hashable
from mlrecipe.data.table_schema import TableSchema
from mlrecipe.interfaces import Array

MOST_COMPARED = 20_000
"""Different texts or images that are compared in pairs; of more, only equal ones are copies."""

SIMILAR_TEXTS = 0.8
"""Share of character 5-grams that copies have in common (Jaccard; Broder, 1997, at this level)."""

SHORTEST, LONGEST = 20, 1000
"""Characters: shorter texts have to be equal; of longer ones the beginning counts."""

HASHES, BAND = 60, 5
"""Minima kept of a text, and how many of them stand together: pairs at 0.8 are met with a chance
of 1 - (1 - 0.8^5)^12 = 0.99 (Leskovec, Rajaraman and Ullman, Mining of massive datasets, 3.4)."""

SIDE, MOST_BITS = 16, 20
"""An image's perceptual hash has SIDE^2 bits: whether it gets lighter from one pixel to the next,
at 17 x 16 pixels (dHash, Krawetz, 2013); copies differ in at most so many of them."""

FLATTEST = 48
"""Fewest bits of either kind that a hash must have to tell anything: a plain image has none."""


def copies(frame: pd.DataFrame, schema: TableSchema) -> Array:
    """Return the number of the case (rows,) that every row records, int64; copies share it.

    Args:
        frame: the rows.
        schema: its columns; those that a model reads are compared.
    """
    total = np.zeros(len(frame), dtype=np.uint64)
    for name, column in schema.features().items():
        values = frame[name]
        if column.kind == "text":
            codes = _similar(values, _text_pairs)
        elif column.kind == "image":
            codes = _similar(values, _image_pairs)
        else:
            codes = pd.util.hash_pandas_object(hashable(values), index=False).to_numpy(np.uint64)
        total ^= total >> np.uint64(29)
        total = total * np.uint64(0xBF58476D1CE4E5B9) + codes
    return pd.factorize(total)[0].astype(np.int64)


def joined(*numberings: Array | None) -> Array | None:
    """Return the number of what hangs together (rows,): rows that share a number in any of them.

    None: no numbering was given.
    """
    given = [pd.factorize(numbers)[0] for numbers in numberings if numbers is not None]
    if not given:
        return None
    found = given[0]
    for other in given[1:]:
        nodes = int(found.max()) + 1
        found = _components(nodes + int(other.max()) + 1, found, nodes + other)[found]
    return found.astype(np.int64)


def _components(nodes: int, left: Array, right: Array) -> Array:
    """Return the number of its connected component for every node, given edges."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    edges = coo_matrix((np.ones(len(left), dtype=np.int8), (left, right)), shape=(nodes, nodes))
    return np.asarray(connected_components(edges, directed=False)[1])


def _similar(
    values: pd.Series, pairs_of: Callable[[pd.Series], Iterator[tuple[int, int]]]
) -> Array:
    """Return uint64 (rows,), equal for equal and for similar values."""
    numbers, distinct = pd.factorize(hashable(values), use_na_sentinel=False)
    if len(distinct) > MOST_COMPARED:
        return numbers.astype(np.uint64)
    first = np.unique(numbers, return_index=True)[1]
    pairs = list(pairs_of(values.iloc[first]))
    left, right = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    return _components(len(distinct), left, right)[numbers].astype(np.uint64)


def _text_pairs(texts: pd.Series) -> Iterator[tuple[int, int]]:
    """Yield positions of similar texts; in long ones all digits are alike: templates are found."""
    plain = texts.fillna("").astype(str).str.casefold().str.replace(r"[\W_]+", " ", regex=True)
    plain = plain.str.strip().str[:LONGEST].reset_index(drop=True)
    long = plain.str.len() >= SHORTEST
    plain[long] = plain[long].str.replace(r"\d", "0", regex=True)
    for form, members in plain.groupby(plain).indices.items():
        if form:
            yield from pairwise(members)
    once = plain[long & ~plain.duplicated()]
    if len(once) < 2:
        return
    grams = _grams(once)
    for a, b in _candidates(grams):
        shared = len(np.intersect1d(grams[a], grams[b], assume_unique=True))
        if shared >= SIMILAR_TEXTS * (len(grams[a]) + len(grams[b]) - shared):
            yield int(once.index[a]), int(once.index[b])


def _grams(texts: pd.Series) -> list[Array]:
    """Return the hashed character 5-grams of each text, ascending."""
    from sklearn.feature_extraction.text import HashingVectorizer

    counts = HashingVectorizer(
        analyzer="char", ngram_range=(5, 5), n_features=2**20, norm=None, alternate_sign=False
    ).transform(texts)
    counts.sort_indices()
    return np.split(counts.indices, counts.indptr[1:-1])


def _candidates(grams: list[Array]) -> set[tuple[int, int]]:
    """Return pairs that have a band of minima in common (MinHash and banding)."""
    random = np.random.default_rng(0)
    starts = np.cumsum([0, *map(len, grams[:-1])])
    values = np.concatenate(grams).astype(np.uint64)
    minima = np.empty((len(grams), HASHES), dtype=np.uint64)
    for number in range(HASHES):
        factor, shift = random.integers(1, 2**61 - 1, 2, dtype=np.uint64)
        mixed = (values * (factor | np.uint64(1)) + shift) >> np.uint64(20)
        minima[:, number] = np.minimum.reduceat(mixed, starts)
    found: set[tuple[int, int]] = set()
    for begin in range(0, HASHES, BAND):
        band = pd.Series(map(bytes, np.ascontiguousarray(minima[:, begin : begin + BAND])))
        for members in band[band.duplicated(keep=False)].groupby(band).indices.values():
            # Of many alike ones, each is held against the first and the one before it.
            first, *others = members.tolist()
            found.update((first, other) for other in others)
            found.update(pairwise(others))
    return found


def _image_pairs(images: pd.Series) -> Iterator[tuple[int, int]]:
    """Yield positions of images whose perceptual hashes nearly agree."""
    hashes = [_perceptual_hash(content) for content in images]
    known = np.array([i for i, bits in enumerate(hashes) if bits is not None], dtype=np.int64)
    if len(known) < 2:
        return
    signs = np.array([hashes[i] for i in known], dtype=np.float32) * 2 - 1
    for start in range(0, len(known), 1000):
        agreeing = signs[start : start + 1000] @ signs[start:].T
        for a, b in np.argwhere(np.triu(agreeing >= signs.shape[1] - 2 * MOST_BITS, 1)):
            yield int(known[start + a]), int(known[start + b])


def _perceptual_hash(content: object) -> Array | None:
    """Return bool (SIDE * SIDE,); None for what is no image, or too plain or small to tell."""
    from PIL import Image

    if not isinstance(content, bytes | bytearray):
        return None
    try:
        with Image.open(io.BytesIO(content)) as image:
            image.draft("L", (4 * SIDE, 4 * SIDE))
            if min(image.size) < 2 * SIDE:
                return None
            small = np.asarray(image.convert("L").resize((SIDE + 1, SIDE), Image.Resampling.BOX))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    bits = (small[:, 1:] > small[:, :-1]).ravel()
    return bits if FLATTEST <= bits.sum() <= bits.size - FLATTEST else None
