"""``mlrecipe finalize``: open the test set for the winner of a sweep, and for it alone."""

from __future__ import annotations

import argparse
import json
from pathlib import Path


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "runs", type=Path, nargs="+", help="the folder of a sweep (multirun/…), or run folders"
    )
    parser.add_argument(
        "--simplest",
        action="store_true",
        help="the smallest model within a standard error of the best, not the best",
    )
    parser.add_argument(
        "--reason", help="why the test set is opened again, where another model opened it before"
    )
    parser.add_argument("-q", "--quiet", action="store_true", help="print results alone")
    parser.add_argument("--plain", action="store_true", help="lines instead of a live display")


def main(args: argparse.Namespace) -> int:
    """Find the best run by the primary metric and carry out its remaining steps."""
    from mlrecipe.cli.compare import verdict
    from mlrecipe.cli.resume import go_on
    from mlrecipe.cli.summary import print_run
    from mlrecipe.errors import MlrecipeError
    from mlrecipe.leaderboard import board_of
    from mlrecipe.steps.opening import REOPENED

    board = board_of(args.runs)
    apart = {path: why for path, why in board.aside.items() if not why.startswith("the run has no")}
    if apart:
        path, why = next(iter(apart.items()))
        raise MlrecipeError(
            f"not all of these runs can be compared: {path}: {why}",
            where=str(path),
            fix="name those to choose among: mlrecipe finalize RUN RUN …; `mlrecipe compare` shows "
            "them",
        )
    winner = board.simplest() if args.simplest else board.entries[0]
    print(verdict(board))
    print(f"finalized is {winner.run.path}, of {len(board.entries)} runs")
    mode = "quiet" if args.quiet else "plain" if args.plain else "auto"
    given = [f"workflow.waive.{REOPENED}={json.dumps(args.reason)}"] if args.reason else []
    print_run(go_on(winner.run.path, None, mode, given))
    return 0
