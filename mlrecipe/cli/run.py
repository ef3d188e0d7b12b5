"""``mlrecipe run``: carry out a recipe, or sweep over it. Hydra composes, sweeps and launches."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlrecipe.cli.common import add_recipe, plugin_files, recipe_of, registry_of

if TYPE_CHECKING:
    from omegaconf import DictConfig

    from mlrecipe.composing import Composed
    from mlrecipe.recipe import Recipe


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
    jobs = _Jobs(args)
    if not (args.multirun or args.cfg or args.info):
        jobs.checked = recipe_of(args)[:2]  # every fault at once, before anything is written
    _hydra(args, jobs)
    return jobs.conclude()


class _Jobs:
    """What Hydra calls for every job; keeps what came of each."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.args = args
        self.checked: tuple[Recipe, Composed] | None = None
        self.recipe_folder: Path | None = None
        self.folders: list[Path] = []
        self.errors: list[Exception] = []

    def __call__(self, config: DictConfig) -> float | None:
        """Carry out one job in the folder that Hydra made for it."""
        from hydra.core.hydra_config import HydraConfig

        from mlrecipe.cli.progress import shown
        from mlrecipe.cli.summary import primary_score
        from mlrecipe.composing import compose_recipe
        from mlrecipe.errors import MlrecipeError
        from mlrecipe.workflow import LAST_IN_SWEEP, carry_out, earlier, new_run

        hydra = HydraConfig.get()
        folder = Path(hydra.runtime.output_dir)
        self.folders.append(folder)
        registry = registry_of(self.args)
        mode = "quiet" if self.args.quiet else "plain" if self.args.plain else "auto"
        try:
            recipe, composed = self.checked or compose_recipe(
                list(hydra.overrides.task),
                registry,
                config_dir=self.args.config_dir,
                recipe_folder=self.recipe_folder,
            )
            until: str = recipe.workflow.until
            if self.args.multirun:
                until = earlier(until, LAST_IN_SWEEP)
                print(f"job {folder.name}: {' '.join(hydra.overrides.task)}".replace("++", ""))
            for note in composed.notes:
                print(f"note: {note}")
            run = new_run(folder, recipe, plugin_files(self.args))
            with run.writing(), shown(registry, mode):
                carry_out(run, recipe, registry, until=until)
            return primary_score(run)
        except MlrecipeError as error:
            if self.args.multirun:
                print(f"job {folder.name} failed: {error}", file=sys.stderr)
            self.errors.append(error)  # Hydra would print a traceback
            return None

    def conclude(self) -> int:
        """Print what came out, and what to do next."""
        from mlrecipe.cli.summary import print_run, print_sweep
        from mlrecipe.run_folder import Run

        if self.args.multirun:
            print_sweep(self.folders)
        elif self.errors:
            raise self.errors[0]
        elif self.folders:
            print_run(Run.open(self.folders[0]))
        return 1 if self.errors else 0


def _hydra(args: argparse.Namespace, jobs: _Jobs) -> None:
    """Call Hydra with the overrides in the form that lets our own check speak first."""
    from hydra import main as hydra_main

    from mlrecipe.composing.overrides import prepare_overrides
    from mlrecipe.composing.search_path import announce, shipped

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
    try:
        hydra_main(version_base="1.3", config_path=str(shipped("conf")), config_name="config")(
            _callback(jobs)
        )()
    finally:
        sys.argv = before


def _callback(jobs: _Jobs) -> Any:
    def mlrecipe_job(config: DictConfig) -> float | None:
        return jobs(config)

    return mlrecipe_job
