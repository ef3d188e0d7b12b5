"""Weighted alternating least squares for implicit feedback.

Hu, Koren and Volinsky (2008), "Collaborative Filtering for Implicit Feedback Datasets": a like
counts 1 + confidence, everything else is a 0 that counts 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mlrecipe.interfaces import Array

AT_ONCE = 2048
"""Users (or items) that are solved together: their systems lie in memory."""


@dataclass(frozen=True)
class LeastSquares:
    """What a fit is told.

    Attributes:
        factors: numbers that describe a user, or an item.
        confidence: by how much a like counts more than none.
        regularization: weight of the squared factors.
    """

    factors: int
    confidence: float
    regularization: float

    def start(self, items: int, seed: int) -> Array:
        """Return random item factors, float64 (items, factors)."""
        draws = np.random.default_rng(seed)
        return draws.normal(0, 1 / np.sqrt(self.factors), (items, self.factors))

    def iterate(self, lists: Any, weights: Array, items: Array) -> Array:
        """Return better item factors: solve all users by the items, then all items by the users.

        Args:
            lists: 0 or 1, sparse (users, items).
            weights: how much each user counts (users,).
            items: item factors (items, factors).
        """
        users = self.solve(lists, items)
        return self.solve(lists.T.tocsr(), users, weights)

    def solve(self, lists: Any, others: Array, weights: Array | None = None) -> Array:
        """Return the factors (n, factors) of rows, given those of the columns that they like.

        Args:
            lists: 0 or 1, sparse (n, m).
            others: factors of the columns (m, factors).
            weights: how much each column counts (m,); None: all alike.
        """
        counted = others if weights is None else others * weights[:, None]
        pairs = (counted[:, :, None] * others[:, None, :]).reshape(len(others), -1)
        gram = others.T @ counted + self.regularization * np.eye(self.factors)
        found = np.empty((lists.shape[0], self.factors))
        for start in range(0, lists.shape[0], AT_ONCE):
            part = lists[start : start + AT_ONCE]
            systems = (part @ pairs).reshape(-1, self.factors, self.factors)
            right = (1 + self.confidence) * (part @ counted)
            systems = gram + self.confidence * systems
            found[start : start + AT_ONCE] = np.linalg.solve(systems, right[:, :, None])[:, :, 0]
        return found
