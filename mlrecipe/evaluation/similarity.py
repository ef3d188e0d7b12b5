"""Judges embeddings: does a row find the other rows of its thing?"""

from __future__ import annotations

from typing import Any

import numpy as np

from mlrecipe.data.nearest import highest, similarities, unit_length
from mlrecipe.evaluation.decision import best_threshold, frequency
from mlrecipe.interfaces import Array, Evidence, Outcomes

CELLS = 25_000_000
"""Relevances in memory: 100 MB, and as much again for the scores."""

FEWEST_ITEMS = 200
"""Items of a list that are kept at least, however many queries there are."""

FIRST = 10
"""Length of the list that the report speaks of."""


def relevances(things: Array, embeddings: Array) -> tuple[Array, Array]:
    """Return which rows are of the same thing, and how similar they are, both (rows, items).

    Every row is a query, and all other rows are the items; itself it is scored -inf, which leaves
    it out. Of very many rows, lists are cut: the nearest items of each, and those of its thing.

    Args:
        things: number of the thing that each row shows (rows,).
        embeddings: (rows, n); similarity is their cosine.

    Returns:
        Relevances, float32, 0 or 1; and scores, float32. Cut lists have gaps, of relevance 0 and
        score -inf. Metrics of the first `FEWEST_ITEMS` items, or fewer, are not touched by it.
    """
    rows, vectors = len(things), unit_length(embeddings)
    listed = rows if rows * rows <= CELLS else min(rows, max(FEWEST_ITEMS, CELLS // rows))
    if listed == rows:
        same, scores = (things[:, None] == things[None]), vectors @ vectors.T
        np.fill_diagonal(same, False)
        np.fill_diagonal(scores, -np.inf)
        return same.astype(np.float32), scores
    members = _members(things)
    width = listed + max(map(len, members.values()))
    relevant = np.zeros((rows, width), np.float32)
    scores = np.full((rows, width), -np.inf, np.float32)
    for block, cosines in similarities(vectors, vectors):
        for number, line in enumerate(cosines, start=block.start):
            line[number] = -np.inf
            near = highest(line[None], listed)[0]
            theirs = members[things[number]]
            items = np.concatenate([near, np.setdiff1d(theirs, near)])
            relevant[number, : len(items)] = (things[items] == things[number]) & (items != number)
            scores[number, : len(items)] = line[items]
    return relevant, scores


def _members(things: Array) -> dict[Any, Array]:
    """Return the rows of every thing."""
    order = np.argsort(things, kind="stable")
    names, starts = np.unique(things[order], return_index=True)
    return dict(zip(names, np.split(order, starts[1:]), strict=True))


def decide_similarity(evidence: Evidence) -> dict[str, Any]:
    """Return the decision of a ranking by similarity; see `Task.decide`.

    The threshold is the cosine from which on the nearest known row counts as the same thing: the
    cheapest on validation rows, with the problem's costs of a false alarm and a missed case.
    """
    costs, confidence = evidence.problem.costs, evidence.confidence
    right, nearest, _ = _first(evidence.validation)
    chosen = best_threshold(
        right.astype(np.float32), (1 + nearest) / 2, costs, evidence.validation.weights
    )
    threshold = 2 * chosen - 1
    right, nearest, found = _first(evidence.test)
    asks = np.isfinite(found)
    weights, unit = evidence.test.weights, evidence.problem.unit
    consequences = [
        frequency(name, mask[asks], weights[asks], evidence.problem, confidence)
        for name, mask in (
            (f"the nearest other {unit} is of the same thing", right),
            (f"one of the nearest {FIRST} is of the same thing", found > 0),
            (f"none of the nearest {FIRST} is of the same thing", found == 0),
        )
    ]
    alarms = ~right & (nearest >= threshold)
    missed = right & (nearest < threshold)
    return {
        "threshold": threshold,
        "reason": f"from this cosine on the nearest is taken for the same thing: cheapest on "
        f"{len(evidence.validation.y)} validation rows, with a false alarm at "
        f"{costs.false_positive:g} and a missed case at {costs.false_negative:g}",
        "form": "frequencies",
        "consequences": consequences,
        "statements": [
            f"{int(asks.sum())} of {len(asks)} test rows show a thing that other test rows show, "
            "and ask for these among all other test rows; the shares are shares of them. No thing "
            "was ever seen in training.",
            f"At the threshold, {alarms.mean():.1%} of the test rows are taken for a thing that "
            f"they do not show, and {missed.mean():.1%} are not taken for the one they do.",
        ],
    }


def _first(rows: Outcomes) -> tuple[Array, Array, Array]:
    """Return of each row: is the nearest of its thing, its cosine, hits among the first (or NaN).

    NaN where no other row shows the thing: such a row has nothing to find.
    """
    relevant, scores = relevances(rows.y[:, 0], rows.outputs)
    order = highest(scores, FIRST)
    hits = np.take_along_axis(relevant, order, axis=1) > 0
    found = np.where((relevant > 0).any(axis=1), hits.sum(axis=1), np.nan)
    cosine = np.take_along_axis(scores, order[:, :1], axis=1)[:, 0]
    return hits[:, 0], cosine, found
