"""What the command line costs before it works: CPU time of commands that train nothing.

Claimed: ``mlrecipe --help`` takes at most 2 x the CPU time of ``python -c pass`` plus 60 ms;
``check`` and ``options`` take less than one second, with every built-in component registered.

Measured: user and system CPU time of a child process, as the operating system counts it. Every
round runs each command once, so that all are measured in the same minutes; the median of the
rounds is shown. A first round, untimed, writes the bytecode that an installed package has.

    python benchmarks/start_up.py [--rounds 15]
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

PYTHON = "python -c pass"
COMMANDS = ("--help", "check recipe=wine", "options", "show recipe=wine", "plugins")

LIMITS: dict[str, Callable[[float], float]] = {
    "mlrecipe --help": lambda python: 2 * python + 0.060,
    "mlrecipe check recipe=wine": lambda _: 1.0,
    "mlrecipe options": lambda _: 1.0,
}
"""Command -> the most CPU seconds it may take, given those of Python alone."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the table, and return 1 when a claim does not hold."""
    parser = argparse.ArgumentParser(description="CPU time of commands that train nothing.")
    parser.add_argument("--rounds", type=int, default=15, help="times each command is run")
    args = parser.parse_args(arguments)
    lines = command_lines()
    for words in lines.values():
        cpu_seconds(words)
    times: dict[str, list[float]] = {name: [] for name in lines}
    for _ in range(args.rounds):
        for name, words in lines.items():
            times[name].append(cpu_seconds(words))
    medians = {name: statistics.median(values) for name, values in times.items()}
    print(table(medians))
    return 0 if all(holds(name, medians) is not False for name in medians) else 1


def command_lines() -> dict[str, list[str]]:
    """Return what is compared: a name for people, and the words to start it with."""
    script = Path(sys.executable).with_name("mlrecipe")
    start = [str(script)] if script.exists() else [sys.executable, "-m", "mlrecipe"]
    ours = {f"mlrecipe {words}": [*start, *words.split()] for words in COMMANDS}
    return {PYTHON: [sys.executable, "-c", "pass"], **ours}


def cpu_seconds(words: Sequence[str]) -> float:
    """Run a command and return its user and system CPU time, children included."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, env=environment)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(words)} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime


def holds(name: str, medians: dict[str, float]) -> bool | None:
    """Return whether the claim of a command holds; None where nothing is claimed."""
    return medians[name] <= LIMITS[name](medians[PYTHON]) if name in LIMITS else None


def table(medians: dict[str, float]) -> str:
    """Return medians, ratios to Python alone, and limits, a line a command."""
    lines = [f"{'command':<28}{'CPU ms':>8}{'x python':>10}{'limit ms':>10}"]
    for name, seconds in medians.items():
        limit = f"{LIMITS[name](medians[PYTHON]) * 1000:.0f}" if name in LIMITS else "–"
        verdict = {True: "holds", False: "FAILS", None: ""}[holds(name, medians)]
        ratio = seconds / medians[PYTHON]
        lines.append(f"{name:<28}{seconds * 1000:>8.1f}{ratio:>10.1f}{limit:>10}  {verdict}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
