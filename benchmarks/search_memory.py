"""Whether a search of many trials takes more memory and disk than one of few.

    python benchmarks/search_memory.py [--few 10] [--many 60]

Two random searches over a dense network on breast_cancer, each in a process of its own: five folds
a trial, one process, trials that train ten epochs. Shown are the process's peak memory and what the
step `tune` left in the run folder.

Ends with status 1 when the search of many trials takes more than 1.1 times the memory.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

MOST_GROWTH = 1.1
RECIPE = ("recipe=breast_cancer", "architecture=dense", "training.epochs=10", "workflow.rungs=1")
MEASURED = """
import resource, sys
from mlrecipe.cli import main
status = main(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, file=sys.stderr)
sys.exit(status)
"""


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--few", type=int, default=10)
    parser.add_argument("--many", type=int, default=60)
    args = parser.parse_args(argv)
    few, many = (_search(trials) for trials in (args.few, args.many))
    growth = many / few
    print(f"{growth:.3f} times the memory (at most {MOST_GROWTH})")
    return int(growth > MOST_GROWTH)


def _search(trials: int) -> int:
    """Return the peak memory of a search, in MB."""
    with tempfile.TemporaryDirectory() as place:
        run = Path(place) / "run"
        words = [*RECIPE, f"tuner.trials={trials}", "checks=[]", "workflow.until=tune"]
        done = subprocess.run(
            [sys.executable, "-c", MEASURED, "run", "--quiet", *words, f"hydra.run.dir={run}"],
            check=True,
            env={**os.environ, "MLRECIPE_HOME": str(Path(place) / "home")},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        peak = int(done.stderr.split()[-1])
        kept = sum(file.stat().st_size for file in run.glob("*_tune/**/*") if file.is_file())
        print(f"{trials} trials: {peak} MB of memory, {kept / 1e6:.2f} MB on disk", flush=True)
        return peak


if __name__ == "__main__":
    sys.exit(main())
