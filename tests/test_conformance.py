"""Every built-in component holds what the conformance suite asks of third parties."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import mlrecipe
from mlrecipe.component import Component
from mlrecipe.registry import load_registry
from mlrecipe.testing import check_component

MANDATORY: dict[str, dict[str, Any]] = {
    "baseline=existing": {"rule": "number > 0", "target": "y"},
    "baseline=last_value": {"time": "day"},
    "baseline=tfidf_linear": {"columns": ["word"]},
    "architecture=pretrained": {"weights": "none", "units": 8},
    "source=sklearn": {"dataset": "wine"},
    "source=generated": {"dataset": "election_poll"},
    "source=interactions": {"dataset": "music_recommendation", "rows": 30},
    "schema=declared": {"columns": {"a": {"kind": "numeric"}}},
    "schema=file": {"path": "schema.yaml"},
}

KINDS = {
    f"{group}={name}": kind
    for group, options in load_registry().components.items()
    for name, kind in options.items()
}


ELSEWHERE = {name for name in KINDS if name.startswith("source=")} - {"source=sklearn"}
"""Sources that need data of their own: see below, and test_sources.py."""


@pytest.mark.parametrize("name", sorted(set(KINDS) - ELSEWHERE))
def test_built_in(name: str) -> None:
    check_component(KINDS[name], **MANDATORY.get(name, {}))


@pytest.mark.slow
def test_models_are_read_by_another_process(tmp_path: Any) -> None:
    """B3: what every architecture learns is read where nothing of this process is left."""
    import subprocess
    import sys

    from mlrecipe.testing.models import saved_models

    models = [k(**MANDATORY.get(name, {})) for name, k in KINDS.items() if _is_model(name)]
    expected = saved_models(models, tmp_path)
    program = (
        "import sys; from mlrecipe.testing.models import read_models; read_models(sys.argv[1])"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=True)
    for name, outputs in expected.items():
        found = np.load(tmp_path / f"{name}.npy")
        np.testing.assert_allclose(found, outputs, atol=1e-6, err_msg=name)


def _is_model(name: str) -> bool:
    return name.startswith("architecture=") and name != "architecture=auto"


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_file_sources(kind: str, mixed_table: Any, tmp_path: Any) -> None:
    import pandas as pd

    path = mixed_table
    if kind == "parquet":
        path = tmp_path / "table.parquet"
        pd.read_csv(mixed_table).to_parquet(path)
    check_component(KINDS[f"source={kind}"], path=str(path))


def test_it_finds_what_is_wrong() -> None:
    class Backwards(mlrecipe.Metric, name="backwards", tasks=frozenset({"binary"})):
        """Says that worse is better."""

        def score(self, y: Any, outputs: Any) -> float:
            return float(np.abs(y - outputs).mean())

    class Overlapping(mlrecipe.Protocol, name="overlapping"):
        """Validates on what it trains on."""

        def split(self, rows: Any) -> Any:
            return [(np.arange(10), np.arange(5, 15))]

    class Nameless(mlrecipe.Metric):
        """Has no name."""

        def score(self, y: Any, outputs: Any) -> float:
            return 0.0

    cases: list[tuple[type[Component], str]] = [
        (Backwards, "best score"),
        (Overlapping, "overlap"),
        (Nameless, "has no name"),
    ]
    for kind, message in cases:
        with pytest.raises(AssertionError, match=message):
            check_component(kind)
