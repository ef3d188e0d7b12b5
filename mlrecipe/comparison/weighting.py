"""How many cases of the population each row stands for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mlrecipe.comparison.raking import Raking, fit_raking
from mlrecipe.comparison.summaries import design_effect, effective_rows
from mlrecipe.data.table_schema import named_columns
from mlrecipe.errors import MlrecipeError
from mlrecipe.findings import Finding
from mlrecipe.interfaces import Array
from mlrecipe.problem import Problem

MUCH_LOST = 2.0
"""Design effect from which on half of the rows are lost to the weights."""


@dataclass(frozen=True)
class Weighting:
    """The rule that gives each row its weight.

    Attributes:
        column: the column that says what a row stands for, or None.
        raking: what brings the shares of the sample to those of the population, or None.
    """

    column: str | None
    raking: Raking | None

    def weights(self, frame: pd.DataFrame) -> Array:
        """Return float32 weights (rows,) with mean 1."""
        weights = _declared(frame, self.column)
        if self.raking is not None:
            weights = self.raking.weights(frame, weights)
        return (weights / weights.mean()).astype(np.float32)


NO_WEIGHTING = Weighting(None, None)
"""Every row counts alike."""


def fit_weighting(frame: pd.DataFrame, problem: Problem) -> Weighting:
    """Learn the weights from development rows; test rows get theirs by the same rule.

    Raises:
        MlrecipeError: for weights that are negative or not finite; for values without a declared
            share, and declared values without a row.
    """
    if problem.weight is not None:
        named_columns((problem.weight,), frame, "problem.weight")
    named_columns(tuple(problem.population), frame, "problem.population")
    if not problem.population:
        return Weighting(problem.weight, None)
    base = _declared(frame, problem.weight)
    return Weighting(
        problem.weight, fit_raking(frame, problem.population, base, problem.most_weight)
    )


def row_weights(frame: pd.DataFrame, problem: Problem) -> Array:
    """Return float32 weights (rows,) with mean 1, learnt from these very rows."""
    return fit_weighting(frame, problem).weights(frame)


def describe_weights(weights: Array, raking: Raking | None) -> dict[str, Any]:
    """Return what the weights cost: Kish's design effect and the effective number of rows."""
    found = {
        "rows": len(weights),
        "design_effect": design_effect(weights),
        "effective_rows": effective_rows(weights),
        "smallest": float(weights.min()),
        "largest": float(weights.max()),
    }
    if raking is not None:
        found |= {"rounds": raking.rounds, "largest_margin_error": raking.error}
    return found


def estimates(targets: pd.DataFrame, weights: Array, *, classification: bool) -> dict[str, Any]:
    """Return share of each class, or mean, of every target: raw, weighted, with standard error.

    The error is that of the weighted estimate on Kish's effective number of rows.
    """
    found: dict[str, Any] = {}
    rows = effective_rows(weights)
    for name in targets.columns:
        values = targets[name]
        if not classification:
            numbers = values.to_numpy(dtype=np.float64)
            found[name] = {"mean": _estimate(numbers, weights, rows)}
            continue
        labels = values.value_counts().index[:20]
        found[name] = {
            str(v): _estimate((values == v).to_numpy(np.float64), weights, rows) for v in labels
        }
    return found


def weighting_findings(described: Mapping[str, Any], problem: Problem) -> list[Finding]:
    """Return what the weights do to the estimate of the target, and what they cost."""
    found = []
    for name, parts in described["estimates"].items():
        told = [_in_words(label, parts[label], classes=len(parts) > 1) for label in list(parts)[:4]]
        first = {kind: max(parts, key=lambda v: parts[v][kind]) for kind in ("raw", "weighted")}
        turns = first["raw"] != first["weighted"]
        found.append(
            Finding(
                "weighted-estimate",
                "warning" if turns else "note",
                f"{name}: {'; '.join(told)}."
                + (
                    f" The raw sample puts {first['raw']} first, the population {first['weighted']}"
                    ": the raw estimate is wrong."
                    if turns
                    else ""
                ),
                {"target": name, "estimates": parts, "design_effect": described["design_effect"]},
                "Training, metrics and baselines use the weights; quote the weighted estimate.",
                "6.1.2",
            )
        )
    if described["design_effect"] >= MUCH_LOST:
        found.append(
            Finding(
                "uneven-weights",
                "warning",
                f"The weights leave {described['effective_rows']:.0f} effective rows of "
                f"{described['rows']} (design effect {described['design_effect']:.2g}); the "
                f"largest is {described['largest']:.3g} times the mean.",
                {k: v for k, v in described.items() if k != "estimates"},
                "Collect more rows of the groups that are rare in the sample"
                + ("" if problem.most_weight else ", or trim: problem.most_weight=5")
                + ".",
                "6.1.2",
            )
        )
    if described.get("largest_margin_error", 0.0) > 0.01:
        found.append(
            Finding(
                "weights-trimmed",
                "warning",
                f"With no weight above {problem.most_weight:g}, a weighted share is still "
                f"{described['largest_margin_error']:.1%} off the declared one.",
                {"largest_margin_error": described["largest_margin_error"]},
                "Raise problem.most_weight, or collect more rows of the rare groups.",
                "6.1.2",
            )
        )
    return found


def _in_words(label: str, estimate: Mapping[str, float], *, classes: bool) -> str:
    raw, weighted, width = estimate["raw"], estimate["weighted"], 1.96 * estimate["error"]
    if classes:
        return f"{label} {raw:.1%} raw, {weighted:.1%} ± {width:.1%} weighted"
    return f"{label} {raw:.4g} raw, {weighted:.4g} ± {width:.2g} weighted"


def _estimate(numbers: Array, weights: Array, rows: float) -> dict[str, float]:
    mean = float(np.average(numbers, weights=weights))
    variance = float(np.average((numbers - mean) ** 2, weights=weights))
    raw = float(numbers.mean())
    return {"raw": raw, "weighted": mean, "error": (variance / max(rows, 1.0)) ** 0.5}


def _declared(frame: pd.DataFrame, column: str | None) -> Array:
    """Return the weights of the column, float64 (rows,), or ones."""
    if column is None:
        return np.ones(len(frame))
    weights = pd.to_numeric(frame[column], errors="coerce").to_numpy(np.float64, na_value=np.nan)
    wrong = ~np.isfinite(weights) | (weights < 0)
    if wrong.any():
        first = np.flatnonzero(wrong)[:5]
        shown = ", ".join(f"row {i}: {frame[column].iloc[i]!r}" for i in first)
        raise MlrecipeError(
            f"{int(wrong.sum())} rows have no usable weight ({shown})",
            where=f"problem.weight={column}",
            expected="numbers that are finite and not negative",
            fix="correct these rows, or leave them out of the source",
        )
    if not weights.sum() > 0:
        raise MlrecipeError("all weights are 0", where=f"problem.weight={column}")
    return weights
