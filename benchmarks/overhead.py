"""What mlrecipe adds to a minimal run beyond imports and training.

Claimed: under 3 s for all twelve steps.

Measured: wall time of ``mlrecipe run recipe=wine`` in a fresh process, cut to one rung of the
ladder, few epochs, no search and no compression. Every moment of it belongs to one column:

- *imports*: the loading of modules, wherever it happens; a hand-written script pays it too;
- *training*: `Trainer.fit` and `Trainer.predict`, without the tracing of their graphs;
- *graphs*: the building of Keras models, and the tracing of the trainer's graphs;
- *rest*: all else. That is composing, checks, preparation, baselines, bootstraps, artifacts and
  reports, and also the conversion to LiteRT, the export of the SavedModel, the proof that every
  runtime agrees, and the start and the end of Python.

Graphs and rest are what is added. Of the graphs, the first (in the step ``power``) is part of any
training, by hand too, so that the claim is held against the others. Medians of the rounds are
shown. On cores that others use too, wall time tells of them as well; ``--cpu`` counts CPU time, of
all threads, in its place.

    python benchmarks/overhead.py [--rounds 5] [--cpu] [key=value …]
"""

from __future__ import annotations

import _frozen_importlib
import argparse
import contextlib
import functools
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any

LIMIT = 3.0
MINIMAL = (
    "recipe=wine",
    "architecture=dense",
    "tuner=none",
    "workflow.rungs=1",
    "training.epochs=10",
    "compression=[none]",
)
COLUMNS = ("imports", "training", "graphs", "rest")
ADDED = ("graphs", "rest")
PYTHON, OUTSIDE = "(Python itself)", "(outside steps)"

Seconds = dict[str, dict[str, float]]
"""Step -> column -> seconds."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the table, and return 1 when the claim does not hold."""
    parser = argparse.ArgumentParser(description="What a run adds to imports and training.")
    parser.add_argument("--rounds", type=int, default=5, help="runs, each in a fresh process")
    parser.add_argument("--cpu", action="store_true", help="CPU time in the place of wall time")
    parser.add_argument("--inside", metavar="FOLDER", help=argparse.SUPPRESS)  # it calls itself
    parser.add_argument("overrides", nargs="*", help="added to the minimal recipe")
    args = parser.parse_args(arguments)
    if args.inside:
        print(json.dumps(instrumented_run(args.inside, args.overrides, args.cpu)))
        return 0
    one_round(args.overrides, args.cpu)  # untimed: writes bytecode, fills the disk's cache
    seconds = median([one_round(args.overrides, args.cpu) for _ in range(args.rounds)])
    print(table(seconds))
    added = sum(total(seconds, column) for column in ADDED)
    once = seconds["power"]["graphs"]
    beyond = added - once
    verdict = "holds" if beyond < LIMIT else "FAILS"
    everything = sum(total(seconds, column) for column in COLUMNS)
    kind = "CPU" if args.cpu else "wall"
    print(f"added: {added:.2f} of {everything:.2f} s {kind}")
    print(f"a script builds and traces its model once: {once:.2f} s")
    print(f"beyond that: {beyond:.2f} s; limit {LIMIT:.2f} s  {verdict}")
    return 0 if beyond < LIMIT else 1


def one_round(overrides: Sequence[str], cpu: bool) -> Seconds:
    """Carry out one run in a fresh process, and return where its time went."""
    with tempfile.TemporaryDirectory() as folder:
        words = [sys.executable, __file__, "--inside", folder, *["--cpu"] * cpu, *overrides]
        timer = children_cpu_time if cpu else time.perf_counter
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        environment["MLRECIPE_HOME"] = f"{folder}/home"
        started = timer()
        done = subprocess.run(words, capture_output=True, text=True, env=environment)
        ended = timer()
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    seconds: Seconds = json.loads(done.stdout.splitlines()[-1])
    inside = sum(total(seconds, column) for column in COLUMNS)
    return {PYTHON: {"rest": ended - started - inside}, **seconds}


def children_cpu_time() -> float:
    """Return the CPU seconds of the processes that were started and have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def instrumented_run(folder: str, overrides: Sequence[str], cpu: bool) -> Seconds:
    """Carry out the run in this process under a clock."""
    clock = Clock(time.process_time if cpu else time.perf_counter)
    watch_imports(clock)
    from mlrecipe.cli import main as command

    watch_steps(clock)
    watch_training(clock)
    status = command(["run", *MINIMAL, *overrides, f"hydra.run.dir={folder}/run", "--plain"])
    if status:
        raise SystemExit(status)
    return clock.stop()


class Clock:
    """Gives every moment to the step that runs and to the innermost column that was entered."""

    def __init__(self, timer: Callable[[], float]) -> None:
        self.step = OUTSIDE
        self._columns = ["rest"]
        self._seconds: defaultdict[str, dict[str, float]] = defaultdict(dict)
        self._timer = timer
        self._since = timer()

    def _settle(self) -> None:
        now, spent = self._timer(), self._seconds[self.step]
        column = self._columns[-1]
        spent[column] = spent.get(column, 0.0) + now - self._since
        self._since = now

    @contextlib.contextmanager
    def on(self, column: str) -> Iterator[None]:
        """Give the time of the block to a column."""
        self._settle()
        self._columns.append(column)
        try:
            yield
        finally:
            self._settle()
            self._columns.pop()

    def enter(self, step: str) -> None:
        """Give what follows to a step."""
        self._settle()
        self.step = step

    def stop(self) -> Seconds:
        """Return where the time went."""
        self._settle()
        return dict(self._seconds)

    def timed(self, column: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function, with its time given to a column."""

        @functools.wraps(function)
        def call(*args: Any, **options: Any) -> Any:
            with self.on(column):
                return function(*args, **options)

        return call


def watch_imports(clock: Clock) -> None:
    """Time every import that loads a module: all of them pass through this one function."""
    _frozen_importlib._find_and_load = clock.timed("imports", _frozen_importlib._find_and_load)


def watch_steps(clock: Clock) -> None:
    """Follow the steps by the hooks that a progress display uses."""
    from mlrecipe import hookimpl
    from mlrecipe.registry import load_registry

    class Steps:
        @hookimpl
        def mlrecipe_step_started(self, step: str) -> None:
            clock.enter(step)

        @hookimpl
        def mlrecipe_step_finished(self) -> None:
            clock.enter(OUTSIDE)

    load_registry(()).hooks.register(Steps())  # the one that the command line uses


def watch_training(clock: Clock) -> None:
    """Time the trainer, and apart from it the graphs that it trains."""
    from mlrecipe.training import fitting, trainer

    class Traced:
        """A graph function whose tracing, at its first call, is timed apart."""

        def __init__(self, function: Any) -> None:
            self.function = function
            self.traced = False

        def __call__(self, *args: Any) -> Any:
            if not self.traced:
                clock.timed("graphs", self.function.get_concrete_function)()
                self.traced = True
            return self.function(*args)

    compile_ = trainer._compile
    trainer._compile = lambda *args: tuple(map(Traced, compile_(*args)))
    fitting.build_model = clock.timed("graphs", fitting.build_model)
    kind = trainer.Trainer
    kind.__init__ = clock.timed("graphs", kind.__init__)
    kind.fit = clock.timed("training", kind.fit)
    kind.predict = clock.timed("training", kind.predict)


def median(rounds: Sequence[Seconds]) -> Seconds:
    """Return the median of every cell."""
    return {
        step: {
            column: statistics.median(seconds[step].get(column, 0.0) for seconds in rounds)
            for column in COLUMNS
        }
        for step in rounds[0]
    }


def total(seconds: Seconds, column: str) -> float:
    """Return the sum of a column."""
    return sum(cells.get(column, 0.0) for cells in seconds.values())


def table(seconds: Seconds) -> str:
    """Return a line a step, and one with the sums."""
    sums = {column: total(seconds, column) for column in COLUMNS}
    lines = [f"{'seconds':<16}" + "".join(f"{column:>10}" for column in COLUMNS)]
    for step, cells in {**seconds, "sum": sums}.items():
        lines.append(f"{step:<16}" + "".join(f"{cells[column]:>10.2f}" for column in COLUMNS))
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
