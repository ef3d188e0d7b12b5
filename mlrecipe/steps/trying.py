"""Tries the settings that a search asks for, here or in processes side by side."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from mlrecipe.errors import MlrecipeError
from mlrecipe.evaluation.validation import Hopeless
from mlrecipe.interfaces import Array, Asked, Trial
from mlrecipe.recipe import Recipe
from mlrecipe.recipe.parsing import parse_recipe
from mlrecipe.registry import load_registry
from mlrecipe.run_folder import Run
from mlrecipe.steps.context import StepContext
from mlrecipe.steps.development import Development
from mlrecipe.steps.search_space import with_overrides
from mlrecipe.steps.searching import Attempt, Others, in_folds


@dataclass(frozen=True)
class Trying:
    """Tries settings on validation rows.

    Attributes:
        development: the rows.
        start: the recipe that settings change.
        stop_hopeless: whether a trial may end before its last fold.
    """

    development: Development
    start: Recipe
    stop_hopeless: bool

    def attempt(self, asked: Sequence[Asked], others: Others) -> list[Trial]:
        """Try one after the other."""
        return [self._one(item, others if self.stop_hopeless else ()) for item in asked]

    def _one(self, asked: Asked, others: Others) -> Trial:
        primary = self.development.primary
        sign = 1 if primary.greater_is_better else -1
        after_fold, folds = in_folds(self._score, others if asked.budget == 1 else (), sign)
        trial = Trial(0, asked.overrides, None, budget=asked.budget)
        try:
            result = self.development.look(self._configured(asked), after_fold)
        except Hopeless as why:
            return replace(trial, score=_mean(folds), folds=tuple(folds), stopped=str(why))
        except MlrecipeError as error:
            return replace(trial, error=error.problem)
        except Exception as error:  # a plugin, a solver, memory: the other trials go on
            return replace(trial, error=f"{type(error).__name__}: {error}".partition("\n")[0])
        # A look that was known already has no folds of its own to tell.
        folds = [self._score(number, answer) for number, answer in enumerate(result.answers)]
        if not np.isfinite(folds).all():
            return replace(trial, error=f"{primary.name} is no number: training diverged")
        return replace(trial, score=_mean(folds), folds=tuple(folds))

    def _configured(self, asked: Asked) -> Recipe:
        """Return the recipe with the settings, and with its share of the epochs."""
        recipe = with_overrides(self.start, asked.overrides, self.development.context.registry)
        if asked.budget == 1:
            return recipe
        epochs = max(1, math.ceil(asked.budget * recipe.training.epochs))
        return replace(recipe, training=recipe.training.model_copy(update={"epochs": epochs}))

    def _score(self, fold: int, answers: Array) -> float:
        rows = self.development.outcomes(self.development.validation_rows[fold], answers)
        return float(self.development.primary.score(rows.y, rows.outputs, rows.weights))

    def side_by_side(self, workers: int) -> Attempt:
        """Return what tries settings in processes, each of which loads TensorFlow once."""
        context = self.development.context
        start, plugins = self.start.mapping(), context.run.plugin_files()

        def attempt(asked: Sequence[Asked], others: Others) -> list[Trial]:
            import joblib

            kept = others if self.stop_hopeless else ()
            job = (context.run.path, context.recipe.mapping(), start, plugins, context.step)
            found = joblib.Parallel(n_jobs=workers, backend="loky")(
                joblib.delayed(_in_a_worker)(*job, context.work, item, kept) for item in asked
            )
            return list(found)

        return attempt


_STARTED: dict[tuple[str, str], Callable[[Asked, Others], Trial]] = {}
"""What a worker has ready: rows prepared, graphs compiled; of one search at a time."""


def _in_a_worker(
    path: Path,
    recipe: dict[str, object],
    start: dict[str, object],
    plugins: tuple[Path, ...],
    step: str,
    work: Path,
    asked: Asked,
    others: Others,
) -> Trial:
    key = (str(path), str(start))
    if key not in _STARTED:
        from mlrecipe.training.runtime import prepare_environment

        prepare_environment()
        registry = load_registry(plugins)
        settled = parse_recipe(recipe, registry)
        context = StepContext(step, Run(path), settled, registry, work, work)
        trying = Trying(Development.of(context), parse_recipe(start, registry), bool(others))
        _STARTED.clear()
        _STARTED[key] = trying._one
    return _STARTED[key](asked, others)


def _mean(folds: Sequence[float]) -> float | None:
    return float(np.mean(folds)) if folds and np.isfinite(folds).all() else None
