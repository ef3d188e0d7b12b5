"""``mlrecipe ledger``: who looked at the validation rows of a data set, and opened its test set."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("run", type=Path, help="a run folder; the ledger is that of its data")


def main(args: argparse.Namespace) -> int:
    """Print looks by run and validation rows, then every opening with its time and reason."""
    from mlrecipe.files import read_json
    from mlrecipe.ledger import Ledger, moment
    from mlrecipe.run_folder import Run

    run = Run.open(args.run)
    ledger = Ledger(read_json(run.artifact("collect", "collect.json"))["fingerprint"])
    looks, openings = ledger.entries("look"), ledger.entries("opening")
    print(ledger.path)
    print(f"{_times(len(looks), 'look')} at validation rows")
    for (place, split, metric), entries in _grouped(looks).items():
        scores = [entry["score"] for entry in entries if entry.get("score") is not None]
        told = f"{metric} {min(scores):.4g} to {max(scores):.4g}" if scores else "no score"
        print(f"  {_times(len(entries), 'look'):>9}  {told}  rows {split or '?'}  {place}")
    print(f"{_times(len(openings), 'opening')} of the test set")
    for entry in openings:
        reason = f"  {entry['reason']}" if entry.get("reason") else ""
        print(f"  {moment(entry['time'])}  {entry.get('run') or 'an earlier run'}{reason}")
    return 0


def _grouped(looks: list[dict[str, Any]]) -> dict[tuple[str, str, str], list[dict[str, Any]]]:
    found: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for entry in looks:
        key = (entry.get("run", ""), entry.get("split", ""), entry.get("metric", ""))
        found.setdefault(key, []).append(entry)
    return found


def _times(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
