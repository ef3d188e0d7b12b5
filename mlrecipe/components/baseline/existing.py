"""What is done today: the customer's rule, or the decisions that people took."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

import mlrecipe

if TYPE_CHECKING:
    from mlrecipe.interfaces import Array, Facts, Inputs, Samples


class Existing(mlrecipe.Baseline, name="existing", trivial=False):
    """Answers as the existing solution does (problem.existing); keep it if no model beats it.

    A rule's true stands for the positive class. Rows for which it has no answer get the mean of
    the training rows: the shares of the classes, or the mean target.
    """

    rule: str = Field("", description="An expression over columns; empty: problem.existing.rule.")
    column: str = Field("", description="A column of decisions; empty: problem.existing.column.")
    target: str = Field("", description="The target column; empty: problem.target.")

    def resolve(self, facts: Facts) -> tuple[mlrecipe.Choice, ...] | None:
        if self.rule or self.column:
            return None
        existing = facts.problem.existing
        if existing is None:
            raise mlrecipe.MlrecipeError(
                "baseline=existing has nothing to answer by",
                where="problem.existing",
                expected="a rule or a column",
                fix="problem.existing.rule='amount > 500', or leave baseline=[auto]",
            )
        return (existing_choice(facts),)

    def predict(self, training: Samples, rows: Inputs) -> Array:
        import numpy as np

        from mlrecipe.evaluation.existing import label_outputs, outputs_of

        labels = label_outputs(training.frame, training.y, self.target)
        outputs = outputs_of(self.rule, self.column, rows.frame, labels, training.y.shape[1])
        mean = np.average(training.y, axis=0, weights=training.weights)
        unanswered = np.isnan(outputs).any(axis=1)
        outputs[unanswered] = mean
        return outputs


def existing_choice(facts: Facts) -> mlrecipe.Choice:
    """Return the existing solution as a baseline, with its settings."""
    existing = facts.problem.existing
    assert existing is not None
    what = f"the rule {existing.rule}" if existing.rule else f"the column {existing.column}"
    return mlrecipe.Choice(
        "existing",
        f"what is done today: {what}",
        {
            "rule": existing.rule,
            "column": existing.column,
            "target": facts.problem.target[0],
        },
    )


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Existing]
