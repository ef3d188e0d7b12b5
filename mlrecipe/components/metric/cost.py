"""What answers cost, by the problem's own figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

import mlrecipe

if TYPE_CHECKING:
    from mlrecipe.interfaces import Array, Facts

COST_FIELDS = ("false_positive", "false_negative", "true_positive", "true_negative", "per_unit")


class Cost(
    mlrecipe.Metric,
    name="cost",
    greater_is_better=False,
    tasks=frozenset({"binary", "scalar_regression", "vector_regression"}),
):
    """Mean cost a case in the currency of problem.costs; its fields are filled in from there.

    Binary: each answer costs what its kind of answer costs. Regression: ``per_unit`` a unit of
    absolute error, summed over the targets. Weights say how much a row counts.
    """

    false_positive: float | None = Field(None, description="Cost of a false alarm.")
    false_negative: float | None = Field(None, description="Cost of a missed positive case.")
    true_positive: float | None = Field(None, description="Cost of a positive case found.")
    true_negative: float | None = Field(None, description="Cost of a negative case recognized.")
    per_unit: float | None = Field(None, description="Cost of a unit of absolute error.")
    threshold: float | None = Field(
        None,
        ge=0,
        le=1,
        description="Probability from which on a row counts as positive; null: where, with "
        "calibrated probabilities, both answers cost the same (Elkan, 2001).",
    )
    classification: bool | None = Field(
        None,
        description="Whether outputs are probabilities; null: if all targets are 0 or 1.",
    )

    def resolve(self, facts: Facts) -> tuple[mlrecipe.Choice, ...] | None:
        if self.classification is not None or facts.task is None:
            return None
        costs = facts.problem.costs
        fields = {name: getattr(self, name) for name in COST_FIELDS}
        fields = {n: getattr(costs, n) if v is None else v for n, v in fields.items()}
        settings = {**fields, "threshold": self.threshold}
        settings["classification"] = facts.task.classification
        return (mlrecipe.Choice("cost", "by the figures of problem.costs", settings),)

    def score(self, y: Array, outputs: Array, weights: Array | None = None) -> float:
        import numpy as np

        classes = self.classification
        if classes is None:
            classes = bool(np.isin(y, (0.0, 1.0)).all())
        if not classes:
            errors = np.abs(y.astype(np.float64) - outputs).sum(axis=1)
            return float(np.average(errors * self._of("per_unit"), weights=weights))
        positive, answered = y[:, 0] > 0.5, outputs[:, 0] >= self.answers_from()
        hits, misses = self._of("true_positive"), self._of("false_negative")
        alarms, passes = self._of("false_positive"), self._of("true_negative")
        costs = np.where(
            positive, np.where(answered, hits, misses), np.where(answered, alarms, passes)
        )
        return float(np.average(costs, weights=weights))

    def answers_from(self) -> float:
        """Return the probability from which on positive is the cheaper answer (Elkan, 2001, eq. 2).

        (C10 - C00) / (C10 - C00 + C01 - C11), with C10 a false alarm and C01 a missed case.
        """
        if self.threshold is not None:
            return self.threshold
        alarm = self._of("false_positive") - self._of("true_negative")
        miss = self._of("false_negative") - self._of("true_positive")
        if alarm <= 0 or miss <= 0:
            return 0.5
        return alarm / (alarm + miss)

    def _of(self, name: str) -> float:
        value = getattr(self, name)
        usual = 0.0 if name.startswith("true") else 1.0
        return usual if value is None else float(value)


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Cost]
