"""``mlrecipe finalize``: open the test set for the winner of a sweep, and for it alone."""

from __future__ import annotations

import argparse
from pathlib import Path


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("sweep", type=Path, help="the folder of a sweep: multirun/…")
    parser.add_argument("-q", "--quiet", action="store_true", help="print results alone")
    parser.add_argument("--plain", action="store_true", help="lines instead of a live display")


def main(args: argparse.Namespace) -> int:
    """Find the best job by the primary metric and carry out its remaining steps."""
    from mlrecipe.cli.resume import go_on
    from mlrecipe.cli.summary import primary_score, print_run
    from mlrecipe.errors import MlrecipeError
    from mlrecipe.files import read_json
    from mlrecipe.run_folder import Run

    runs = [Run(p.parent) for p in sorted(args.sweep.glob("*/recipe.yaml"))]
    scored = [(run, score) for run in runs if (score := primary_score(run)) is not None]
    if not scored:
        raise MlrecipeError(
            f"there is no finished job in {args.sweep}",
            expected="the folder of a sweep, as `mlrecipe run -m` leaves it",
        )
    protocols = [read_json(run.artifact("protocol", "protocol.json")) for run, _ in scored]
    primaries = {protocol["primary"] for protocol in protocols}
    if len(primaries) > 1:
        raise MlrecipeError(
            f"the jobs are measured by different metrics: {', '.join(sorted(primaries))}",
            where=str(args.sweep),
            fix="choose the winner yourself: mlrecipe resume JOB",
        )
    sign = 1 if protocols[0]["greater_is_better"] else -1
    winner, score = max(scored, key=lambda item: sign * item[1])
    print(f"the winner of {len(scored)} jobs is {winner.path}: {primaries.pop()} {score:.5g}")
    mode = "quiet" if args.quiet else "plain" if args.plain else "auto"
    print_run(go_on(winner.path, None, mode))
    return 0
