"""Intervals around predicted numbers, told by how far off the model was on validation rows."""

from __future__ import annotations

import numpy as np

from mlrecipe.interfaces import Array, Outcomes
from mlrecipe.preparation.target_codec import Interval


def interval_of(validation: Outcomes, level: float) -> Interval | None:
    """Return the interval that holds the truth of so large a share of new cases.

    Split conformal prediction with the absolute error as score (Vovk, Gammerman and Shafer, 2005,
    4.2; the form with one half-width is that of Lei et al., 2018, algorithm 2). With folds, each
    error is that of a model that did not see the row, as in cross-validation+ (Barber et al.,
    2021), and the final model, which saw more rows, is taken to be no worse. New cases have to be
    like the validation rows: what drifts is covered less and less.

    Args:
        validation: rows that no model was trained on; targets and outputs (rows, targets).
        level: the share to cover, below 1.

    Returns:
        None when there are too few rows for the level: 19 for 0.95.
    """
    errors = np.abs(validation.y.astype(np.float64) - validation.outputs)
    widths = [_quantile(errors[:, i], validation.weights, level) for i in range(errors.shape[1])]
    if not np.isfinite(widths).all():
        return None
    return Interval(level=level, half_widths=tuple(widths))


def _quantile(errors: Array, weights: Array, level: float) -> float:
    """Return the error that covers the level, with one case more that may be off by anything."""
    order = np.argsort(errors)
    sums = np.cumsum(weights[order], dtype=np.float64)
    wanted = level * (sums[-1] + sums[-1] / len(errors))
    place = int(np.searchsorted(sums, wanted * (1 - 1e-12)))
    return float(errors[order[place]]) if place < len(errors) else float("inf")


def coverage(rows: Outcomes, interval: Interval) -> float:
    """Return the share of the rows whose every target lies within the interval."""
    errors = np.abs(rows.y.astype(np.float64) - rows.outputs)
    within = (errors <= np.asarray(interval.half_widths)).all(axis=1)
    return float(np.average(within, weights=rows.weights))
