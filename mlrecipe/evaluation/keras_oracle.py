"""KerasTuner's oracles, asked and told one trial at a time."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlrecipe.component import Search
from mlrecipe.interfaces import Asked, Oracle
from mlrecipe.training import runtime

UNLIMITED = 10**9
"""Failed trials in a row that an oracle bears: how many are too many is decided elsewhere."""

OWN = "tuner/"
"""Prefix of what Hyperband notes among the settings."""


class KerasOracle(Oracle):
    """One of KerasTuner's oracles.

    Args:
        kind: name of the class in ``keras_tuner.oracles``.
        space: recipe key -> range.
        greater_is_better: the direction of the scores.
        folder: where it writes what it knows; it is not read again.
        epochs: those of a whole fit, for an oracle that gives a part of them; None: it does not.
        settings: further arguments of the class.
    """

    def __init__(
        self,
        kind: str,
        space: Mapping[str, Search],
        *,
        greater_is_better: bool,
        folder: Path,
        epochs: int | None = None,
        **settings: Any,
    ) -> None:
        runtime.start()
        import keras_tuner
        from keras_tuner import oracles

        self._epochs = epochs
        self._asked = 0
        self._trials: dict[str, Any] = {}
        if epochs is not None:
            settings["max_epochs"] = epochs
        oracle = getattr(oracles, kind)(
            objective=keras_tuner.Objective("score", "max" if greater_is_better else "min"),
            hyperparameters=_hyperparameters(space),
            tune_new_entries=False,
            max_consecutive_failed_trials=UNLIMITED,
            **settings,
        )
        # The tuner gives the oracle a place for its files; it builds and trains nothing.
        keras_tuner.Tuner(
            oracle=oracle,
            hypermodel=lambda _: None,
            directory=str(folder),
            project_name="search",
            overwrite=True,
        )
        self._oracle = oracle
        self._oracle.verbose = 0

    def ask(self) -> Asked | None:
        # An oracle gives each of its clients one trial at a time.
        trial = self._oracle.create_trial(f"client_{self._asked}")
        if trial.status != "RUNNING":
            return None
        self._asked += 1
        self._trials[trial.trial_id] = trial
        values = dict(trial.hyperparameters.values)
        share = values.get(f"{OWN}epochs", self._epochs or 1) / (self._epochs or 1)
        overrides = {key: value for key, value in values.items() if not key.startswith(OWN)}
        return Asked(str(trial.trial_id), overrides, float(share))

    def tell(self, asked: Asked, score: float | None) -> None:
        trial = self._trials.pop(asked.name)
        if score is None:
            trial.status = "FAILED"
        else:
            self._oracle.update_trial(trial.trial_id, {"score": score}, step=0)
            trial = self._oracle.get_trial(trial.trial_id)
            trial.status = "COMPLETED"
        self._oracle.end_trial(trial)


def _hyperparameters(space: Mapping[str, Search]) -> Any:
    import keras_tuner

    found = keras_tuner.HyperParameters()
    for key, item in space.items():
        sampling = "log" if item.log else "linear"
        if item.choices:
            found.Choice(key, list(item.choices))
        elif isinstance(item.low, int) and isinstance(item.high, int):
            # On a logarithmic scale KerasTuner takes a step for a factor.
            step = {} if item.log else {"step": item.step}
            found.Int(key, item.low, item.high, sampling=sampling, **step)
        else:
            found.Float(key, item.low, item.high, sampling=sampling)
    return found
