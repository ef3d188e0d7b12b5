"""No setting of a recipe prepares rows in one way for training and in another for serving (P4)."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from mlrecipe.components.preprocessing.by_kind import ByKind
from mlrecipe.data.pictures import as_png
from mlrecipe.data.table import Table
from mlrecipe.data.table_schema import Column, TableSchema
from mlrecipe.preparation.kinds.kind import Kind
from mlrecipe.preparation.preparation import Preparation
from mlrecipe.preparation.select import Select
from mlrecipe.testing.executors import Node, assert_agree

KINDS: dict[str, tuple[Any, Any]] = {
    "number": ("numeric", "number"),
    "other": ("numeric", "number"),
    "flag": ("boolean", "boolean"),
    "word": ("categorical", "string"),
    "code": ("categorical", "number"),
    "user": ("id", "string"),
    "note": ("text", "string"),
    "day": ("datetime", "string"),
    "lat": ("location", "number"),
    "lon": ("location", "number"),
    "tags": ("tags", "string"),
    "signal": ("sequence", "numbers"),
    "photo": ("image", "bytes"),
}
SCHEMA = TableSchema(
    columns={name: Column(kind=kind, type=type_) for name, (kind, type_) in KINDS.items()},
    targets=(),
    inputs=tuple(KINDS),
)
NEEDS_A_PACKAGE = {("text", "tokens"): ("words", "characters")}


def table(rows: int, seed: int) -> pd.DataFrame:
    """Return rows with every kind of column, some values of each missing."""
    draws = np.random.default_rng(seed)
    words = ["Free", "cash", "NOW!", "lunch", "at", "9", "£5", "ok"]
    columns: dict[str, list[Any]] = {
        "number": draws.lognormal(0, 2, rows).tolist(),
        "other": draws.normal(size=rows).tolist(),
        "flag": (draws.random(rows) < 0.5).tolist(),
        "word": draws.choice(["a", "b", "Zürich"], rows).tolist(),
        "code": draws.integers(0, 4, rows).astype(float).tolist(),
        "user": [f"u{n}" for n in draws.integers(0, 12, rows)],
        "note": [" ".join(draws.choice(words, 4)) for _ in range(rows)],
        "day": [
            f"20{n % 30:02}-{1 + n % 12:02}-{1 + n % 28:02}T{n % 24:02}:30" for n in range(rows)
        ],
        "lat": draws.uniform(46, 47, rows).tolist(),
        "lon": draws.uniform(7, 9, rows).tolist(),
        "tags": draws.choice(["p", "q", "p|q", "q|r"], rows).tolist(),
        "signal": [draws.normal(size=2 + n % 3).tolist() for n in range(rows)],
        "photo": [as_png(draws.integers(0, 256, (5, 4, 3), np.uint8)) for _ in range(rows)],
    }
    frame = pd.DataFrame({name: pd.Series(v, dtype=object) for name, v in columns.items()})
    frame = frame.mask(draws.random(frame.shape) < 0.1, None)
    return frame.astype(
        {"number": float, "other": float, "code": float, "lat": float, "lon": float}
    )


def choices(section: type[Kind], name: str) -> st.SearchStrategy[dict[str, Any]]:
    """Draw every setting of a kind that is one of a few words, or true or false."""
    drawn: dict[str, st.SearchStrategy[Any]] = {}
    for field, info in section.model_fields.items():
        if typing.get_origin(info.annotation) is typing.Literal:
            words = NEEDS_A_PACKAGE.get((name, field), typing.get_args(info.annotation))
            drawn[field] = st.sampled_from(words)
        elif info.annotation is bool:
            drawn[field] = st.booleans()
    return st.fixed_dictionaries({}, optional=drawn)


SECTIONS = {
    name: info.annotation
    for name, info in ByKind.model_fields.items()
    if isinstance(info.annotation, type) and issubclass(info.annotation, Kind)
}


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    process = Node()
    yield process
    process.close()


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    said=st.fixed_dictionaries({name: choices(kind, name) for name, kind in SECTIONS.items()}),
    derived=st.booleans(),
    selected=st.booleans(),
)
def test_no_setting_makes_a_difference_between_places(
    node: Node, said: dict[str, Any], derived: bool, selected: bool
) -> None:
    try:
        component = ByKind(
            **said,
            derived={"ratio": "number / other"} if derived else {},
            select=Select(best=5) if selected else Select(),
        )
    except ValueError:
        assume(False)  # settings that contradict each other are refused
    training, served = table(60, 0), table(12, 1)
    y = (training["number"].to_numpy() > 1).astype(np.float32)[:, None]
    preparation, x = component.fit_transform(Table(training), SCHEMA, y)
    assert {spec.name for spec in preparation.tensors} == set(x)
    again = Preparation.model_validate_json(preparation.model_dump_json())
    assert_agree(again, served, preparation.records(served), node)
