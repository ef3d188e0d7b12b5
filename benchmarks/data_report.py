"""Time and peak memory of the data report: python benchmarks/data_report.py [--rows 1000000]

Makes a table of 20 columns (10 numbers, 5 categories, 2 with gaps, dates, latitude and longitude)
and a yes/no target in a Parquet file, then describes it and writes the page in a fresh process.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from mlrecipe.data.inference import infer_column
from mlrecipe.data.table import Table
from mlrecipe.data.table_schema import Column, TableSchema
from mlrecipe.exploration.power import column_powers
from mlrecipe.exploration.split import split_of
from mlrecipe.exploration.statistics import describe
from mlrecipe.exploration.survey import survey
from mlrecipe.interfaces import Inspection
from mlrecipe.problem import Problem
from mlrecipe.reports.data_report import data_report


def make(path: Path, rows: int) -> None:
    """Write the table."""
    random = np.random.default_rng(0)
    columns: dict[str, Any] = {f"number_{i}": random.normal(size=rows) for i in range(10)}
    for i in range(5):
        columns[f"category_{i}"] = random.choice([f"value {j}" for j in range(4 + 8 * i)], rows)
    for i in range(2):
        columns[f"gaps_{i}"] = np.where(
            random.random(rows) < 0.1, np.nan, random.gamma(2, size=rows)
        )
    seconds = np.sort(random.integers(0, 3e7, rows))
    columns["moment"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(seconds, unit="s")
    columns["latitude"] = random.normal(47, 1, rows)
    columns["longitude"] = random.normal(8, 1, rows)
    columns["y"] = np.where(columns["number_0"] + random.normal(size=rows) > 1, "yes", "no")
    Table.write(pd.DataFrame(columns), path)


def measure(path: Path) -> None:
    """Describe the table, write the page, print what it took."""
    table = Table(path)
    head = table.sample_of(table.names, 1000)
    columns = {name: infer_column(head[name]) for name in table.names}
    columns["y"] = Column(kind="target", type="string")
    inputs = tuple(name for name in table.names if name != "y")
    schema = TableSchema(columns=columns, targets=("y",), inputs=inputs)
    task: Any = SimpleNamespace(classification=True, regression=False, simple=True)
    problem = Problem(question="Benchmark", target="y")
    data = Inspection(table, schema, problem, task, np.ones(table.rows))

    def told(what: str, start: float) -> float:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{what:<28} {time.perf_counter() - start:6.2f} s   peak {peak:6.0f} MB")
        return time.perf_counter()

    clock = told("imports", time.perf_counter())
    split = split_of(table, schema, task)
    statistics = describe(table, schema, split)
    clock = told("statistics, split by class", clock)
    powers = {item.column: {item.by: item.power} for item in column_powers(data)}
    clock = told("powers of single columns", clock)
    content = survey(data, statistics, {}, [], powers=powers)
    clock = told("samples, map, time, gaps …", clock)
    page = data_report(content)
    told(f"page of {len(page) / 1000:.0f} kB", clock)


def main(arguments: Sequence[str] | None = None) -> int:
    """Make and measure in a process each, as a child inherits its parent's peak memory."""
    parser = argparse.ArgumentParser(description="Time and peak memory of the data report.")
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows of the table")
    parser.add_argument("--inside", nargs=2, help=argparse.SUPPRESS)  # it calls itself
    args = parser.parse_args(arguments)
    if args.inside:
        what, path = args.inside
        make(Path(path), args.rows) if what == "make" else measure(Path(path))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        file = str(Path(folder) / "table.parquet")
        print(f"{args.rows:,} rows, 20 columns and a target", flush=True)
        for what in ("make", "measure"):
            again = [sys.executable, __file__, "--rows", str(args.rows), "--inside", what, file]
            subprocess.run(again, check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
