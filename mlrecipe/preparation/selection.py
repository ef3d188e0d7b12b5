"""Leaves out features that tell little, by what encoded training rows teach, chunk by chunk.

Variances, correlations and F statistics follow from moments, which are merged exactly as Chan,
Golub and LeVeque (1979) do. Mutual information (Kraskov et al. 2004, Ross 2014; scikit-learn's
estimators) needs rows: it is estimated on a sample, drawn by a hash of the rows' positions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Self

import numpy as np

from mlrecipe.errors import MlrecipeError
from mlrecipe.interfaces import Array
from mlrecipe.preparation.preparation import VECTOR, LeftOut, Preparation
from mlrecipe.preparation.select import Select
from mlrecipe.preparation.statistics import Chunk, Statistic, gather, position_hash, smallest_keys

MOST_PAIRS = 5_000
"""Features of which all pairs are correlated: their matrix takes 200 MB."""

SAMPLE_ROWS = 10_000
"""Rows that mutual information is estimated on."""


@dataclass
class Moments(Statistic):
    """Moments of encoded features and targets, together.

    Attributes:
        preparation: encodes the rows.
        pairs: whether all pairs of features are looked at.
        sampled: whether rows are kept, for mutual information.
        count: rows.
        mean: of features and outputs (d + k,).
        squares: sums of squared deviations (d + k,).
        with_target: sums of products of deviations, features × outputs (d, k).
        between: the same of features and features (d, d); empty without pairs.
        low, high: extremes of each feature (d,).
        classes: whether every row's targets are 0 but for one 1.
        rows, keys: the sample, float64 (sampled rows, d + k), and its hashes.
    """

    preparation: Preparation
    pairs: bool
    sampled: bool
    count: int = field(init=False, default=0)
    classes: bool = field(init=False, default=True)

    def __post_init__(self) -> None:
        d = self.preparation.width()
        self.mean = self.squares = np.zeros(0)
        self.with_target, self.between = np.zeros((d, 0)), np.zeros((d, d) if self.pairs else 0)
        self.low, self.high = np.full(d, np.inf), np.full(d, -np.inf)
        self.rows, self.keys = np.zeros((0, 0)), np.zeros(0, dtype=np.uint64)

    def fresh(self) -> Self:
        return type(self)(self.preparation, self.pairs, self.sampled)

    def update(self, chunk: Chunk) -> None:
        x = self.preparation.transform(chunk.frame)[VECTOR].astype(np.float64)
        y = np.zeros((len(x), 0)) if chunk.y is None else chunk.y.astype(np.float64)
        both, d = np.concatenate([x, y], axis=1), x.shape[1]
        self.count = len(x)
        self.mean = both.mean(axis=0) if len(x) else np.zeros(both.shape[1])
        apart = both - self.mean
        self.squares = (apart**2).sum(axis=0)
        self.with_target = apart[:, :d].T @ apart[:, d:]
        if self.pairs:
            self.between = apart[:, :d].T @ apart[:, :d]
        self.low, self.high = x.min(axis=0, initial=np.inf), x.max(axis=0, initial=-np.inf)
        self.classes = bool(np.isin(y, (0.0, 1.0)).all() and (y.sum(axis=1) == 1).all())
        if self.sampled:
            keys = position_hash(chunk.start, len(x))
            self.rows, self.keys = smallest_keys(both, keys, SAMPLE_ROWS)

    def merge(self, other: Self) -> None:
        if not self.count:
            self.__dict__.update(other.__dict__)
            return
        d = len(self.low)
        apart = other.mean - self.mean
        part = self.count * other.count / (self.count + other.count)
        self.squares = self.squares + other.squares + apart**2 * part
        self.with_target += other.with_target + np.outer(apart[:d], apart[d:]) * part
        if self.pairs:
            self.between += other.between + np.outer(apart[:d], apart[:d]) * part
        self.mean = self.mean + apart * (other.count / (self.count + other.count))
        self.count += other.count
        self.low, self.high = np.minimum(self.low, other.low), np.maximum(self.high, other.high)
        self.classes = self.classes and other.classes
        if self.sampled:
            rows = np.concatenate([self.rows, other.rows])
            keys = np.concatenate([self.keys, other.keys])
            self.rows, self.keys = smallest_keys(rows, keys, SAMPLE_ROWS)

    @property
    def varies(self) -> Array:
        """Which features have more than one value: bool (d,)."""
        return self.high > self.low

    def explained(self) -> Array:
        """Return the share of the target's variance that each feature alone explains (d,).

        For classes the correlation ratio, which the F statistic of a one-way analysis of variance
        rises with; else R² of the output it explains best.
        """
        d = len(self.low)
        spread, of_target = self.squares[:d], self.squares[d:]
        with np.errstate(divide="ignore", invalid="ignore"):
            if self.classes and len(of_target) > 1:
                per_class = self.count * self.mean[d:]
                shares = np.where(per_class > 0, self.with_target**2 / per_class, 0.0).sum(axis=1)
                found = shares / spread
            else:
                found = (self.with_target**2 / np.outer(spread, of_target)).max(axis=1, initial=0)
        # The order of the rows moves the last digits, which must not decide a tie.
        return np.where(self.varies, np.round(np.nan_to_num(found), 10), 0.0)

    def correlations(self) -> Array:
        """Return the size of the correlation of every pair (d, d); 0 with a constant."""
        spread = np.sqrt(self.squares[: len(self.low)])
        with np.errstate(divide="ignore", invalid="ignore"):
            found = np.abs(self.between / np.outer(spread, spread))
        return np.where(np.outer(self.varies, self.varies), np.nan_to_num(found), 0.0)

    def mutual_information(self) -> Array:
        """Return the mutual information of each feature and the target, in nats (d,)."""
        from sklearn.feature_selection import mutual_info_classif, mutual_info_regression

        d = len(self.low)
        x, y = self.rows[:, :d], self.rows[:, d:]
        discrete = np.isin(x, (0.0, 1.0)).all(axis=0)
        targets = [y.argmax(axis=1)] if self.classes and y.shape[1] > 1 else list(y.T)
        found = []
        for target in targets:
            few = bool(np.isin(target, (0.0, 1.0)).all()) or self.classes
            estimate = mutual_info_classif if few else mutual_info_regression
            found.append(estimate(x, target, discrete_features=discrete, random_state=0))
        return np.round(np.max(found, axis=0), 10)


def select_features(
    preparation: Preparation,
    chunks: Iterable[Chunk],
    select: Select,
    refit: Callable[[frozenset[str]], Preparation],
) -> Preparation:
    """Return a preparation that gives the features alone that the rules keep.

    Args:
        preparation: gives all of them.
        chunks: the raw training rows with their targets.
        select: the rules.
        refit: fits the preparation again to some columns, raw and derived, so that what no
            feature needs is not even read.

    Raises:
        MlrecipeError: when nothing would be left, or there are too many features for the rule.
    """
    width = preparation.width()
    if select.correlated and width > MOST_PAIRS:
        raise MlrecipeError(
            f"{width} features make too many pairs to correlate",
            where="preprocessing.select.correlated",
            expected=f"at most {MOST_PAIRS} features",
            fix="use preprocessing.select.best or explains, or fewer categories and words",
        )
    sampled = select.score == "mutual_information"
    moments = gather(chunks, {"": Moments(preparation, bool(select.correlated), sampled)})[""]
    assert isinstance(moments, Moments)
    names = preparation.feature_names()
    kept, left_out = choose(moments, select, names)
    if not kept:
        raise MlrecipeError(
            f"the rules leave none of the {width} features: {left_out[0].reason}",
            where="preprocessing.select",
            fix="ask for less: a smaller explains, a larger correlated or best",
        )
    identities = preparation.identities()
    wanted = [identities[i] for i in kept]
    columns = frozenset(name for sources, _ in wanted for name in sources)
    again = refit(columns)
    positions = {identity: i for i, identity in enumerate(again.identities())}
    return again.keeping(tuple(positions[item] for item in wanted), tuple(left_out))


def choose(moments: Moments, select: Select, names: list[str]) -> tuple[list[int], list[LeftOut]]:
    """Return the positions of the features that are kept, in order, and why others are not."""
    reasons: dict[int, str] = {}
    explained = moments.explained()
    if select.score == "f_test" or not moments.keys.size:
        score, called = explained, "explains"
    else:
        score, called = moments.mutual_information(), "mutual information"
    if select.constant:
        reasons |= {
            int(i): "constant in the training rows" for i in np.flatnonzero(~moments.varies)
        }
    if select.explains is not None:
        for i in np.flatnonzero(explained < select.explains).tolist():
            reasons.setdefault(i, f"explains {explained[i]:.2g} of the target's variance")
    # Better ones first; of equal ones the first.
    order = [int(i) for i in np.argsort(-score, kind="stable") if int(i) not in reasons]
    if select.correlated is not None:
        order = _uncorrelated(order, moments.correlations(), select.correlated, names, reasons)
    if select.best is not None:
        for place, i in enumerate(order[select.best :], select.best + 1):
            reasons[i] = f"place {place} by {select.score}: {called} {score[i]:.2g}"
        order = order[: select.best]
    left_out = [LeftOut(feature=names[i], reason=reasons[i]) for i in sorted(reasons)]
    return sorted(order), left_out


def _uncorrelated(
    order: list[int], sizes: Array, limit: float, names: list[str], reasons: dict[int, str]
) -> list[int]:
    """Return the features that correlate with no better one; note of the others with which."""
    kept: list[int] = []
    for i in order:
        close = [j for j in kept if sizes[i, j] > limit]
        if close:
            most = max(close, key=lambda j: sizes[i, j])
            reasons[i] = f"correlates {sizes[i, most]:.2f} with {names[most]}"
        else:
            kept.append(i)
    return kept
