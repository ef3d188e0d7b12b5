"""An Optuna study, asked and told one trial at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import optuna

from mlrecipe.component import Search
from mlrecipe.interfaces import Asked, Oracle


class OptunaOracle(Oracle):
    """Asks a study in memory: the same scores told make it ask the same.

    Args:
        space: recipe key -> range.
        greater_is_better: the direction of the scores.
        trials: how many settings to ask for.
        startup: those of them that are drawn at random.
        seed: makes the draws repeatable.
    """

    def __init__(
        self,
        space: Mapping[str, Search],
        *,
        greater_is_better: bool,
        trials: int,
        startup: int,
        seed: int,
    ) -> None:
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self._distributions = {key: distribution(item) for key, item in space.items()}
        self._left = trials
        self._asked: dict[str, optuna.trial.Trial] = {}
        self._study = optuna.create_study(
            direction="maximize" if greater_is_better else "minimize",
            sampler=sampler(startup, seed),
        )

    def ask(self) -> Asked | None:
        if not self._left:
            return None
        self._left -= 1
        trial = self._study.ask(self._distributions)
        self._asked[str(trial.number)] = trial
        return Asked(str(trial.number), dict(trial.params))

    def tell(self, asked: Asked, score: float | None) -> None:
        trial = self._asked.pop(asked.name)
        if score is None:
            self._study.tell(trial, state=optuna.trial.TrialState.FAIL)
        else:
            self._study.tell(trial, score)


def sampler(startup: int, seed: int) -> optuna.samplers.BaseSampler:
    """Return what draws settings: at random first, then by the scores."""
    return optuna.samplers.TPESampler(n_startup_trials=startup, multivariate=True, seed=seed)


def distribution(item: Search) -> Any:
    """Return a field's range as Optuna has it."""
    if item.choices:
        return optuna.distributions.CategoricalDistribution(list(item.choices))
    if isinstance(item.low, int) and isinstance(item.high, int):
        step = 1 if item.log else item.step
        return optuna.distributions.IntDistribution(item.low, item.high, log=item.log, step=step)
    return optuna.distributions.FloatDistribution(item.low, item.high, log=item.log)
