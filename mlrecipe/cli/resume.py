"""``mlrecipe resume``: go on where a run stopped, was killed, or was held."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlrecipe.run_folder import Run


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("run", type=Path, help="the run folder")
    parser.add_argument(
        "overrides",
        nargs="*",
        metavar="key=value",
        help="settings to change, as to pass a gate: 'workflow.waive.CODE=\"your reason\"'",
    )
    parser.add_argument("--until", help="the last step to carry out")
    parser.add_argument("-q", "--quiet", action="store_true", help="print results alone")
    parser.add_argument("--plain", action="store_true", help="lines instead of a live display")


def main(args: argparse.Namespace) -> int:
    """Carry out what is missing or stale."""
    from mlrecipe.cli.summary import print_run

    mode = "quiet" if args.quiet else "plain" if args.plain else "auto"
    print_run(go_on(args.run, args.until, mode, args.overrides))
    return 0


def go_on(folder: Path, until: str | None, mode: str, overrides: Sequence[str] = ()) -> Run:
    """Carry out the missing steps of a run; its plugin files must still be what they were.

    Settings that are changed stay changed: the run's recipe is written anew.

    Raises:
        MlrecipeError: when there is no run, or a plugin file is gone or was changed.
    """
    from mlrecipe.cli.progress import shown
    from mlrecipe.composing import changed_recipe
    from mlrecipe.errors import MlrecipeError, nearest
    from mlrecipe.recipe import STEP_NAMES
    from mlrecipe.registry import load_registry
    from mlrecipe.run_folder import Run
    from mlrecipe.workflow import carry_out

    run = Run.open(folder)
    if until is not None and until not in STEP_NAMES:
        close = nearest(until, STEP_NAMES)
        raise MlrecipeError(
            f"there is no step {until!r}" + (f"; did you mean {close!r}?" if close else ""),
            where="--until",
            expected=f"one of {', '.join(STEP_NAMES)}",
        )
    registry = load_registry(run.plugin_files())
    recipe = run.recipe(registry)
    if overrides:
        recipe = changed_recipe(recipe, overrides, registry)
        with run.writing():
            run.create(recipe, run.plugin_files())
    with run.writing(), shown(registry, mode):
        carry_out(run, recipe, registry, until=until)
    return run
