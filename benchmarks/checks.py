"""Time and peak memory of all checks and statistics on a large generated table.

    python benchmarks/checks.py [--rows 1000000] [--columns 20 100] [--ydata PYTHON]

Each contender runs in a process of its own that reads the same Parquet file; plain pandas
``describe`` stands beside, and ydata-profiling's minimal mode where ``--ydata`` names a Python that
has it. Prints seconds, peak memory in megabytes, and ratios to pandas. Linux alone (VmHWM).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

MEASURE = """
import json, sys, time
started = time.perf_counter()
{work}
seconds = time.perf_counter() - started
# Not getrusage: what a child inherits of its parent's peak there counts as its own.
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
peak = int(status["VmHWM"].split()[0]) / 1024
print(json.dumps({{"seconds": seconds, "megabytes": peak, **details}}))
"""

OURS = """
import numpy as np
from pathlib import Path
from mlrecipe.components.schema.inferred import Inferred
from mlrecipe.exploration.statistics import describe
from mlrecipe.data.table import Table
from mlrecipe.interfaces import Inspection
from mlrecipe.problem import Problem
from mlrecipe.registry import load_registry

table = Table(Path(sys.argv[1]))
problem = Problem(question="?", target=("y",))
schema = Inferred().table(table.sample(10_000), problem)
components = load_registry().components
data = Inspection(
    table, schema, problem, components["task"]["binary"](), np.ones(table.rows),
    preprocessing=components["preprocessing"]["by_kind"](),
)
details = {"steps": {}, "findings": 0}
started = time.perf_counter()
describe(table, schema)
details["steps"]["statistics"] = round(time.perf_counter() - started, 2)
for name, kind in components["checks"].items():
    begun = time.perf_counter()
    details["findings"] += len(kind().inspect(data))
    details["steps"][name] = round(time.perf_counter() - begun, 2)
"""

PANDAS = """
import pandas as pd

details = {}
pd.read_parquet(sys.argv[1]).describe(include="all")
"""

YDATA = """
import pandas as pd
from ydata_profiling import ProfileReport

details = {}
ProfileReport(pd.read_parquet(sys.argv[1]), minimal=True, progress_bar=False).to_html()
"""


def write_table(path: Path, rows: int, columns: int) -> None:
    """Write normal, skewed and whole numbers, categories, gaps, and a target of two classes."""
    from mlrecipe.data.table import Table

    draws = np.random.default_rng(0)
    frame: dict[str, object] = {}
    for i in range(columns - 1):
        kind = ("normal", "skewed", "whole", "gaps", "category")[i % 5]
        values = draws.normal(size=rows)
        if kind == "skewed":
            values = np.exp(values)
        elif kind == "whole":
            values = draws.integers(0, 1000, rows)
        elif kind == "gaps":
            values[draws.random(rows) < 0.1] = np.nan
        elif kind == "category":
            values = pd.Categorical.from_codes(
                draws.integers(0, 30, rows), [f"kind {j}" for j in range(30)]
            ).astype(str)
        frame[f"{kind}_{i}"] = values
    wish = np.asarray(frame["normal_0"]) + draws.normal(size=rows)
    frame["y"] = np.where(wish > 0.5, "yes", "no")
    Table.write(pd.DataFrame(frame), path)


def measure(python: str, work: str, path: Path) -> dict[str, object]:
    """Return what a process of its own reports of the work."""
    command = [python, "-c", MEASURE.format(work=work), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return {"error": done.stderr.strip().splitlines()[-1]}
    return dict(json.loads(done.stdout.splitlines()[-1]))


def main(arguments: Sequence[str] | None = None) -> int:
    """Print one line a contender and table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--columns", type=int, nargs="+", default=[20, 100])
    parser.add_argument("--ydata", help="a Python that has ydata-profiling")
    args = parser.parse_args(arguments)
    for columns in args.columns:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "table.parquet"
            write_table(path, args.rows, columns)
            results = {
                "pandas describe": measure(sys.executable, PANDAS, path),
                "mlrecipe, all checks and statistics": measure(sys.executable, OURS, path),
            }
            if args.ydata:
                results["ydata-profiling, minimal"] = measure(args.ydata, YDATA, path)
        print(f"{args.rows:,} x {columns}")
        base = results["pandas describe"]
        for name, found in results.items():
            if "error" in found:
                print(f"  {name}: {found['error']}")
                continue
            ratio = float(str(found["seconds"])) / float(str(base["seconds"]))
            print(
                f"  {name}: {found['seconds']:.1f} s ({ratio:.1f} x), {found['megabytes']:.0f} MB"
            )
            if "steps" in found:
                print(f"    {found['steps']}, {found['findings']} findings")
    return 0


if __name__ == "__main__":
    sys.exit(main())
