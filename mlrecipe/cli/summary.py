"""What a run or a sweep ends with on the screen: results in a few lines, and what to do next."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlrecipe.run_folder import Run


def primary_score(run: Run) -> float | None:
    """Return the primary metric on validation rows, of the last step that measured it."""
    tuned = _read(run, "tune", "tuned.json")
    protocol = _read(run, "protocol", "protocol.json")
    if tuned is None or protocol is None:
        return None
    return float(tuned["scores"][protocol["primary"]]["mean"])


def print_run(run: Run) -> None:
    """Print what a run came to."""
    print()
    for step, name in (
        ("overfit", "ladder.json"),
        ("tune", "tuned.json"),
        ("finalize", "test.json"),
    ):
        result = _read(run, step, name)
        if result is not None:
            print(result["statement"])
    chosen = _read(run, "optimize", "variants.json")
    if chosen is not None:
        print(chosen["statement"])
    for label, step, name in (
        ("data report", "understand", "data_report.html"),
        ("report", "explain", "report.html"),
        ("bundle", "ship", "bundle"),
    ):
        path = run.step_folder(step) / name
        if path.exists():
            print(f"{label + ':':<13}{path}")
    bundle = run.step_folder("ship") / "bundle"
    if bundle.exists():
        print(f"to serve it: mlrecipe serve {bundle}")


def print_sweep(folders: list[Path]) -> None:
    """Print every job of a sweep with its score, and how to finalize the winner."""
    from mlrecipe.run_folder import Run

    print()
    scored = [(folder, primary_score(Run(folder))) for folder in folders]
    for folder, score in scored:
        print(f"  {folder.name:<6} {'no score' if score is None else f'{score:.5g}'}")
    if any(score is not None for _, score in scored):
        print(f"to compare them: mlrecipe compare {folders[0].parent}")
        print(f"to open the test set for the winner: mlrecipe finalize {folders[0].parent}")


def _read(run: Run, step: str, name: str) -> Any:
    from mlrecipe.files import read_json

    path = run.step_folder(step) / name
    return read_json(path) if path.exists() else None
