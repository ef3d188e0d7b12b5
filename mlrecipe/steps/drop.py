"""Whether the test score is worse than the validation score, and what that means (book, 6.2.5)."""

from __future__ import annotations

from typing import Any

from mlrecipe.evaluation.intervals import percentiles
from mlrecipe.interfaces import Array, Metric
from mlrecipe.steps.context import StepContext
from mlrecipe.steps.reliability import stronger


def judge_drop(
    context: StepContext,
    metric: Metric,
    test_samples: Array,
    value: float,
    validation_samples: Array,
    tuned: dict[str, Any],
) -> dict[str, Any]:
    """Return by how much test falls behind validation; tell a significant drop with its causes.

    Both scores vary with their rows, independently: the interval is that of the difference of their
    bootstrap samples.

    Args:
        test_samples, validation_samples: the metric on bootstrap samples (samples,).
        value: the metric on the test rows.
        tuned: what the step `tune` wrote.

    Returns:
        ``{"difference", "low", "high", "significant", "optimism"}``; positive is worse.
    """
    sign = 1 if metric.greater_is_better else -1
    confidence = context.recipe.workflow.confidence
    count = min(len(test_samples), len(validation_samples))
    apart = sign * (validation_samples[:count] - test_samples[:count])
    low, high = percentiles(apart, confidence)
    difference = float(sign * (tuned["scores"][metric.name]["mean"] - value))
    drop = {
        "difference": difference,
        "low": low,
        "high": high,
        "significant": low > 0,
        "optimism": tuned["optimism"],
    }
    if drop["significant"]:
        _tell(context, metric, drop, tuned)
    return drop


def _tell(
    context: StepContext, metric: Metric, drop: dict[str, Any], tuned: dict[str, Any]
) -> None:
    confidence = context.recipe.workflow.confidence
    looks, optimism = tuned["looks"], tuned["optimism"]
    share = min(1.0, optimism / drop["difference"])
    context.find(
        "worse-than-validation",
        "warning",
        f"On the test set {metric.name} is worse than on validation by {drop['difference']:.4g} "
        f"({confidence:.0%} interval {drop['low']:.4g} to {drop['high']:.4g}). Either the "
        "validation was not reliable: its rows are few, or unlike the test rows; or the settings "
        f"were fitted to them: {looks} look{'' if looks == 1 else 's'} explain about {share:.0%} "
        "of the drop.",
        evidence={**drop, "looks": looks, "explained_by_looks": share},
        advice="Expect the test score in production. Next time a stronger protocol: "
        f"{stronger(context.recipe.protocol.name)}, and fewer looks.",
        section="6.2.5",
    )
