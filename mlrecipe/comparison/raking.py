"""Raking: weights by which a sample has the shares of the population in several columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mlrecipe.comparison.summaries import label
from mlrecipe.errors import MlrecipeError, nearest
from mlrecipe.interfaces import Array

ROUNDS = 500
TOLERANCE = 1e-8
"""Largest difference of a share at which the weights count as found."""

WRONG = 0.01
"""Largest difference of a share that is tolerated when no better weights are found."""

Shares = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class Raking:
    """Factors of every declared value; a row's weight is their product.

    Attributes:
        factors: column -> value -> factor.
        most: largest weight, in mean weights; None: no limit.
        rounds: rounds that it took.
        error: largest difference between a weighted and a declared share that was left.
    """

    factors: Mapping[str, Mapping[str, float]]
    most: float | None
    rounds: int
    error: float

    def weights(self, frame: pd.DataFrame, base: Array) -> Array:
        """Return positive weights (rows,) with mean 1; a missing value has the factor 1."""
        product = base.astype(np.float64)
        for name, factors in self.factors.items():
            product = product * frame[name].map(label, na_action="ignore").map(factors).fillna(
                1.0
            ).to_numpy(dtype=np.float64)
        return _limited(product, self.most)


def fit_raking(frame: pd.DataFrame, population: Shares, base: Array, most: float | None) -> Raking:
    """Find the factors by iterative proportional fitting.

    Source: Deming and Stephan (1940), Annals of Mathematical Statistics 11; with a limit on the
    weights in every round (DeBell and Krosnick, 2009, ANES technical report 012427). Rows whose
    value is missing keep their weight in that column's turn.

    Raises:
        MlrecipeError: for a value without a declared share, a declared value without a row, and
            weights that do not settle.
    """
    margins = [_margin_of(name, frame[name], shares) for name, shares in population.items()]
    factors = [np.ones(len(margin.shares)) for margin in margins]
    error, before, rounds = np.inf, np.inf, 0
    while error >= TOLERANCE and rounds < ROUNDS:
        before, rounds = error, rounds + 1
        for margin, factor in zip(margins, factors, strict=True):
            found = margin.found(_product(base, margins, factors, most))
            factor *= margin.shares / np.maximum(found, 1e-12)
        weights = _product(base, margins, factors, most)
        error = max(float(np.abs(m.found(weights) - m.shares).max()) for m in margins)
        if before - error < TOLERANCE**2:
            break  # a limit, or an empty combination, keeps the shares from being reached
    if error > WRONG and most is None:
        raise MlrecipeError(
            f"no weights give the sample the declared shares: {error:.1%} is left after "
            f"{rounds} rounds",
            where="problem.population",
            expected="shares that the combinations of values in the sample can have together",
            fix="declare fewer columns, or put rare values together",
        )
    kept = {
        m.name: dict(zip(m.values, map(float, factor), strict=True))
        for m, factor in zip(margins, factors, strict=True)
    }
    return Raking(kept, most, rounds, error)


@dataclass(frozen=True)
class _Margin:
    """One column: the declared share of each value, and the value of each row (-1: missing)."""

    name: str
    values: tuple[str, ...]
    shares: Array
    codes: Array

    def found(self, weights: Array) -> Array:
        """Return the weighted shares (values,) of the rows whose value is known."""
        known = self.codes >= 0
        sums = np.bincount(
            self.codes[known], weights=weights[known], minlength=len(self.shares)
        ).astype(np.float64)
        return sums / sums.sum()


def _margin_of(name: str, values: pd.Series, shares: Mapping[str, float]) -> _Margin:
    labels = values.map(label, na_action="ignore")
    _require_same_values(name, labels, shares)
    codes = pd.Categorical(labels, categories=list(shares)).codes.astype(np.int64)
    declared = np.array(list(shares.values()), dtype=np.float64)
    return _Margin(name, tuple(shares), declared / declared.sum(), codes)


def _product(
    base: Array, margins: Sequence[_Margin], factors: Sequence[Array], most: float | None
) -> Array:
    product = base.astype(np.float64)
    for margin, factor in zip(margins, factors, strict=True):
        product = product * np.where(margin.codes >= 0, factor[margin.codes], 1.0)
    return _limited(product, most)


def _limited(weights: Array, most: float | None) -> Array:
    """Return weights with mean 1, none above the limit: what is cut off goes to all others."""
    weights = weights / weights.mean()
    if most is None:
        return weights
    capped = np.zeros(len(weights), dtype=bool)
    while (above := (weights > most * (1 + 1e-9)) & ~capped).any():
        capped |= above
        rest = float(weights[~capped].sum())
        left = len(weights) - most * int(capped.sum())
        weights = np.where(capped, most, weights * left / rest)
    return weights


def _require_same_values(name: str, labels: pd.Series, shares: Mapping[str, float]) -> None:
    where = f"problem.population.{name}"
    counts = labels.value_counts()
    unknown = [str(v) for v in counts.index if v not in shares]
    if unknown:
        close = nearest(unknown[0], shares)
        raise MlrecipeError(
            f"{name} has values without a declared share: "
            + ", ".join(f"{v!r} in {counts[v]} rows" for v in unknown[:5])
            + (f"; is {unknown[0]!r} what is declared as {close!r}?" if close else ""),
            where=where,
            expected=f"only {', '.join(shares)}",
            fix="declare their share, or correct the values",
        )
    absent = [v for v in shares if v not in counts.index]
    if absent:
        raise MlrecipeError(
            f"no development row has the value {absent[0]!r} of {name}, "
            f"which is {shares[absent[0]]:.1%} of the population",
            where=where,
            expected="at least one row for every declared value: no weight makes up for none",
            fix="collect such rows, or declare the share of a coarser group",
        )
