"""What every component must hold, whoever wrote it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from mlrecipe.component import Component
from mlrecipe.data.pictures import as_png
from mlrecipe.data.table import Table
from mlrecipe.data.table_schema import Column, TableSchema
from mlrecipe.interfaces import (
    GROUPS,
    Architecture,
    Baseline,
    Check,
    Divisible,
    Engine,
    Inputs,
    Inspection,
    Metric,
    Objective,
    Preprocessing,
    Protocol,
    Samples,
    Source,
    Training,
)
from mlrecipe.problem import Problem

ROWS = 60


def check_component(kind: type[Component], **settings: Any) -> None:
    """Hold a component against what its group demands.

    Every component: it has a group, a name, a docstring and described fields; it is frozen; it
    survives a round trip through plain data. Sources, preprocessing, engines, protocols, baselines,
    metrics, architectures, objectives, training and checks are also used on a small table: shapes,
    types and repeatability.

    Args:
        kind: the component's class.
        settings: values of its mandatory fields.

    Raises:
        AssertionError: saying what does not hold.

    Example::

        from mlrecipe.testing import check_component

        def test_conformance():
            check_component(MyMetric)
    """
    _describes_itself(kind)
    component = kind(**settings)
    _is_plain_and_frozen(component)
    behaviour = _BEHAVIOUR.get(kind.group)
    if behaviour is not None and component.name != "auto":
        behaviour(component)


def _describes_itself(kind: type[Component]) -> None:
    assert kind.group in GROUPS, f"{kind.__name__} derives from no group"
    assert kind.name, f"{kind.__name__} has no name: class {kind.__name__}(…, name=…)"
    assert kind.name == kind.name.lower(), f"{kind.name}: names are written in lower case"
    assert kind.summary().endswith("."), f"{kind.__name__} needs a docstring that is a sentence"
    for name, info in kind.model_fields.items():
        assert info.description, f"{kind.__name__}.{name} has no description"


def _is_plain_and_frozen(component: Component) -> None:
    kind = type(component)
    plain = component.model_dump(mode="json")
    assert kind(**plain) == component, "a round trip through plain data changes it"
    for name in kind.model_fields:
        try:
            setattr(component, name, getattr(component, name))
        except ValueError:
            continue
        raise AssertionError(f"{kind.__name__}.{name} can be changed: components are frozen")


def _table() -> tuple[pd.DataFrame, TableSchema]:
    """Return a small table with every kind of column that a model reads."""
    draws = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "number": np.where(draws.random(ROWS) < 0.1, np.nan, draws.normal(size=ROWS)),
            "flag": draws.random(ROWS) < 0.5,
            "word": draws.choice(["a", "b", "c"], ROWS),
            "photo": [as_png(draws.integers(0, 256, (6, 5, 3), np.uint8)) for _ in range(ROWS)],
            "user": draws.choice([f"u{i}" for i in range(20)], ROWS),
            "day": [f"2024-{1 + i % 12:02}-{1 + i % 28:02}" for i in range(ROWS)],
            "lat": draws.uniform(46, 47, ROWS),
            "lon": draws.uniform(7, 9, ROWS),
            "tags": draws.choice(["p", "q", "p|q", "q|r"], ROWS),
            "signal": [draws.normal(size=3 + i % 3).tolist() for i in range(ROWS)],
            "y": draws.choice(["no", "yes"], ROWS),
        }
    )
    schema = TableSchema(
        columns={
            "number": Column(kind="numeric", type="number"),
            "flag": Column(kind="boolean", type="boolean"),
            "word": Column(kind="categorical", type="string"),
            "user": Column(kind="id", type="string"),
            "day": Column(kind="datetime", type="string"),
            "lat": Column(kind="location", type="number"),
            "lon": Column(kind="location", type="number"),
            "tags": Column(kind="tags", type="string"),
            "signal": Column(kind="sequence", type="numbers"),
            "photo": Column(kind="image", type="bytes"),
            "y": Column(kind="target", type="string"),
        },
        targets=("y",),
        inputs=("number", "flag", "word", "user", "day", "lat", "lon", "tags", "signal", "photo"),
    )
    return frame, schema


def _outputs(seed: int, width: int, *, classes: bool) -> tuple[Any, Any]:
    """Return targets and outputs, float32 (rows, width)."""
    draws = np.random.default_rng(seed)
    if not classes:
        y = draws.normal(size=(ROWS, width))
        return y.astype(np.float32), (y + draws.normal(size=y.shape)).astype(np.float32)
    if width == 1:
        y = (draws.random((ROWS, 1)) < 0.5).astype(np.float32)
        return y, draws.random((ROWS, 1)).astype(np.float32)
    y = np.eye(width)[draws.integers(0, width, ROWS)]
    p = draws.dirichlet(np.ones(width), ROWS)
    return y.astype(np.float32), p.astype(np.float32)


def _labels() -> tuple[Any, Any]:
    """Return targets and probabilities of several labels a row, float32 (rows, 4)."""
    draws = np.random.default_rng(8)
    y = (draws.random((ROWS, 4)) < 0.3).astype(np.float32)
    return y, (0.4 * y + 0.6 * draws.random(y.shape)).astype(np.float32)


def _masks() -> tuple[Any, Any]:
    """Return masks of three classes and their probabilities, float32 (rows, 5, 6, 3)."""
    draws = np.random.default_rng(9)
    y = np.eye(3)[draws.integers(0, 3, (ROWS, 5, 6))]
    return y.astype(np.float32), (y + draws.random(y.shape)).astype(np.float32) / 3


def _boxes() -> tuple[Any, Any]:
    """Return three boxes an image of two classes, and answers with a score, some far off."""
    draws = np.random.default_rng(10)
    corner, size = draws.random((ROWS, 3, 2)), draws.random((ROWS, 3, 2)) + 0.5
    label = draws.integers(0, 2, (ROWS, 3, 1))
    y = np.concatenate([label, corner, corner + size], axis=2)
    moved = y[..., 1:] + draws.normal(0, 0.2, (ROWS, 3, 1))
    outputs = np.concatenate([label, draws.random((ROWS, 3, 1)), moved], axis=2)
    return y.astype(np.float32), outputs.astype(np.float32)


def _maps() -> tuple[Any, Any]:
    """Return maps of numbers from 0 to 1, float32 (rows, 4, 4, 6)."""
    draws = np.random.default_rng(11)
    y, outputs = draws.random((2, ROWS, 4, 4, 6), np.float32)
    return (y > 0.8).astype(np.float32), outputs


def _perfect(y: Any, task: str) -> Any:
    """Return the outputs of a model that is always right, and sure of it."""
    if task != "detection":
        return y
    return np.concatenate([y[..., :1], np.ones_like(y[..., :1]), y[..., 1:]], axis=2)


_EXAMPLES: dict[str, Callable[[], tuple[Any, Any]]] = {
    "binary": lambda: _outputs(4, 1, classes=True),
    "multiclass": lambda: _outputs(4, 3, classes=True),
    "scalar_regression": lambda: _outputs(4, 1, classes=False),
    "vector_regression": lambda: _outputs(4, 2, classes=False),
    "multilabel": _labels,
    "similarity_ranking": _labels,
    "recommendation": _labels,
    "segmentation": _masks,
    "detection": _boxes,
}
"""Targets and outputs of the shapes that each task's metrics take."""


def _source(component: Any) -> None:
    chunks = list(component.chunks())
    assert chunks, "chunks() yields nothing"
    assert all(isinstance(chunk, pd.DataFrame) for chunk in chunks), "chunks() yields frames"
    assert sum(map(len, chunks)) == len(component.read())
    fingerprint = component.fingerprint()
    assert isinstance(fingerprint, str)
    assert fingerprint == component.fingerprint(), "fingerprint() changes from call to call"


def _preprocessing(component: Any) -> None:
    frame, schema = _table()
    y = (frame["y"] == "yes").to_numpy(dtype=np.float32)[:, None]
    preparation, training = component.fit_transform(Table(frame), schema, y)
    assert {spec.kind for spec in preparation.tensors} == component.gives(schema)
    tensors = preparation.transform(frame)
    records = preparation.transform_records(preparation.records(frame))
    for spec in preparation.tensors:
        for rows in (tensors[spec.name], training[spec.name]):
            assert rows.dtype == spec.dtype, f"{spec.name} is {rows.dtype}, not {spec.dtype}"
            assert rows.shape == (ROWS, *spec.shape), f"{spec.name} is {rows.shape}"
            assert np.isfinite(rows).all(), f"{spec.name} is not all finite"
        np.testing.assert_array_equal(records[spec.name], tensors[spec.name])
    again = component.fit(Table(frame), schema, y)
    assert again == preparation, "the same rows give another preparation"


def _engine(component: Any) -> None:
    tasks = [(n, -n) for n in range(-20, 20)]
    assert list(component.map(max_of, iter(tasks))) == [max(task) for task in tasks], "map()"
    assert list(component.map(max_of, iter([]))) == [], "map() of no task"
    try:
        list(component.map(max_of, iter([(1,), ()])))
    except Exception:
        return
    raise AssertionError("map() hides the error of a task")


def max_of(values: tuple[int, ...]) -> int:
    """Return the largest: a task for engines."""
    return max(values)


def _protocol(component: Any) -> None:
    frame, _ = _table()
    target = (frame["y"] == "yes").to_numpy().astype(np.int64)
    times = np.arange(ROWS) % 30 * 1.5
    for classes in (target, None):
        rows = Divisible(ROWS, 3, classes, None, times)
        splits = component.split(rows)
        assert splits, "split() returns no pair"
        for train, valid in splits:
            assert len(train) and len(valid), "a part is empty"
            assert not set(train) & set(valid), "training and validation rows overlap"
            assert max([*train, *valid]) < ROWS
        again = component.split(rows)
        for one, other in zip(splits, again, strict=True):
            np.testing.assert_array_equal(one[0], other[0])
            np.testing.assert_array_equal(one[1], other[1])


def _baseline(component: Any) -> None:
    frame, _ = _table()
    draws = np.random.default_rng(1)
    x = draws.normal(size=(ROWS, 4)).astype(np.float32)
    cases = [("classification", 1), ("classification", 3), ("regression", 1), ("regression", 2)]
    for side, width in cases:
        if side not in component.suits:
            continue
        y, _ = _outputs(2, width, classes=side == "classification")
        training = Samples(frame, {"vector": x}, y, np.ones(ROWS, dtype=np.float32))
        outputs = component.predict(training, Inputs(frame[:7], {"vector": x[:7]}))
        assert outputs.shape == (7, width), f"outputs are {outputs.shape}, not (7, {width})"
        assert np.isfinite(outputs).all()
        if component.trivial:
            other = Samples(frame, {"vector": -x}, y, training.weights)
            rows = frame[7:14].assign(day=frame["day"][:7].to_numpy())  # a time is no input
            others = component.predict(other, Inputs(rows, {"vector": x[7:14]}))
            np.testing.assert_array_equal(others, outputs, "a trivial baseline reads the inputs")


def _metric(component: Any) -> None:
    assert component.tasks, "a metric names the tasks that it can score"
    for task in component.tasks & _EXAMPLES.keys():
        y, outputs = _EXAMPLES[task]()
        score, best = component.score(y, outputs), component.score(y, _perfect(y, task))
        assert isinstance(score, float), f"score() returns a {type(score).__name__}"
        sign = 1 if component.greater_is_better else -1
        assert sign * best >= sign * score, "the truth itself does not get the best score"
        rows = component.row_scores(y, outputs)
        if rows is not None:
            np.testing.assert_allclose(np.nanmean(rows), score, 1e-6, err_msg="row_scores()")
        draws = np.random.default_rng(5).integers(0, 3, (4, len(y))).astype(np.float64)
        np.testing.assert_allclose(
            component.score_samples(y, outputs, draws),
            [component.score(y, outputs, drawn) for drawn in draws],
            rtol=1e-6,
        )
        np.testing.assert_allclose(component.score(y, outputs, np.full(len(y), 2.0)), score, 1e-6)
        often = np.where(np.arange(len(y)) < 9, 3, 1)
        repeated = np.repeat(np.arange(len(y)), often)
        np.testing.assert_allclose(
            component.score(y, outputs, often.astype(np.float64)),
            component.score(y[repeated], outputs[repeated]),
            rtol=1e-5,
            err_msg="a row of weight 3 does not count like three rows",
        )


def _architecture(component: Any) -> None:
    from mlrecipe.testing.models import check_architecture

    check_architecture(component)


def _objective(component: Any) -> None:
    from mlrecipe.training import runtime

    runtime.start()
    import keras

    keras.activations.get(component.activation)
    assert component.tasks, "an objective names the tasks that it can train"
    width = 3 if component.tasks & {"multiclass", "similarity_ranking"} else 1
    classes = bool(component.tasks & {"binary", "multiclass"})
    y, outputs = _outputs(6, width, classes=classes)
    low, high = component.bounds
    y = np.clip(np.abs(y) if np.isfinite(low) else y, low, high)
    outputs = np.clip(np.abs(outputs) + 0.01 if np.isfinite(low) else outputs, low, high)
    if "similarity_ranking" in component.tasks:
        y = np.arange(ROWS, dtype=np.float32)[:, None] // 3
    if component.tasks & {"detection", "segmentation"}:
        y, outputs = _maps()
    loss = np.asarray(component.loss()(y, outputs))
    assert np.isfinite(loss).all(), "the loss of targets within the bounds is not finite"
    assert loss.shape == (ROWS,), f'the loss is {loss.shape}, not a value a row: reduction="none"'


def _training(component: Any) -> None:
    assert component.epochs >= 1
    assert 1 <= component.rows_per_step(ROWS) <= ROWS
    y, _ = _outputs(7, 1, classes=True)
    weights = component.row_weights(y)
    assert weights is None or (weights.shape == (ROWS,) and weights.dtype == np.float32)


def _check(component: Any) -> None:
    from mlrecipe.components.task.binary import Binary
    from mlrecipe.findings import Finding

    frame, schema = _table()
    before = frame.copy()
    problem = Problem(question="?", target=("y",))
    found = component.inspect(Inspection(Table(frame), schema, problem, Binary(), np.ones(ROWS)))
    pd.testing.assert_frame_equal(frame, before)
    assert all(isinstance(item, Finding) for item in found)


_BEHAVIOUR: dict[str, Callable[[Any], None]] = {
    Source.group: _source,
    Preprocessing.group: _preprocessing,
    Engine.group: _engine,
    Protocol.group: _protocol,
    Baseline.group: _baseline,
    Metric.group: _metric,
    Architecture.group: _architecture,
    Objective.group: _objective,
    Training.group: _training,
    Check.group: _check,
}
