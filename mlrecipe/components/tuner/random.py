"""Random search by KerasTuner."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field

import mlrecipe

if TYPE_CHECKING:
    import keras_tuner

    from mlrecipe.component import Search
    from mlrecipe.interfaces import Trial


class RandomSearch(mlrecipe.Tuner, name="random"):
    """Draws settings at random (KerasTuner); robust, and it needs no assumption."""

    trials: int = Field(8, ge=1, description="How many settings to try.")

    def search(
        self,
        space: Mapping[str, Search],
        evaluate: Callable[[Mapping[str, Any]], float],
        *,
        greater_is_better: bool,
        folder: Path,
        seed: int,
    ) -> list[Trial]:
        from mlrecipe.training import runtime

        runtime.start()
        import keras_tuner

        objective = keras_tuner.Objective("score", "max" if greater_is_better else "min")

        class Tuner(keras_tuner.RandomSearch):  # type: ignore[misc]
            def run_trial(self, trial: Any, *args: Any, **kwargs: Any) -> dict[str, float]:
                return {"score": evaluate(dict(trial.hyperparameters.values))}

        tuner = Tuner(
            hyperparameters=_hyperparameters(space),
            objective=objective,
            max_trials=self.trials,
            seed=seed,
            tune_new_entries=False,
            directory=str(folder),
            project_name="search",
            overwrite=False,  # a killed search goes on where it stopped
        )
        tuner.search(verbose=0)
        return [_trial(i, item) for i, item in enumerate(_in_order(tuner))]


def _hyperparameters(space: Mapping[str, Search]) -> keras_tuner.HyperParameters:
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


def _in_order(tuner: keras_tuner.Tuner) -> list[Any]:
    trials = tuner.oracle.trials
    return [trials[name] for name in sorted(trials)]


def _trial(number: int, item: Any) -> Trial:
    from mlrecipe.interfaces import Trial

    failed = item.score is None
    return Trial(
        number=number,
        overrides=dict(item.hyperparameters.values),
        score=None if failed else float(item.score),
        error=(item.message or "the trial failed") if failed else "",
    )


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [RandomSearch]
