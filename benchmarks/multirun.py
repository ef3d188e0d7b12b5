"""What a sweep costs beside its training: overhead of a further job, efficiency of two processes.

    python benchmarks/multirun.py [--jobs 8] [--epochs 200] [--rounds 3]

A sweep over the learning rates of a small Keras network on breast_cancer, five folds a job, is
carried out by Hydra's basic launcher with two jobs and with all, and by joblib on two processes.

- Overhead of a further job: wall time between the two sweeps of the basic launcher, a job, without
  the steps that train (power, overfit, tune).
- Parallel efficiency: wall time of the basic launcher's jobs over twice that of joblib's, both
  without the start of a process and its import of TensorFlow, which a sweep of one job measures.

Ends with status 1 when a further job costs more than 0.3 s, or the efficiency is below 0.8. Both
ask for two cores that nothing else uses.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from mlrecipe.run_folder import Run

MOST_OVERHEAD = 0.3
LEAST_EFFICIENCY = 0.8
TRAIN = ("power", "overfit", "tune")


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--jobs", type=int, default=8)
    parser.add_argument("--epochs", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args(argv)
    overheads, efficiencies = [], []
    for number in range(args.rounds):
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            one = _sweep(folder, "one", 1, args.epochs)
            two = _sweep(folder, "two", 2, args.epochs)
            every = _sweep(folder, "every", args.jobs, args.epochs)
            apart = _sweep(folder, "joblib", args.jobs, args.epochs, "hydra/launcher=joblib")
            trained = _trained(folder / "every" / "sweep")
            start = one - _trained(folder / "one" / "sweep")
            further = sum(trained_of_job(folder / "every" / "sweep", 2))
            overheads.append((every - two - further) / (args.jobs - 2))
            efficiencies.append((every - start) / (2 * (apart - start)))
        print(
            f"round {number + 1}: one job {one:.1f} s, of which the start {start:.1f} s; "
            f"{args.jobs} jobs {every:.1f} s, of which training {trained:.1f} s; "
            f"with joblib {apart:.1f} s; a further job {overheads[-1]:.2f} s, "
            f"efficiency {efficiencies[-1]:.2f}",
            flush=True,
        )
    overhead, efficiency = statistics.median(overheads), statistics.median(efficiencies)
    print(f"overhead of a further job: {overhead:.2f} s (at most {MOST_OVERHEAD})")
    print(f"parallel efficiency of joblib on 2 processes: {efficiency:.2f} ({LEAST_EFFICIENCY})")
    return int(overhead > MOST_OVERHEAD or efficiency < LEAST_EFFICIENCY)


def _sweep(folder: Path, name: str, jobs: int, epochs: int, *words: str) -> float:
    """Return the wall time of a sweep in a process of its own, with a home of its own."""
    rates = ",".join(f"{0.001 * (1 + i):.3f}" for i in range(jobs))
    command = [
        *(sys.executable, "-m", "mlrecipe", "run", "-m", "--quiet", "recipe=breast_cancer"),
        *("architecture=dense", "architecture.units=32", "architecture.layers=2", "tuner=none"),
        *("workflow.rungs=1", f"training.epochs={epochs}", "training.patience=null"),
        *(f"training.learning_rate={rates}", f"hydra.sweep.dir={folder / name / 'sweep'}"),
        *words,
        *(("hydra.launcher.n_jobs=2",) if words else ()),
    ]
    home = folder / name / "home"
    environment = {**os.environ, "MLRECIPE_HOME": str(home), "OMP_NUM_THREADS": "1"}
    environment |= {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}
    started = time.perf_counter()
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - started
    shutil.rmtree(home, ignore_errors=True)
    return seconds


def trained_of_job(sweep: Path, first: int = 0) -> list[float]:
    """Return the seconds that each job's training steps took, from a job on."""
    found = []
    for folder in sorted(sweep.iterdir()):
        if folder.name.isdigit() and int(folder.name) >= first:
            records = [Run(folder).step(step) for step in TRAIN]
            found.append(sum(record["seconds"] for record in records if record))
    return found


def _trained(sweep: Path) -> float:
    return sum(trained_of_job(sweep))


if __name__ == "__main__":
    sys.exit(main())
