"""``mlrecipe status``: how far a run got, what it chose and found."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlrecipe.run_folder import Run


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("run", type=Path, help="the run folder")


def main(args: argparse.Namespace) -> int:
    """Print steps, hypotheses, automatic choices and findings."""
    from mlrecipe.recipe import STEP_NAMES
    from mlrecipe.run_folder import Run

    run = Run.open(args.run)
    print(f"{run.provenance()['recipe']} in {run.path}")
    for name in STEP_NAMES:
        record = run.step(name)
        state = f"done in {record['seconds']:.1f} s" if record else "open"
        print(f"  {name:<11} {state}")
    _print_hypotheses(run)
    _print_life_span(run)
    for group, choices in _read(run, "collect", "choices.json", {}).items():
        for choice in choices:
            print(f"chose {group}={choice['name']}: {choice['reason']}")
    waived = run.waived()
    for step, finding in run.findings():
        reason = f" (waived: {waived[finding.code]})" if finding.code in waived else ""
        print(f"{finding.severity} in {step}: {finding.message}{reason}")
        if finding.advice:
            print(f"    {finding.advice}")
    return 0


def _print_hypotheses(run: Run) -> None:
    settled = _read(run, "power", "power.json", {})
    opened = settled or _read(run, "frame", "problem.json", {})
    for item in opened.get("hypotheses", ()):
        print(f"hypothesis, {item['state']}: {item['statement']}")


def _print_life_span(run: Run) -> None:
    """Print when the model is due for replacement, counted from the day it was shipped."""
    import datetime

    days = _read(run, "frame", "problem.json", {}).get("life_span_days")
    if days is None:
        return
    record = run.step_folder("ship") / "step.json"
    if not record.exists():
        print(f"life span: {days:g} days from the day it is shipped")
        return
    shipped = datetime.date.fromtimestamp(record.stat().st_mtime)
    due = shipped + datetime.timedelta(days=days)
    print(f"life span: {days:g} days; shipped on {shipped}, due for replacement on {due}")


def _read(run: Run, step: str, name: str, default: Any) -> Any:
    from mlrecipe.files import read_json

    path = run.step_folder(step) / name
    return read_json(path) if path.exists() else default
