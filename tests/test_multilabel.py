"""Several tags a row: targets, thresholds, answers, search, baselines."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from sklearn.metrics import f1_score

import mlrecipe
from mlrecipe.components.baseline.constant import Prior
from mlrecipe.components.baseline.linear import Linear
from mlrecipe.components.baseline.nearest_neighbour import NearestNeighbour
from mlrecipe.components.task.auto import Auto
from mlrecipe.components.task.multilabel import Multilabel
from mlrecipe.data.facts import facts_of
from mlrecipe.data.table_schema import Column, TableSchema
from mlrecipe.evaluation.tag_decision import ENOUGH_ROWS, best_f1_threshold
from mlrecipe.interfaces import Evidence, Inputs, Outcomes, Samples
from mlrecipe.preparation.target_codec import TargetCodec
from mlrecipe.problem import Problem

PROBLEM = Problem(question="?", target=("tags",))
CODEC = TargetCodec(columns=("tags",), labels=("sky", "dog", "cat"))


def chosen(frame: pd.DataFrame, *targets: str) -> mlrecipe.Choice:
    columns = {name: Column(kind="target", type="string") for name in targets}
    schema = TableSchema(columns=columns, targets=targets, inputs=())
    (choice,) = Auto().resolve(facts_of(frame, schema, Problem(question="?", target=targets)))
    return choice


@pytest.mark.parametrize(
    "written",
    [
        lambda tags: "; ".join(tags),
        list,
        np.array,
        json.dumps,
    ],
)
def test_a_set_is_a_set_however_it_is_written(written: Any) -> None:
    """F2: texts with a separator, lists, arrays and JSON give the same targets."""
    sets = [["dog", "sky"], ["dog"], [], ["cat", "sky", "dog"], ["sky", "cat"]]
    sets = [*sets, ["sky"], ["dog", "cat"]] * 8
    frame = pd.DataFrame({"tags": pd.Series([written(tags) for tags in sets], dtype=object)})
    task = Multilabel()
    assert chosen(frame, "tags").name == "multilabel"
    codec = task.fit_target(frame, PROBLEM)
    assert codec.labels == ("dog", "sky", "cat")  # the most frequent first
    y = task.encode(frame, codec)
    np.testing.assert_array_equal(y[:5], [[1, 1, 0], [1, 0, 0], [0, 0, 0], [1, 1, 1], [0, 1, 1]])
    assert y.dtype == np.float32


def test_a_member_of_a_list_may_hold_what_parts_texts() -> None:
    frame = pd.DataFrame({"tags": [["red, bright", "big"], ["big"]] * 10})
    assert Multilabel().fit_target(frame, PROBLEM).labels == ("big", "red, bright")


def test_columns_of_yes_and_no_are_tags() -> None:
    """F2: several 0/1 columns, in whichever spelling; other values are refused by row."""
    frame = pd.DataFrame({"dog": [1, 0, 1] * 12, "sky": [True, True, False] * 12})
    frame["cat"] = ["no", "Yes", "no"] * 12
    problem = Problem(question="?", target=("dog", "sky", "cat"))
    choice = chosen(frame, *problem.target)
    assert (choice.name, "each of a tag" in choice.reason) == ("multilabel", True)
    task = Multilabel()
    codec = task.fit_target(frame, problem)
    np.testing.assert_array_equal(task.encode(frame, codec)[:3], [[1, 1, 0], [0, 1, 1], [1, 0, 0]])
    frame["dog"] = frame["dog"].replace(0, 7)
    with pytest.raises(mlrecipe.MlrecipeError, match=r"'dog' holds 7"):
        task.fit_target(frame, problem)
    assert chosen(frame, *problem.target).name == "vector_regression"


def test_labels_and_sentences_are_no_tags() -> None:
    kinds = pd.DataFrame({"y": ["setosa", "versicolor", "virginica"] * 20})
    assert chosen(kinds, "y").name == "multiclass"


def test_rare_tags_are_left_out_and_named() -> None:
    """B4: what cannot be learnt is said, not silently dropped."""
    frame = pd.DataFrame({"tags": ["sky|dog"] * 12 + ["sky|kite"] * 3})
    task = Multilabel(fewest=5)
    codec = task.fit_target(frame, PROBLEM)
    assert codec.labels == ("sky", "dog")
    (finding,) = task.remarks(frame, codec)
    assert finding.code == "rare-tags"
    assert "kite (3)" in finding.message
    assert task.remarks(frame[:12], codec) == []
    with pytest.raises(mlrecipe.MlrecipeError, match="no tag is in 50 rows") as caught:
        Multilabel(fewest=50).fit_target(frame, PROBLEM)
    assert "task.fewest" in str(caught.value)


def test_each_tag_is_given_from_its_own_threshold_on() -> None:
    """D2: the codec of a bundle holds the thresholds; the most probable tag comes first."""
    outputs = np.array([[0.6, 0.9, 0.2], [0.4, 0.1, 0.1]], np.float32)
    task = Multilabel()
    assert task.decode(outputs, CODEC, 0.5).tolist() == [["dog", "sky"], []]
    own = CODEC.model_copy(update={"thresholds": (0.7, 0.5, 0.15)})
    assert task.decode(outputs, own, 0.5).tolist() == [["dog", "cat"], []]
    answer = task.answers(outputs, own, 0.5, top=2)[0]
    assert answer["prediction"] == ["dog", "cat"]
    assert list(answer["scores"]) == ["dog", "sky"]
    assert list(task.answers(outputs, own, 0.5)[1]["scores"]) == ["sky", "dog", "cat"]


def test_rows_are_found_by_tag() -> None:
    """The most probable rows first; several tags; the nearest name of an unknown one."""
    outputs = np.array([[0.9, 0.2, 0], [0.5, 0.8, 0], [0.1, 0.9, 0]], np.float32)
    task = Multilabel()
    assert list(task.search(" Sky", outputs, CODEC, 2)) == [0, 1]
    both = task.search("dog, sky", outputs, CODEC, 3)
    assert list(both) == [1, 0, 2]
    assert both[1] == pytest.approx(0.4)
    with pytest.raises(mlrecipe.MlrecipeError, match="did you mean 'dog'"):
        task.search("dogs", outputs, CODEC, 3)


def test_the_bundle_keeps_what_is_asked_for() -> None:
    frame = pd.DataFrame({"id": ["a", None], "photo": [b"", b""]})
    assert Multilabel().keeps(frame, CODEC) is None
    assert Multilabel(keep=("id",)).keeps(frame, CODEC) == [{"id": "a"}, {"id": None}]
    with pytest.raises(mlrecipe.MlrecipeError, match="no column 'ids'; did you mean 'id'"):
        Multilabel(keep=("ids",)).keeps(frame, CODEC)


@settings(max_examples=60, deadline=None)
@given(
    arrays.arrays(np.int8, st.integers(1, 25), elements=st.integers(0, 1)),
    st.data(),
)
def test_no_threshold_has_a_larger_f1(y: Any, data: Any) -> None:
    """Property: scikit-learn's F1 at the chosen threshold is the largest of all thresholds'."""
    p = data.draw(arrays.arrays(np.float64, len(y), elements=st.sampled_from(np.arange(11) / 10)))
    if not y.any():
        assert best_f1_threshold(y, p, np.ones(len(y))) == 0.5
        return
    chosen_f1 = f1_score(y, p >= best_f1_threshold(y, p, np.ones(len(y))), zero_division=0)
    assert chosen_f1 >= max(f1_score(y, p >= t, zero_division=0) for t in np.unique(p)) - 1e-12
    weights = np.arange(1, len(y) + 1)
    repeated = np.repeat(np.arange(len(y)), weights)
    assert best_f1_threshold(y, p, weights) == best_f1_threshold(
        y[repeated], p[repeated], np.ones(len(repeated))
    )


def evidence(rows: int = 400) -> Evidence:
    """Return answers to rows with a frequent, a shy and a rare tag; dogs are taken for cats."""
    draws = np.random.default_rng(0)
    y = (draws.random((rows, 3)) < [0.5, 0.3, 0.01]).astype(np.float32)
    outputs = 0.8 * y + 0.2 * draws.random(y.shape)
    outputs[:, 1] *= 0.3  # never above one half
    dog = (y[:, 1] == 1) & (draws.random(rows) < 0.3)
    outputs[dog, 1], outputs[dog, 2] = 0.0, 0.9
    part = Outcomes(y, outputs.astype(np.float32), np.ones(rows, np.float32))
    return Evidence(CODEC, PROBLEM, part, part, 0.95)


def test_the_decision_tells_each_tag_and_what_is_confused() -> None:
    """D2, O3: thresholds by F1 on validation rows, precision and recall a tag, the confused."""
    shown = evidence()
    decision = Multilabel().decide(shown)
    rows = int((shown.validation.y[:, 2] > 0.5).sum())
    assert rows < ENOUGH_ROWS
    assert decision["thresholds"][2] == decision["threshold"]  # too rare for one of its own
    assert "1 that are too rare" in decision["reason"]
    assert decision["thresholds"][1] < 0.3
    sky, dog, _ = decision["tags"]
    assert (sky["precision"], sky["recall"]) == (1, 1)
    assert 0.5 < dog["recall"] < 0.8
    assert decision["confused"][0]["missed"] == "dog"
    assert decision["confused"][0]["given"] == "cat"
    assert sum(row["share"] for row in decision["consequences"]) == pytest.approx(1)
    shared = Multilabel(thresholds="shared").decide(shown)
    assert set(shared["thresholds"]) == {shared["threshold"]}
    assert json.loads(json.dumps(decision)) == decision


def samples(x: Any, y: Any) -> Samples:
    frame = pd.DataFrame(index=range(len(x)))
    return Samples(frame, {"vector": x}, y.astype(np.float32), np.ones(len(x), np.float32))


def test_baselines_of_tags() -> None:
    """B1: the prior, one logistic regression a tag, and what the nearest rows carry."""
    draws = np.random.default_rng(1)
    x = draws.normal(size=(300, 3)).astype(np.float32)
    y = np.stack([x[:, 0] > 0, x[:, 1] > 0.5, np.zeros(300)], axis=1)
    training, rows = samples(x[:200], y[:200]), samples(x[200:], y[200:]).inputs()
    prior = Prior().predict(training, rows)
    np.testing.assert_allclose(prior[7], y[:200].mean(axis=0), rtol=1e-6)
    for baseline, least in ((Linear(), 0.95), (NearestNeighbour(), 0.85)):
        outputs = baseline.predict(training, rows)
        assert ((outputs > 0.5) == y[200:])[:, :2].mean() > least, baseline.name
        assert (outputs[:, 2] < 0.01).all()  # a tag that no training row has


def test_the_nearest_rows_answer() -> None:
    """B1: regression means, classes with the prior as one neighbour more, weights, a sample."""
    x = np.array([[0.0], [1.0], [10.0], [11.0]], np.float32)
    training = samples(x, np.array([[2.5], [4.5], [20.5], [40.5]]))
    rows = Inputs(pd.DataFrame(index=range(2)), {"vector": np.array([[0.4], [12.0]], np.float32)})
    two = NearestNeighbour(neighbours=2)
    np.testing.assert_allclose(two.predict(training, rows), [[3.5], [30.5]])
    heavy = Samples(training.frame, training.x, training.y, np.array([3, 1, 1, 1], np.float32))
    np.testing.assert_allclose(two.predict(heavy, rows)[0], (3 * 2.5 + 4.5) / 4)
    classes = samples(x, np.array([[0], [0], [1], [1]]))
    np.testing.assert_allclose(two.predict(classes, rows), [[0.5 / 3], [2.5 / 3]])
    one = NearestNeighbour(neighbours=5, rows=2).predict(training, rows)
    assert one[0] == one[1]  # both are among the two that were drawn


def test_a_tag_that_is_hardly_recognized_gets_no_threshold_of_its_own() -> None:
    """Its best F1 would be had by giving it to nearly every row."""
    draws = np.random.default_rng(4)
    y = (draws.random((500, 3)) < [0.5, 0.3, 0.1]).astype(np.float32)
    outputs = np.where(y > 0.5, 0.9, 0.1).astype(np.float32)
    outputs[:, 2] = draws.random(500) * 0.2
    part = Outcomes(y, outputs, np.ones(500, np.float32))
    decision = Multilabel().decide(Evidence(CODEC, PROBLEM, part, part, 0.95))
    assert decision["thresholds"][2] == decision["threshold"] > 0.4
    assert decision["tags"][2]["given"] == 0
