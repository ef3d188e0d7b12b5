"""Trains one configuration on every fold and collects its answers for the validation rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from mlrecipe.evaluation.answers import Answers
from mlrecipe.evaluation.folds import Folds
from mlrecipe.interfaces import Array
from mlrecipe.recipe import Recipe
from mlrecipe.training.fitting import Fitter
from mlrecipe.training.trainer import Listener

AfterFold = Callable[[int, Array], None]


class Hopeless(Exception):
    """A configuration is not worth its other folds."""


@dataclass
class Validation:
    """What validation says of one configuration.

    Attributes:
        answers: what each fold's model answers to its validation rows.
        parameters: number of the model's weights.
        best_epochs: the best epoch (or round) of each fold, from 1 on.
        found: what each fold's validation rows decided; see `Fitted`.
        loss, val_loss: a list of losses an epoch, for each fold.
    """

    answers: Answers = ()
    parameters: int = 0
    best_epochs: list[int] = field(default_factory=list)
    found: list[dict[str, float]] = field(default_factory=list)
    loss: list[list[float]] = field(default_factory=list)
    val_loss: list[list[float]] = field(default_factory=list)

    def curves(self) -> dict[str, list[list[float]]]:
        """Return the learning curves as plain data."""
        return {"loss": self.loss, "val_loss": self.val_loss}

    @property
    def finite(self) -> bool:
        """Whether training stayed within numbers."""
        return bool(np.isfinite([loss[-1] for loss in self.loss if loss]).all())


def validate(
    folds: Folds,
    recipe: Recipe,
    *,
    seed: int,
    listener: Listener | None = None,
    folder: Path | None = None,
    after_fold: AfterFold | None = None,
) -> Validation:
    """Train on every fold's training rows and answer its validation rows.

    Args:
        after_fold: called with the number of a fold and the answers to its validation rows; it
            may raise to end the validation.
        folder: where fits keep their state, so that killed ones go on; None: nowhere.
    """
    fitter = Fitter(
        recipe.task,
        recipe.architecture,
        recipe.objective,
        recipe.training,
        folds.codec,
        seed,
        listener,
        folder,
    )
    result = Validation()
    answers = []
    for number, fold in enumerate(folds):
        fitted, answer = fitter.fit(
            fold.training, fold.specs, fold.features, fold.validation, seed=seed + number
        )
        answers.append(answer(fold.validation.x))
        if after_fold is not None:
            after_fold(number, answers[-1])
        result.parameters = int(fitted.model.count_params())
        result.best_epochs.append(fitted.best)
        result.found.append(dict(fitted.found))
        result.loss.append(fitted.loss)
        result.val_loss.append(fitted.val_loss)
    result.answers = answers
    return result


def medians(found: list[dict[str, float]]) -> dict[str, float]:
    """Return the median over the folds of everything that all of them found."""
    names = set.intersection(*map(set, found)) if found else set()
    return {name: float(np.median([fold[name] for fold in found])) for name in sorted(names)}
