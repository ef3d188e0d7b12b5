"""Feature selection: by training rows alone, the same in every runtime, and said why."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.feature_selection import SelectKBest, f_classif, f_regression

import mlrecipe
from mlrecipe.components.preprocessing.by_kind import ByKind
from mlrecipe.data.table import Table
from mlrecipe.data.table_schema import Column, TableSchema
from mlrecipe.errors import MlrecipeError
from mlrecipe.files import read_json
from mlrecipe.interfaces import Array
from mlrecipe.preparation.preparation import VECTOR, Preparation
from mlrecipe.preparation.select import Select
from mlrecipe.preparation.selection import Moments
from mlrecipe.preparation.statistics import chunks_of, gather
from mlrecipe.testing.executors import Node, assert_agree

ROWS = 600
NUMERIC = Column(kind="numeric", type="number")
WORD = Column(kind="categorical", type="string")


def planted(seed: int = 0) -> tuple[pd.DataFrame, Array]:
    """Return columns of which it is known what they tell of the target (rows, 1)."""
    random = np.random.default_rng(seed)
    signal, weak, noise = random.normal(size=(3, ROWS))
    frame = pd.DataFrame(
        {
            "signal": signal,
            "copy": signal * 3 + random.normal(size=ROWS) * 0.05,
            "weak": weak,
            "noise": noise,
            "still": np.full(ROWS, 7.0),
            "word": random.choice(["a", "b"], ROWS),
        }
    )
    y = 3 * signal + weak + 2 * (frame["word"] == "a") + random.normal(size=ROWS)
    return frame, y.to_numpy(dtype=np.float32)[:, None]


SCHEMA = TableSchema(
    columns=dict.fromkeys(("signal", "copy", "weak", "noise", "still"), NUMERIC) | {"word": WORD},
    targets=(),
    inputs=("signal", "copy", "weak", "noise", "still", "word"),
)


def fitted(frame: pd.DataFrame, y: Array | None, **select: Any) -> Preparation:
    return ByKind(select=Select(**select)).fit(Table(frame), SCHEMA, y)


def test_nothing_is_left_out_unless_asked() -> None:
    frame, y = planted()
    preparation = fitted(frame, y)
    assert preparation.selected is None
    assert preparation.left_out == ()
    assert preparation.columns == SCHEMA.inputs


def test_what_tells_nothing_goes_and_what_tells_something_stays() -> None:
    """P5: planted noise, copies and constants go; each with its reason."""
    frame, y = planted()
    preparation = fitted(frame, y, constant=True, correlated=0.95, explains=0.03)
    names = preparation.feature_names()
    assert ("signal" in names) + ("copy" in names) == 1
    assert "weak" in names
    assert not {"noise", "still"} & set(names)
    reasons = {item.feature: item.reason for item in preparation.left_out}
    assert reasons["still"] == "constant in the training rows"
    assert "of the target's variance" in reasons["noise"]
    assert reasons["copy" if "signal" in names else "signal"].startswith("correlates 1.00 with")
    # "word = a" and "word = b" tell the same, as opposites.
    assert sum(name.startswith("word = ") for name in names) == 1


def test_columns_that_no_feature_needs_are_not_read() -> None:
    """P5: neither in training nor in production; also those that a derived column alone read."""
    frame, y = planted()
    component = ByKind(
        derived={"useless": "noise * still", "useful": "signal * 2"},
        drop=("signal",),
        columns={"word": {"min_count": 1}},
        select=Select(constant=True, explains=0.03, correlated=0.9),
    )
    preparation = component.fit(Table(frame), SCHEMA, y)
    assert set(preparation.columns) == {"signal", "weak", "word"} or set(preparation.columns) == {
        "copy",
        "weak",
        "word",
    }
    assert "useless" not in [item.name for item in preparation.derived]
    narrow = frame[list(preparation.columns)]
    np.testing.assert_array_equal(
        preparation.transform(narrow)[VECTOR], preparation.transform(frame)[VECTOR]
    )


def test_kept_features_are_what_they_were() -> None:
    frame, y = planted()
    every = ByKind().fit(Table(frame), SCHEMA, y)
    some = fitted(frame, y, best=3)
    positions = [every.feature_names().index(name) for name in some.feature_names()]
    assert len(positions) == 3
    expected = every.transform(frame)[VECTOR][:, positions]
    np.testing.assert_allclose(some.transform(frame)[VECTOR], expected, atol=1e-6)


@pytest.mark.parametrize("classes", [0, 2, 4])
def test_the_best_are_those_of_scikit_learn(classes: int, monkeypatch: Any) -> None:
    """P5: the F statistic from moments of chunks is that of all rows at once."""
    frame, target = planted()
    frame = frame.drop(columns="word")  # its two features tell the same: a tie
    y = target
    if classes:
        edges = np.quantile(target, np.arange(1, classes) / classes)
        labels = np.digitize(target[:, 0], edges)
        y = (labels[:, None] == np.arange(classes)).astype(np.float32)
        y = y[:, 1:] if classes == 2 else y
    every = ByKind(drop=("word",)).fit(Table(frame), SCHEMA, y)
    x = every.transform(frame)[VECTOR].astype(np.float64)
    moving = [i for i in range(x.shape[1]) if np.ptp(x[:, i])]
    score = f_classif if classes else f_regression
    of_rows = labels if classes else target[:, 0]
    best = SelectKBest(score, k=3).fit(x[:, moving], of_rows)
    expected = {every.feature_names()[moving[i]] for i in np.flatnonzero(best.get_support())}
    monkeypatch.setattr("mlrecipe.data.table.CHUNK_ROWS", 70)
    component = ByKind(drop=("word",), select=Select(best=3))
    assert set(component.fit(Table(frame), SCHEMA, y).feature_names()) == expected
    moments = gather(chunks_of(Table(frame), frame.columns, y), {"": Moments(every, False, False)})
    shares = moments[""].explained()[moving]  # type: ignore[attr-defined]
    freedom = (classes - 1, ROWS - classes) if classes else (1, ROWS - 2)
    statistics = shares / freedom[0] / ((1 - shares) / freedom[1])
    np.testing.assert_allclose(statistics, score(x[:, moving], of_rows)[0], rtol=1e-5)


def test_mutual_information_finds_what_no_line_can() -> None:
    random = np.random.default_rng(0)
    frame, _ = planted()
    y = (frame["noise"] ** 2 + random.normal(size=ROWS) * 0.1).to_numpy(dtype=np.float32)
    kept = fitted(frame, y[:, None], best=1, score="mutual_information").feature_names()
    assert kept == ["noise"]
    assert fitted(frame, y[:, None], best=1).feature_names() != ["noise"]


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 5),
    select=st.fixed_dictionaries(
        {
            "constant": st.booleans(),
            "explains": st.none() | st.sampled_from([0.01, 0.1]),
            "correlated": st.none() | st.sampled_from([0.5, 0.9]),
            "best": st.none() | st.integers(1, 6),
        }
    ),
    chunk=st.sampled_from([7, 100, 1000]),
)
def test_neither_order_nor_chunks_decide(seed: int, select: dict[str, Any], chunk: int) -> None:
    """P5, C1: the same features are kept of shuffled rows, and of rows read in chunks."""
    frame, y = planted(seed)
    order = np.random.default_rng(seed).permutation(ROWS)
    expected = fitted(frame, y, **select).feature_names()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mlrecipe.data.table.CHUNK_ROWS", chunk)
        assert fitted(frame, y, **select).feature_names() == expected
        assert fitted(frame.iloc[order], y[order], **select).feature_names() == expected


def test_rows_of_the_validation_part_teach_nothing() -> None:
    """P2, P5: what is kept follows from the fold's training rows alone."""
    from mlrecipe.data.gaps import Gaps
    from mlrecipe.evaluation.folds import prepare_folds
    from mlrecipe.preparation.target_codec import TargetCodec

    frame, y = planted()
    train, valid = np.arange(400), np.arange(400, ROWS)
    telling = frame.copy()
    telling.loc[valid, "noise"] = y[valid, 0] * 1000  # would be the best feature by far
    component = ByKind(select=Select(best=2))
    weights, codec = np.ones(ROWS, dtype=np.float32), TargetCodec(columns=("y",))
    rows, splits = Table(telling), [(train, valid)]
    (fold,) = prepare_folds(rows, telling, y, weights, codec, SCHEMA, component, splits, Gaps({}))
    alone = component.fit(Table(frame.iloc[train]), SCHEMA, y[train])
    assert "noise" not in alone.feature_names()
    np.testing.assert_array_equal(
        fold.training.x[VECTOR], alone.transform(frame.iloc[train])[VECTOR]
    )


def test_it_says_when_nothing_is_left() -> None:
    frame, y = planted()
    with pytest.raises(MlrecipeError, match="leave none of the 8 features: ") as caught:
        fitted(frame, y, explains=0.999)
    assert caught.value.where == "preprocessing.select"


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    process = Node()
    yield process
    process.close()


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    best=st.integers(1, 9),
    derived=st.booleans(),
    served=st.lists(
        st.fixed_dictionaries(
            {
                **{n: st.none() | st.floats() for n in SCHEMA.inputs[:-1]},
                "word": st.none() | st.sampled_from(["a", "b", "c"]),
            }
        ),
        min_size=1,
        max_size=5,
    ),
)
def test_the_same_features_in_every_runtime(
    node: Node, best: int, derived: bool, served: list[dict[str, Any]]
) -> None:
    """P4: the choice is part of the preparation, wherever it runs."""
    frame, y = planted()
    columns = {"ratio": "weak / (abs(signal) + 1)"} if derived else {}
    component = ByKind(derived=columns, select=Select(best=best))
    preparation = component.fit(Table(frame), SCHEMA, y)
    assert len(preparation.feature_names()) == min(best, 8 + derived)
    rows = pd.DataFrame(served, columns=list(SCHEMA.inputs), dtype=object)
    rows = rows.astype(dict.fromkeys(SCHEMA.inputs[:-1], "float64"))
    assert_agree(preparation, rows, served, node)


@pytest.mark.slow
def test_a_run_says_what_it_left_out(tmp_path: Path, quick: tuple[str, ...]) -> None:
    """P5: new columns and selection through all steps; the bundle asks for what it reads alone."""
    frame, y = planted()
    frame.assign(answer=y[:, 0]).to_csv(tmp_path / "table.csv", index=False)
    run = mlrecipe.run(
        "recipe=csv",
        f"source.path={tmp_path / 'table.csv'}",
        "problem.question='What is the answer?'",
        "problem.target=answer",
        "problem.subject=things",
        "preprocessing.derived.twice='signal * 2 if word == \"a\" else signal / 2'",
        "preprocessing.drop=[copy]",
        "preprocessing.select.explains=0.03",
        *quick,
        path=tmp_path / "run",
    )
    final = read_json(run.artifact("finalize", "final.json"))
    assert final["derived"] == {"twice": 'signal * 2 if word == "a" else signal / 2'}
    assert [row["feature"] for row in final["left_out"]] == ["noise", "word = missing"]
    assert "twice" in final["features"]
    (found,) = [f for _, f in run.findings() if f.code == "features-left-out"]
    assert "noise (explains" in found.message
    bundle = mlrecipe.load(tmp_path / "run")
    assert set(bundle.schema.features()) == {"signal", "weak", "word"}
    differences = read_json(run.artifact("ship", "parity.json"))["differences"]
    assert max(differences.values()) < 1e-5
