"""``mlrecipe run``: carry out a recipe, or sweep over it. Hydra composes, sweeps and launches."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlrecipe.cli.common import add_recipe, plugin_files, recipe_of, registry_of

if TYPE_CHECKING:
    from hydra.conf import HydraConf
    from omegaconf import DictConfig

    from mlrecipe.composing import Composed
    from mlrecipe.recipe import Recipe
    from mlrecipe.registry import Registry


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_recipe(parser)
    parser.add_argument("-m", "--multirun", action="store_true", help="sweep: key=1,2,3")
    parser.add_argument("-q", "--quiet", action="store_true", help="print results alone")
    parser.add_argument("--plain", action="store_true", help="lines instead of a live display")
    parser.add_argument("-c", "--cfg", choices=("job", "hydra", "all"), help="print the config")
    parser.add_argument("--resolve", action="store_true", help="with --cfg: resolve it")
    parser.add_argument("-p", "--package", help="with --cfg: this part of it")
    parser.add_argument(
        "-i",
        "--info",
        nargs="?",
        const="all",
        choices=("all", "config", "defaults", "defaults-tree", "plugins", "searchpath"),
        help="what Hydra knows",
    )
    parser.epilog = (
        "hydra.run.dir=DIR sets the run folder; jobs of a sweep stop before the test set."
    )


def main(args: argparse.Namespace) -> int:
    """Check the recipe, then hand over to Hydra, which calls back for every job."""
    checked = _check(args)  # every fault in one message, before anything is written
    with tempfile.TemporaryDirectory() as place:
        jobs = _Jobs(args, Path(place) / "outcomes.jsonl")
        jobs.outcomes.touch()
        jobs.checked = checked
        _hydra(args, jobs)
        return jobs.conclude()


def _check(args: argparse.Namespace) -> tuple[Recipe, Composed] | None:
    """Raise every fault; return the recipe of a single run, composed once and for all."""
    from mlrecipe.composing import check_sweep, require_composable

    if not (args.cfg or args.info or args.multirun):
        return recipe_of(args)[:2]
    if args.cfg or args.info:
        require_composable(args.overrides, registry_of(args), config_dir=args.config_dir)
    else:
        check_sweep(args.overrides, registry_of(args), config_dir=args.config_dir)
    return None


class _Jobs:
    """What Hydra calls for every job.

    A launcher may carry a copy of it to another process, so what came of a job is appended to a
    file; an error that ends a single run is kept as it is.
    """

    def __init__(self, args: argparse.Namespace, outcomes: Path) -> None:
        self.args = args
        self.outcomes = outcomes
        self.checked: tuple[Recipe, Composed] | None = None
        self.recipe_folder: Path | None = None
        self.error: Exception | None = None

    def __call__(self, config: DictConfig) -> float | None:
        """Carry out one job in the folder that Hydra made for it."""
        from hydra.core.hydra_config import HydraConfig

        from mlrecipe.cli.summary import primary_score
        from mlrecipe.errors import MlrecipeError
        from mlrecipe.run_folder import Run

        hydra = HydraConfig.get()
        folder = Path(hydra.runtime.output_dir)
        error: Exception | None = None
        try:
            self._carry_out(folder, config, hydra)
        except MlrecipeError as caught:
            error = caught  # Hydra would print a traceback
        except Exception as caught:
            if not self.args.multirun:
                raise
            error = caught
            traceback.print_exc()  # the other jobs go on
        self._note(folder, error)
        return None if error else primary_score(Run(folder))

    def _carry_out(self, folder: Path, config: DictConfig, hydra: HydraConf) -> None:
        from mlrecipe.cli.progress import shown
        from mlrecipe.workflow import LAST_IN_SWEEP, carry_out, earlier, new_run

        registry = registry_of(self.args)
        recipe, notes = self._recipe(config, hydra, registry)
        until: str = recipe.workflow.until
        if self.args.multirun:
            until = earlier(until, LAST_IN_SWEEP)
            print(f"job {folder.name}: {' '.join(hydra.overrides.task)}".replace("++", ""))
        for note in notes:
            print(f"note: {note}")
        run = new_run(folder, recipe, plugin_files(self.args))
        mode = "quiet" if self.args.quiet else "plain" if self.args.plain else "auto"
        with run.writing(), shown(registry, mode):
            among = folder.parent if self.args.multirun else None
            carry_out(run, recipe, registry, until=until, among=among)

    def _recipe(
        self, config: DictConfig, hydra: HydraConf, registry: Registry
    ) -> tuple[Recipe, list[str]]:
        """Return the job's recipe, and what was decided on the way."""
        from mlrecipe.composing import compose_recipe, recipe_of_job

        if self.checked is not None:
            return self.checked[0], self.checked[1].notes
        recipe = recipe_of_job(config, hydra.runtime.choices, registry)
        if recipe is not None:
            return recipe, []
        recipe, composed = compose_recipe(
            list(hydra.overrides.task),
            registry,
            config_dir=self.args.config_dir,
            recipe_folder=self.recipe_folder,
        )
        return recipe, composed.notes

    def _note(self, folder: Path, error: Exception | None) -> None:
        if error is not None and self.args.multirun:
            print(f"job {folder.name} failed: {error}", file=sys.stderr)
        self.error = error
        line = json.dumps({"folder": str(folder), "failed": error is not None})
        with self.outcomes.open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")

    def conclude(self) -> int:
        """Print what came out, and what to do next."""
        from mlrecipe.cli.summary import print_run, print_sweep
        from mlrecipe.run_folder import Run

        if self.error is not None and not self.args.multirun:
            raise self.error
        done = [json.loads(line) for line in self.outcomes.read_text("utf-8").splitlines()]
        folders = [Path(job["folder"]) for job in done]
        if self.args.multirun:
            print_sweep(sorted(folders, key=lambda f: (len(f.name), f.name)))
        elif folders:
            print_run(Run.open(folders[0]))
        return 1 if any(job["failed"] for job in done) else 0


def _hydra(args: argparse.Namespace, jobs: _Jobs) -> None:
    """Call Hydra with the overrides in the form that lets our own check speak first."""
    from hydra import main as hydra_main

    from mlrecipe.composing.overrides import prepare_overrides
    from mlrecipe.composing.search_path import announce, shipped
    from mlrecipe.files import explained_io

    prepared = prepare_overrides(args.overrides)
    jobs.recipe_folder = prepared.recipe_folder
    announce(registry_of(args), prepared.recipe_folder)
    words = list(prepared.lines)
    for flag in ("cfg", "package", "info"):
        if getattr(args, flag):
            words += [f"--{flag}", getattr(args, flag)]
    words += ["--multirun"] if args.multirun else []
    words += ["--resolve"] if args.resolve else []
    words += ["--config-dir", str(args.config_dir.resolve())] if args.config_dir else []
    before = sys.argv
    sys.argv = ["mlrecipe", *words]
    os.environ.setdefault("HYDRA_FULL_ERROR", "1")  # errors reach us as they are
    try:
        hydra_main(version_base="1.3", config_path=str(shipped("conf")), config_name="config")(
            _callback(jobs)
        )()
    except OSError as error:
        if jobs.outcomes.stat().st_size:
            raise
        with explained_io(Path(error.filename or "")):  # Hydra makes the run folder
            raise
    finally:
        sys.argv = before


def _callback(jobs: _Jobs) -> Any:
    def mlrecipe_job(config: DictConfig) -> float | None:
        return jobs(config)

    return mlrecipe_job
