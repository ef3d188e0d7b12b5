"""What Ray prepares is what one process prepares. Skipped where Ray is not installed."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("ray", reason="Ray is not installed: pip install 'ray[data]'")

from mlrecipe_ray import Ray

from mlrecipe.components.engine.local import Local
from mlrecipe.components.preprocessing.by_kind import ByKind
from mlrecipe.data.table import Table
from mlrecipe.data.table_schema import Column, TableSchema
from mlrecipe.preparation import encoding
from mlrecipe.testing import check_component

SCHEMA = TableSchema(
    columns={
        "number": Column(kind="numeric", type="number"),
        "word": Column(kind="categorical", type="string"),
    },
    targets=(),
    inputs=("number", "word"),
)


@pytest.fixture(scope="module", autouse=True)
def cluster() -> Iterator[None]:
    """Start a small cluster of two CPUs on this machine."""
    import ray

    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
    yield
    ray.shutdown()


def test_conformance() -> None:
    check_component(Ray)


def test_the_same_bit_by_bit(tmp_path: Path) -> None:
    draws = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "number": np.where(draws.random(2000) < 0.1, np.nan, draws.normal(size=2000)),
            "word": draws.choice(["a", "b", "Zürich", "c"], 2000),
        }
    )
    path = tmp_path / "rows.parquet"
    Table.write(frame, path, chunk_rows=128)
    found = {}
    for engine in (Local(), Ray()):
        rows = Table(path, engine=engine)
        preparation = ByKind().fit(rows, SCHEMA)
        folder = tmp_path / engine.name
        folder.mkdir()
        tensors = encoding.encode(preparation, rows, folder)
        found[engine.name] = (preparation.digest(), tensors["vector"].tobytes())
    assert found["ray"] == found["local"]
