"""Fixtures that several tests share: a ledger of the tests' own, and one finished run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

import mlrecipe
from mlrecipe.run_folder import Run
from mlrecipe.training.runtime import prepare_environment

# Before any test module imports TensorFlow: it has to run as it does in the product. With oneDNN's
# operations, which are off there, training a mixed network was seen to corrupt the heap.
prepare_environment()

QUICK = ("tuner=none", "training.epochs=15", "workflow.rungs=1", "compression=[int8]")
"""Overrides that make a run short; the steps are all there."""


@pytest.fixture(autouse=True)
def own_ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep what outlives runs away from the user's home, and from other tests."""
    before = os.environ.get("MLRECIPE_HOME")
    os.environ["MLRECIPE_HOME"] = str(tmp_path_factory.mktemp("home"))
    yield
    if before is None:
        del os.environ["MLRECIPE_HOME"]
    else:
        os.environ["MLRECIPE_HOME"] = before


@pytest.fixture(scope="session")
def quick() -> tuple[str, ...]:
    """Overrides that make a run short."""
    return QUICK


@pytest.fixture(scope="session")
def finished_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run of breast_cancer through all twelve steps. Read it, do not change it."""
    folder = tmp_path_factory.mktemp("finished")
    os.environ["MLRECIPE_HOME"] = str(folder / "home")
    return mlrecipe.run("recipe=breast_cancer", *QUICK, path=folder / "run")


@pytest.fixture(scope="session")
def mixed_table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CSV file with numbers, categories, booleans, gaps and an identifier; `bought` follows."""
    import numpy as np
    import pandas as pd

    random = np.random.default_rng(7)
    rows = 400
    age = random.normal(45, 12, rows).round(1)
    city = random.choice(["Bern", "Genf", "Zürich", "Basel, Stadt"], rows)
    member = random.random(rows) < 0.4
    wish = 0.08 * (age - 45) + 1.5 * member + (city == "Bern") + random.normal(0, 0.6, rows)
    frame = pd.DataFrame(
        {
            "id": [f"c{i:05d}" for i in range(rows)],
            "age": np.where(random.random(rows) < 0.1, np.nan, age),
            "city": np.where(random.random(rows) < 0.05, None, city),
            "member": np.where(random.random(rows) < 0.05, None, member),
            "bought": np.where(wish > 0.8, "yes", "no"),
        }
    )
    path = tmp_path_factory.mktemp("table") / "customers.csv"
    frame.to_csv(path, index=False)
    return path
