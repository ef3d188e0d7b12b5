"""Peak memory of preparing a file, and one ten times larger.

Claimed: it grows by less than 15 %, and what is learnt of the larger file is what its rows say.

Each file is fitted and encoded in a process of its own: 20 mixed columns as in `preparation.py`,
written in row groups of 65,536 rows. The larger file holds the rows of the smaller one ten times,
so that it has the same categories, and the same medians but for their sampling.

    python benchmarks/larger_than_memory.py [--rows 500000] [--times 10] [--workers N]

Peak memory is that of the process (VmHWM, Linux alone); with ``--workers``, that of its workers
comes on top and is not counted.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from preparation import NUMBERS, STRINGS, table

from mlrecipe.data.table import CHUNK_ROWS, Table

GROWTH = 0.15

WORK = """
import hashlib, json, sys, time
from pathlib import Path
from mlrecipe.components.preprocessing.by_kind import ByKind
from mlrecipe.components.engine.processes import Processes
from mlrecipe.data.table import Table
from mlrecipe.data.table_schema import Column, TableSchema
from mlrecipe.preparation import encoding

path, folder, workers = sys.argv[1], sys.argv[2], int(sys.argv[3])
names = Table(Path(path)).names
schema = TableSchema(columns={{
    name: Column(kind="numeric", type="number") if name.startswith("number")
    else Column(kind="categorical", type="string") for name in names}}, targets=(), inputs=names)
started = time.perf_counter()
rows = Table(Path(path), engine=Processes(workers=workers) if workers else None)
preparation = ByKind().fit(rows, schema)
found = encoding.encode(preparation, rows, Path(folder))["vector"]
seconds = time.perf_counter() - started
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
impute, one_hot = (block.operations[0] for block in preparation.blocks)
print(json.dumps({{
    "seconds": seconds, "megabytes": int(status["VmHWM"].split()[0]) / 1024,
    "shape": found.shape, "categories": one_hot.categories, "medians": impute.fill}}))
"""


def repeated(source: Path, target: Path, times: int) -> None:
    """Write a file that holds the rows of another one several times."""
    with pq.ParquetFile(source) as file, pq.ParquetWriter(target, file.schema_arrow) as writer:
        for _ in range(times):
            for group in range(file.num_row_groups):
                rows: pa.Table = file.read_row_group(group)
                writer.write_table(rows, row_group_size=CHUNK_ROWS)


def measure(path: Path, workers: int) -> dict[str, Any]:
    """Return what a process of its own reports of a file."""
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        command = [sys.executable, "-c", WORK.format(), str(path), folder, str(workers)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a line a file; return 1 when a claim does not hold."""
    parser = argparse.ArgumentParser(description="Peak memory of a file and of a larger one.")
    parser.add_argument("--rows", type=int, default=500_000, help="rows of the smaller file")
    parser.add_argument("--times", type=int, default=10, help="how much larger the other one is")
    parser.add_argument("--workers", type=int, default=0, help="processes; 0: this one alone")
    args = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        small, large = Path(folder) / "small.parquet", Path(folder) / "large.parquet"
        Table.write(table(args.rows), small)
        repeated(small, large, args.times)
        found = [measure(path, args.workers) for path in (small, large)]
    one, other = found
    for cells in found:
        rows, width = cells["shape"]
        print(
            f"{rows:>12,} rows of {NUMBERS + STRINGS} columns to {rows * width * 4 / 1e6:,.0f} MB: "
            f"{cells['seconds']:.1f} s, peak {cells['megabytes']:.0f} MB"
        )
    growth = other["megabytes"] / one["megabytes"] - 1
    far = max(abs(a - b) for a, b in zip(one["medians"], other["medians"], strict=True))
    holds = {
        f"peak memory grows by {growth:.1%}; limit {GROWTH:.0%}": growth < GROWTH,
        "the same categories": one["categories"] == other["categories"],
        # Medians of two samples of 100,000 rows of values whose density there is at least 0.35.
        f"medians differ by {far:.4f} at most": far < 0.03,
    }
    for claim, true in holds.items():
        print(f"{claim}: {'holds' if true else 'FAILS'}")
    return 0 if all(holds.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
