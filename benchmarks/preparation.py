"""Time and peak memory of preparing 1,000,000 rows of 20 mixed columns; time of one row.

Claimed: fit and encode are at least twice as fast as scikit-learn's ColumnTransformer, in no more
memory; one row takes less than 100 µs on the server's path.

The table: 12 numeric columns, half of them with 5 % gaps, and 8 columns of strings of 3 to 60
categories, half of them with 5 % gaps, in a Parquet file. Every contender runs in a process of its
own that reads the file; its clock runs from before the reading to prepared rows; imports do not
count. Contenders take turns; medians of the rounds are shown.

- *scikit-learn*: ``SimpleImputer(strategy="median")`` and ``StandardScaler`` for numbers,
  ``SimpleImputer(strategy="constant")`` and ``OneHotEncoder(handle_unknown="ignore")`` for
  strings. It gives float64, sparse or dense by its own rule; networks want dense float32, so that
  a second line adds a conversion, a slice of rows at a time, to a dense float32 array.
- *FeatureSpace* of Keras: ``float_normalized`` and ``string_categorical`` (one-hot), adapted from
  the whole table as one tensor a column, then called on batches of 8192 rows. It knows no gaps:
  they are filled beforehand, by 0 and by a word, untimed. It takes long, so it runs in one round.
- *mlrecipe, in memory*: a dense float32 array, as small tables are prepared.
- *mlrecipe, to a file*: a dense float32 array on disk, read back as a memory map, as large tables
  are prepared in a run.

    python benchmarks/preparation.py [--rows 1000000] [--rounds 3] [--no-keras]

Linux alone (VmHWM).
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mlrecipe.components.preprocessing.by_kind import ByKind
from mlrecipe.data.table import Table
from mlrecipe.data.table_schema import Column, TableSchema

SPEED = 2.0
ROW_MICROSECONDS = 100.0
NUMBERS, STRINGS = 12, 8
CARDINALITIES = (3, 5, 8, 12, 20, 30, 45, 60)

MEASURE = """
import json, sys, time
import numpy as np, pandas as pd
path, folder = sys.argv[1], sys.argv[2]
numbers = [f"number_{{i}}" for i in range({numbers})]
strings = [f"string_{{i}}" for i in range({strings})]
{imports}
started, processor = time.perf_counter(), time.process_time()
{work}
seconds, processor = time.perf_counter() - started, time.process_time() - processor
# Not getrusage: what a child inherits of its parent's peak there counts as its own.
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
print(json.dumps({{
    "seconds": seconds, "processor": processor, "shape": list(shape),
    "megabytes": int(status["VmHWM"].split()[0]) / 1024
}}))
"""

SKLEARN = (
    """
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
""",
    """
frame = pd.read_parquet(path, columns=numbers + strings)
transformer = ColumnTransformer([
    ("numbers", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), numbers),
    ("strings", make_pipeline(
        SimpleImputer(strategy="constant", fill_value="missing"),
        OneHotEncoder(handle_unknown="ignore")), strings),
])
found = transformer.fit_transform(frame)
shape = found.shape
""",
)

DENSE = (
    SKLEARN[0],
    SKLEARN[1]
    + """
dense = np.empty(found.shape, dtype=np.float32)
for start in range(0, len(dense), 65536):
    part = found[start : start + 65536]
    dense[start : start + 65536] = part.toarray() if hasattr(part, "toarray") else part
""",
)

KERAS = (
    """
import os
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import tensorflow as tf
from keras.utils import FeatureSpace
frame = pd.read_parquet(path, columns=numbers + strings)
frame[numbers] = frame[numbers].fillna(0.0)
frame[strings] = frame[strings].fillna("missing")
columns = {name: frame[name].to_numpy(dtype=object if name in strings else "float32")
           for name in frame}
del frame
""",
    """
space = FeatureSpace(
    {**{name: FeatureSpace.float_normalized() for name in numbers},
     **{name: FeatureSpace.string_categorical(num_oov_indices=1) for name in strings}},
    output_mode="concat")
space.adapt(tf.data.Dataset.from_tensors(columns))
rows = tf.data.Dataset.from_tensor_slices(columns).batch(8192)
parts = [part.numpy() for part in rows.map(space)]
found = np.concatenate(parts)
shape = found.shape
""",
)

OURS = """
from pathlib import Path
from mlrecipe.components.preprocessing.by_kind import ByKind
from mlrecipe.data.table import Table
from mlrecipe.data.table_schema import Column, TableSchema
from mlrecipe.preparation import encoding
schema = TableSchema(
    columns={**{n: Column(kind="numeric", type="number") for n in numbers},
             **{n: Column(kind="categorical", type="string") for n in strings}},
    targets=(), inputs=(*numbers, *strings))
"""

MEMORY = (
    OURS,
    """
preparation, tensors = ByKind().fit_transform(Table(Path(path)), schema)
shape = tensors["vector"].shape
""",
)

FILES = (
    OURS,
    """
table = Table(Path(path))
preparation = ByKind().fit(table, schema)
tensors = encoding.encode(preparation, table, Path(folder))
shape = tensors["vector"].shape
""",
)

CONTENDERS = {
    "scikit-learn": SKLEARN,
    "scikit-learn, dense float32": DENSE,
    "Keras FeatureSpace": KERAS,
    "mlrecipe, in memory": MEMORY,
    "mlrecipe, to a file": FILES,
}


def table(rows: int) -> pd.DataFrame:
    """Return numbers of several shapes and categories of a Zipf-like frequency, with gaps."""
    draws = np.random.default_rng(0)
    columns: dict[str, Any] = {}
    for i in range(NUMBERS):
        values = draws.normal(size=rows) if i % 3 else draws.lognormal(size=rows)
        if i % 2:
            values[draws.random(rows) < 0.05] = np.nan
        columns[f"number_{i}"] = values
    for i, count in enumerate(CARDINALITIES):
        shares = 1 / np.arange(1, count + 1)
        codes = draws.choice(count, rows, p=shares / shares.sum())
        if i % 2:
            codes[draws.random(rows) < 0.05] = -1
        names = [f"category {i} number {j}" for j in range(count)]
        columns[f"string_{i}"] = pd.Categorical.from_codes(codes, names).astype("str")
    return pd.DataFrame(columns)


def measure(contender: tuple[str, str], path: Path) -> dict[str, Any]:
    """Return what a process of its own reports."""
    imports, work = contender
    script = MEASURE.format(numbers=NUMBERS, strings=STRINGS, imports=imports, work=work)
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", script, str(path), folder]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def one_row(path: Path) -> float:
    """Return the median time of one record on the server's path, in microseconds."""
    head = pd.read_parquet(path).head(10_000)
    columns = {
        name: Column(kind="numeric", type="number")
        if name.startswith("number")
        else Column(kind="categorical", type="string")
        for name in head
    }
    schema = TableSchema(columns=columns, targets=(), inputs=tuple(columns))
    preparation = ByKind().fit(Table(head), schema)
    records = preparation.records(head.head(500))
    times = []
    for record in records:
        started = time.perf_counter()
        preparation.transform_records([record])
        times.append(time.perf_counter() - started)
    return 1e6 * statistics.median(times)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a line a contender; return 1 when a claim does not hold."""
    parser = argparse.ArgumentParser(description="Time and peak memory of the preparation.")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--no-keras", action="store_true", help="leave FeatureSpace out")
    args = parser.parse_args(arguments)
    names = [name for name in CONTENDERS if not (args.no_keras and "Keras" in name)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.parquet"
        Table.write(table(args.rows), path)
        rounds: list[dict[str, Any]] = []
        for number in range(args.rounds):
            taking = [name for name in names if not (number and "Keras" in name)]
            rounds.append({name: measure(CONTENDERS[name], path) for name in taking})
        row = one_row(path)
    found = {
        name: {
            key: statistics.median(r[name][key] for r in rounds if name in r)
            for key in ("seconds", "processor", "megabytes")
        }
        for name in names
    }
    base = found["scikit-learn"]
    print(f"{args.rows:,} rows, {NUMBERS} numbers, {STRINGS} strings; {args.rounds} rounds")
    for name, cells in found.items():
        ratio = base["seconds"] / cells["seconds"]
        print(
            f"{name:<30}{cells['seconds']:7.2f} s {cells['processor']:7.2f} s CPU"
            f" {ratio:6.2f} x as fast{cells['megabytes']:8.0f} MB  {rounds[0][name]['shape']}"
        )
    ours = found["mlrecipe, to a file"]
    holds = {
        f"at least {SPEED:g} x as fast as scikit-learn": base["seconds"] >= SPEED * ours["seconds"],
        "in no more memory": ours["megabytes"] <= base["megabytes"],
        f"one row {row:.0f} µs; limit {ROW_MICROSECONDS:.0f} µs": row < ROW_MICROSECONDS,
    }
    for claim, true in holds.items():
        print(f"{claim}: {'holds' if true else 'FAILS'}")
    return 0 if all(holds.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
