"""Shows a run's progress: live in a terminal, plain lines elsewhere, nothing when quiet."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from mlrecipe.hookspecs import hookimpl

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from mlrecipe.findings import Finding
    from mlrecipe.registry import Registry
    from mlrecipe.run_folder import Run


@contextmanager
def shown(registry: Registry, mode: str) -> Iterator[None]:
    """Show progress while the block runs.

    Args:
        registry: its hooks are listened to.
        mode: ``live``, ``plain``, ``quiet``, or ``auto``: live in a terminal, else plain.
    """
    if mode == "auto":
        mode = "live" if sys.stdout.isatty() else "plain"
    if mode == "quiet":
        yield
        return
    listener = _Live() if mode == "live" else _Plain()
    registry.hooks.register(listener)
    try:
        with listener.running():
            yield
    finally:
        registry.hooks.unregister(listener)


class _Plain:
    """One line a step and a finding."""

    @contextmanager
    def running(self) -> Iterator[None]:
        yield

    def say(self, line: str) -> None:
        print(line, flush=True)

    @hookimpl
    def mlrecipe_step_kept(self, run: Run, step: str) -> None:
        self.say(f"{step:<11} kept")

    @hookimpl
    def mlrecipe_step_finished(self, run: Run, step: str, seconds: float) -> None:
        self.say(f"{step:<11} {seconds:6.1f} s")

    @hookimpl
    def mlrecipe_finding(self, run: Run, finding: Finding) -> None:
        self.say(f"  {finding.severity}: {finding.message}")


class _Live(_Plain):
    """The same, and below it the step at work with its epochs."""

    def __init__(self) -> None:
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeElapsedColumn,
            TimeRemainingColumn,
        )

        self.progress: Progress = Progress(
            TextColumn("{task.description:<11}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[losses]}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            transient=True,
        )
        self.steps: TaskID | None = None
        self.epochs: TaskID | None = None
        self.drawn = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        with self.progress:
            yield

    def say(self, line: str) -> None:
        self.progress.console.print(line, markup=False, highlight=False)

    @hookimpl
    def mlrecipe_step_started(self, run: Run, step: str) -> None:
        from mlrecipe.recipe import STEP_NAMES

        if self.steps is None:
            self.steps = self.progress.add_task("steps", total=len(STEP_NAMES), losses="")
        self.progress.update(self.steps, completed=STEP_NAMES.index(step), description=step)

    @hookimpl
    def mlrecipe_step_finished(self, run: Run, step: str, seconds: float) -> None:
        if self.epochs is not None:
            self.progress.remove_task(self.epochs)
            self.epochs = None
        self.say(f"{step:<11} {seconds:6.1f} s")

    @hookimpl
    def mlrecipe_epoch_finished(
        self, run: Run, step: str, epoch: int, epochs: int, scores: Mapping[str, float]
    ) -> None:
        if time.monotonic() - self.drawn < 0.1 and epoch < epochs:
            return  # small models finish hundreds of epochs a second
        self.drawn = time.monotonic()
        if self.epochs is None:
            self.epochs = self.progress.add_task("  epoch", total=epochs, losses="")
        losses = "  ".join(f"{name} {value:.4f}" for name, value in scores.items())
        self.progress.update(self.epochs, completed=epoch, total=epochs, losses=losses)
