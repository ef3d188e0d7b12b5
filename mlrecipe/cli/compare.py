"""``mlrecipe compare``: a leaderboard of runs, on the screen, as a page, as JSON."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlrecipe.leaderboard import Board, Entry


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("runs", type=Path, nargs="+", help="run folders, or folders of sweeps")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write a page, too")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")


def main(args: argparse.Namespace) -> int:
    """Print the board, the best run first."""
    import json

    from mlrecipe.files import write_text
    from mlrecipe.leaderboard import board_of

    board = board_of(args.runs)
    rows = [_plain(entry, args.runs) for entry in board.entries]
    aside = {str(path): why for path, why in board.aside.items()}
    if args.html:
        from mlrecipe.reports.board import board_page

        write_text(args.html, board_page(board.metric, rows, aside, verdict(board)))
    if args.json:
        told = {"metric": board.metric, "verdict": verdict(board), "runs": rows, "aside": aside}
        print(json.dumps({**told, "looks": board.looks, "optimism": board.optimism}))
        return 0
    _print(board, rows)
    if args.html:
        print(f"page: {args.html}")
    return 0


def verdict(board: Board) -> str:
    """Return which run is best, and how sure that is, in a sentence or three."""
    best, *others = board.entries
    text = f"The best is {best.run.path.name}, with {board.metric} {best.score['mean']:.4g}"
    if others and others[0].behind is not None:
        behind = others[0].behind
        clear = "clearly " if behind["low"] > 0 else "not clearly "
        text += (
            f", {clear}ahead of {others[0].run.path.name} by {behind['difference']:.2g} "
            f"({behind['confidence']:.0%} interval {behind['low']:.2g} to {behind['high']:.2g})"
        )
        simplest = board.simplest()
        if simplest is not best:
            text += (
                f". The smallest within a standard error of it is {simplest.run.path.name}, with "
                f"{simplest.parameters:,} parameters"
            )
    seems = f", and the best look seems better by {board.optimism:.2g}" if board.optimism else ""
    return f"{text}. The validation rows were looked at {board.looks} times{seems}."


def _print(board: Board, rows: list[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for name in ("#", "run", board.metric, "interval", "behind", "interval", "parameters", "s"):
        table.add_column(name, justify="left" if name == "run" else "right", no_wrap=True)
    table.add_column("differs in", overflow="fold")
    names = _short_names(list(rows[0]["settings"]))
    for rank, row in enumerate(rows, 1):
        score, behind = row["score"], row["behind"]
        table.add_row(
            str(rank),
            row["name"],
            f"{score['mean']:.4g}",
            f"{score['low']:.4g} … {score['high']:.4g}",
            f"{behind['difference']:.2g}" if behind else "",
            f"{behind['low']:.2g} … {behind['high']:.2g}" if behind else "",
            f"{row['parameters']:,}",
            f"{row['seconds']:.1f}",
            " ".join(f"{names[k]}={v}" for k, v in row["settings"].items() if v is not None),
        )
    console = Console(soft_wrap=True)
    console.print(table)
    for path, why in board.aside.items():
        console.print(f"not compared: {path}: {why}", markup=False)
    console.print(verdict(board), markup=False)


def _short_names(keys: list[str]) -> dict[str, str]:
    """Return for each key its last part, where that tells it from the others."""
    last = [key.rpartition(".")[2] for key in keys]
    return {
        key: name if last.count(name) == 1 else key for key, name in zip(keys, last, strict=True)
    }


def _plain(entry: Entry, places: list[Path]) -> dict[str, Any]:
    """Return an entry as plain data; its name is the shortest that tells the runs apart."""
    path = entry.run.path
    inside = next((place for place in places if place in path.parents), None)
    return {
        "name": str(path.relative_to(inside)) if inside and len(places) == 1 else str(path),
        "path": str(path),
        "score": dict(entry.score),
        "behind": dict(entry.behind) if entry.behind else None,
        "parameters": entry.parameters,
        "seconds": entry.seconds,
        "settings": dict(entry.settings),
        "curves": dict(entry.curves),
    }
