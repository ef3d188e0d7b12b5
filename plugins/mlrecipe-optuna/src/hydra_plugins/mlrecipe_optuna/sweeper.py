"""A sweeper of Hydra's that lets Optuna choose the jobs."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hydra.core.config_store import ConfigStore
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.plugins import Plugins
from hydra.plugins.sweeper import Sweeper
from omegaconf import DictConfig, OmegaConf

if TYPE_CHECKING:
    import optuna
    from hydra.types import HydraContext, TaskFunction

log = logging.getLogger(__name__)


@dataclass
class Conf:
    """What ``hydra.sweeper`` takes."""

    _target_: str = "hydra_plugins.mlrecipe_optuna.sweeper.OptunaSweeper"
    trials: int = 20
    at_once: int = 1
    startup: int = 8
    seed: int = 0
    failures: int = 5


ConfigStore.instance().store(
    group="hydra/sweeper", name="mlrecipe_optuna", node=Conf, provider="mlrecipe-optuna"
)


class OptunaSweeper(Sweeper):
    """Asks a study for jobs, launches them, and tells it their scores.

    Args:
        trials: how many jobs there are in all.
        at_once: jobs that are asked for before any score is told.
        startup: jobs drawn at random before scores are used.
        seed: makes the draws repeatable.
        failures: failed jobs in a row that end the sweep.
    """

    def __init__(self, trials: int, at_once: int, startup: int, seed: int, failures: int) -> None:
        self.trials, self.at_once, self.startup = trials, at_once, startup
        self.seed, self.failures = seed, failures

    def setup(
        self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig
    ) -> None:
        """Take what Hydra hands over, once, before `sweep`."""
        self.config = config
        self.hydra_context = hydra_context
        self.launcher = Plugins.instance().instantiate_launcher(
            config=config, hydra_context=hydra_context, task_function=task_function
        )

    def sweep(self, arguments: list[str]) -> None:
        """Launch jobs until there are as many as asked for."""
        from hydra_plugins.mlrecipe_optuna.ranges import distribution_of

        parser = OverridesParser.create(config_loader=self.hydra_context.config_loader)
        overrides = parser.parse_overrides(arguments)
        swept = [o for o in overrides if o.is_sweep_override()]
        ranges = {o.get_key_element(): distribution_of(o) for o in swept}
        fixed = [str(o.input_line) for o in overrides if not o.is_sweep_override()]
        folder = Path(self.config.hydra.sweep.dir)
        folder.mkdir(parents=True, exist_ok=True)
        OmegaConf.save(self.config, folder / "multirun.yaml")
        study = self._study(folder)
        failed = 0
        while (left := self.trials - len(study.trials)) > 0:
            batch = [study.ask(ranges) for _ in range(min(self.at_once, left))]
            jobs = [[*fixed, *_typed(trial.params)] for trial in batch]
            self.validate_batch_is_legal(jobs)
            results = self.launcher.launch(jobs, initial_job_idx=batch[0].number)
            for trial, result in zip(batch, results, strict=True):
                failed = 0 if self._tell(study, trial, result, folder) else failed + 1
            if failed >= self.failures:
                log.error("%d jobs in a row failed: the sweep ends", failed)
                return
        self._conclude(study)

    def _study(self, folder: Path) -> optuna.Study:
        """Return the study in the sweep's folder; jobs that a kill cut off are asked for again."""
        import optuna
        from optuna.storages import JournalStorage
        from optuna.storages.journal import JournalFileBackend

        from mlrecipe_optuna.oracle import sampler

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        study = optuna.create_study(
            storage=JournalStorage(JournalFileBackend(str(folder / "study.log"))),
            study_name="sweep",
            load_if_exists=True,
            direction="maximize",
        )
        # Draws go on, instead of beginning anew.
        study.sampler = sampler(self.startup, self.seed + len(study.trials))
        cut_off = [t for t in study.trials if t.state == optuna.trial.TrialState.RUNNING]
        for trial in cut_off:
            study.tell(trial.number, state=optuna.trial.TrialState.FAIL)
            study.enqueue_trial(trial.params)
        self.trials += len(cut_off)
        return study

    def _tell(self, study: optuna.Study, trial: Any, result: Any, folder: Path) -> bool:
        """Tell the score of a job; return whether it has one."""
        import optuna

        from mlrecipe.files import read_json
        from mlrecipe.run_folder import Run

        try:
            score = result.return_value
        except Exception:  # the launcher kept the job's error
            score = None
        if score is None:
            study.tell(trial, state=optuna.trial.TrialState.FAIL)
            return False
        run = Run(folder / str(trial.number))
        greater = read_json(run.artifact("protocol", "protocol.json"))["greater_is_better"]
        study.tell(trial, float(score) if greater else -float(score))
        return True

    def _conclude(self, study: optuna.Study) -> None:
        import optuna

        complete = [t for t in study.trials if t.state == optuna.trial.TrialState.COMPLETE]
        if complete:
            best = study.best_trial
            log.info("the best of %d jobs is %d: %s", len(complete), best.number, best.params)


def _typed(params: dict[str, Any]) -> Sequence[str]:
    return [f"{key}={value}" for key, value in params.items()]
