"""Takes the simple answers that the task proposes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mlrecipe
from mlrecipe.components.baseline.existing import existing_choice
from mlrecipe.components.baseline.last_value import last_value_choice
from mlrecipe.components.baseline.nearest_neighbour import NearestNeighbour

if TYPE_CHECKING:
    from mlrecipe.interfaces import Array, Facts, Inputs, Samples, Task


BY_KIND: dict[str, tuple[type[mlrecipe.Baseline], str]] = {
    "image": (NearestNeighbour, "usual for images: what the most similar pixels say"),
}
"""Kind of tensor -> the baseline that belongs to inputs of this kind, and why."""


class Auto(mlrecipe.Baseline, name="auto"):
    """Takes the simple answers that suit the task and the data, and what is done today."""

    def resolve(self, facts: Facts) -> tuple[mlrecipe.Choice, ...]:
        assert facts.task is not None  # groups are settled in the order of the workflow
        reason = f"usual for a {facts.task.name} task"
        usual = tuple(mlrecipe.Choice(name, reason) for name in facts.task.baselines)
        usual += tuple(
            mlrecipe.Choice(baseline.name, why)
            for kind, (baseline, why) in BY_KIND.items()
            if kind in facts.tensors and _suits(baseline, facts.task)
        )
        simple = facts.task.simple
        if simple and facts.problem.time is not None:
            usual += (last_value_choice(facts),)
        existing = facts.problem.existing if simple else None
        return usual if existing is None else (*usual, existing_choice(facts))

    def predict(self, training: Samples, rows: Inputs) -> Array:
        raise NotImplementedError  # the step collect puts the chosen ones in its place


def _suits(baseline: type[mlrecipe.Baseline], task: Task) -> bool:
    side = "classification" if task.classification else "regression" if task.regression else ""
    return bool({side, task.name} & baseline.suits)


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Auto]
