"""Takes the objective that the book's table names for the task."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mlrecipe

if TYPE_CHECKING:
    import keras

    from mlrecipe.interfaces import Facts


class Auto(mlrecipe.Objective, name="auto"):
    """Takes what the book's table names for the task (6.2.3)."""

    def resolve(self, facts: Facts) -> tuple[mlrecipe.Choice, ...]:
        assert facts.task is not None  # groups are settled in the order of the workflow
        reason = f"last layer and loss of the book's table for a {facts.task.name} task"
        return (mlrecipe.Choice(facts.task.objectives[0], reason),)

    def loss(self) -> keras.losses.Loss:
        raise NotImplementedError  # the step collect puts the chosen one in its place


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Auto]
