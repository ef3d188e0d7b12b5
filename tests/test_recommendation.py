"""Recommendations from likes: rows of users, lists without what is liked, factors, baselines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mlrecipe
from mlrecipe.bundle import Bundle
from mlrecipe.components.baseline.recommendation import ItemNeighbours, Popularity
from mlrecipe.components.metric.ranking import NDCG
from mlrecipe.components.source.interactions import Interactions
from mlrecipe.components.task.recommendation import Recommendation
from mlrecipe.data.catalogue import LEFT_OUT, Catalogue
from mlrecipe.interfaces import Evidence, Inputs, Outcomes, Samples
from mlrecipe.preparation.target_codec import TargetCodec
from mlrecipe.problem import Problem
from mlrecipe.reading.events import rows_of_users
from mlrecipe.training.least_squares import LeastSquares

PROBLEM = Problem(question="?", target=("next",))
TASK = Recommendation()


def two_camps(users: int = 120, seed: int = 0) -> pd.DataFrame:
    """Return users of two camps, who like items of their own alone: the answer is known."""
    draws = np.random.default_rng(seed)
    rows = []
    for number in range(users):
        own = [f"{'ab'[number % 2]}{i}" for i in draws.permutation(8)]
        rows.append((f"u{number}", own[:4], own[4:6]))
    return pd.DataFrame(rows, columns=["user", "history", "next"])


def samples(frame: pd.DataFrame) -> tuple[TargetCodec, Samples]:
    codec = TASK.fit_target(frame[["next"]], PROBLEM)
    features = [f"history has {label}" for label in codec.labels]
    x = np.array([[label in liked for label in codec.labels] for liked in frame["history"]])
    y = TASK.encode(frame[["next"]], codec)
    rows = Samples(
        frame,
        {"vector": x.astype(np.float32)},
        y,
        np.ones(len(frame), np.float32),
        tuple(features),
        codec.labels,
    )
    return codec, rows


def movielens(path: Path, users: int = 60) -> Path:
    """Write a file as MovieLens 100K's u.data: user, item, rating, timestamp, by tabs."""
    draws = np.random.default_rng(1)
    lines = []
    for user in range(1, users + 1):
        for item in draws.permutation(8)[:7] + 8 * (user % 2) + 1:
            when = 880_000_000 + int(draws.integers(10_000_000))
            lines.append(f"{user}\t{item}\t{draws.choice([2, 4, 4, 5, 5])}\t{when}")
    order = draws.permutation(len(lines))
    path.write_text("".join(f"{lines[i]}\n" for i in order))
    return path


def test_what_is_next_is_later_than_the_history() -> None:
    """B3: likes are parted by time within each user, and an item counts once."""
    likes = pd.DataFrame(
        {
            "user": ["b", "a", "a", "a", "a", "a", "b"],
            "item": ["x", "z", "x", "y", "x", "w", "y"],
            "time": [1, 4, 1, 2, 3, 5, 2],
        }
    )
    rows = rows_of_users(likes, share=0.5, least=3)
    assert rows.to_dict("records") == [{"user": "a", "history": ["x", "y"], "next": ["z", "w"]}]


@given(
    st.lists(
        st.tuples(st.integers(0, 4), st.integers(0, 9), st.integers(0, 50)), min_size=1, max_size=80
    ),
    st.floats(0.05, 0.95),
)
@settings(max_examples=60, deadline=None)
def test_no_like_is_lost_or_doubled(events: list[tuple[int, int, int]], share: float) -> None:
    likes = pd.DataFrame(events, columns=["user", "item", "time"])
    first = likes.groupby(["user", "item"])["time"].min()
    if likes.groupby("user")["item"].nunique().max() < 2:
        with pytest.raises(mlrecipe.MlrecipeError, match="has 2 likes"):
            rows_of_users(likes, share, 2)
        return
    for row in rows_of_users(likes, share, 2).itertuples():
        history, later = list(map(int, row.history)), list(map(int, row.next))
        of_user = first.loc[int(row.user)]
        assert history and later
        assert sorted(history + later) == sorted(of_user.index)
        assert of_user[history].max() <= of_user[later].min()


def test_times_are_dates_too() -> None:
    likes = pd.DataFrame(
        {"user": "a", "item": ["x", "y"], "time": ["2024-02-01", "2024-01-31T10:00:00"]}
    )
    assert rows_of_users(likes, 0.5, 2)["history"].tolist() == [["y"]]
    with pytest.raises(mlrecipe.MlrecipeError, match="'soon' is no time"):
        rows_of_users(likes.assign(time=["soon", "2024-01-01"]), 0.5, 2)


def test_movielens_as_it_comes(tmp_path: Path) -> None:
    """P5: the file u.data has neither a header nor an ending of a table."""
    source = Interactions(
        path=str(movielens(tmp_path / "u.data")),
        columns=("user", "item", "rating", "time"),
        rating="rating",
        at_least=4,
    )
    rows = source.read()
    assert set(map(type, rows["user"])) == {str}
    assert all(item.isdigit() for items in rows["history"] for item in items)
    raw = pd.read_csv(tmp_path / "u.data", sep="\t", names=["u", "i", "r", "t"])
    liked = raw[raw["r"] >= 4]
    counts = liked.groupby("u").size()
    assert len(rows) == (counts >= 5).sum()
    assert sum(map(len, rows["history"])) + sum(map(len, rows["next"])) == counts[counts >= 5].sum()
    assert source.fingerprint() == source.fingerprint()
    assert source.fingerprint() != source.model_copy(update={"share": 0.5}).fingerprint()


def test_a_misspelt_column_of_events(tmp_path: Path) -> None:
    columns = ("user", "item", "rating", "timestamp")
    source = Interactions(path=str(movielens(tmp_path / "u.data")), columns=columns)
    with pytest.raises(mlrecipe.MlrecipeError) as caught:
        source.read()
    assert caught.value.where == "source.time"
    assert "timestamp" in caught.value.expected


def test_made_listeners_are_the_same_for_the_same_seed() -> None:
    one, other = (
        Interactions(dataset="music_recommendation", rows=30, seed=s).read() for s in (1, 2)
    )
    again = Interactions(dataset="music_recommendation", rows=30, seed=1).read()
    pd.testing.assert_frame_equal(one, again)
    assert not one.equals(other)
    assert all(not set(row.history) & set(row.next) for row in one.itertuples())


def test_popularity_is_what_training_users_like_most_without_what_is_liked() -> None:
    """B1: the items most liked, without what the user likes already."""
    frame = pd.DataFrame(
        {"history": [["a", "b"], ["a"], ["c"]], "next": [["c"], ["c", "b"], ["a", "d"]]}
    )
    codec, rows = samples(frame)
    asked = Inputs(frame, {"vector": np.array([[1, 0, 0, 0], [0, 0, 0, 0]], np.float32)})
    outputs = Popularity().predict(rows, asked)
    answers = TASK.answers(outputs, codec, 0.5)
    assert answers[0]["prediction"] == ["c", "b", "d"]
    assert answers[1]["prediction"] == ["a", "c", "b", "d"]
    np.testing.assert_allclose(answers[1]["scores"], [1, 1, 2 / 3, 1 / 3], rtol=1e-6)
    assert outputs[0, 0] == LEFT_OUT


def test_neighbours_find_the_camp() -> None:
    """B1: item neighbours answer by what goes with what the user likes; popularity cannot."""
    codec, rows = samples(two_camps())
    test = two_camps(40, seed=1)
    _, asked = samples(test)
    scores = {
        item.name: NDCG(cutoff=4).score(*TASK.judged(asked.y, item.predict(rows, asked.inputs())))
        for item in (Popularity(), ItemNeighbours())
    }
    listed = ItemNeighbours().predict(rows, asked.inputs())
    for row, answer in zip(test.itertuples(), TASK.answers(listed, codec, 0.5, top=4), strict=True):
        assert {item[0] for item in answer["prediction"]} == {row.history[0][0]}
    assert scores["item_neighbours"] > scores["popularity"] + 0.1


def test_least_squares_solve_what_they_say() -> None:
    """The factors of a user are where the gradient of the weighted squares is 0."""
    draws = np.random.default_rng(0)
    from scipy.sparse import csr_array

    solver = LeastSquares(factors=3, confidence=4.0, regularization=0.7)
    items = draws.normal(size=(9, 3))
    lists = (draws.random((5, 9)) < 0.4).astype(float)
    weights = draws.uniform(0.5, 2, 9)
    for users, counted in (
        (solver.solve(csr_array(lists), items), np.ones(9)),
        (solver.solve(csr_array(lists), items, weights), weights),
    ):
        errors = users @ items.T - lists
        gradient = ((1 + 4.0 * lists) * counted * errors) @ items + 0.7 * users
        np.testing.assert_allclose(gradient, 0, atol=1e-9)


def test_fold_in_finds_the_same_factors_as_the_fit() -> None:
    """A new user's factors in the graph are those that least squares give."""
    from mlrecipe.training import runtime

    runtime.start()
    from scipy.sparse import csr_array

    from mlrecipe.training.recommending import FoldIn

    draws = np.random.default_rng(2)
    solver = LeastSquares(factors=6, confidence=2.0, regularization=5.0)
    items = draws.normal(size=(40, 6))
    liked = (draws.random((20, 40)) < 0.2).astype(np.float32)
    liked[0] = 0  # who likes nothing yet
    layer = FoldIn(40, 6, 2.0, 5.0, 12)
    layer.set_weights([items, items.T @ items + 5.0 * np.eye(6)])
    found = np.asarray(layer(liked))
    expected = solver.solve(csr_array(liked.astype(float)), items)
    np.testing.assert_allclose(found, expected, atol=1e-4)


@given(st.integers(0, 2**31), st.booleans())
@settings(max_examples=25, deadline=None)
def test_what_is_liked_is_never_recommended(seed: int, softmax: bool) -> None:
    """F2: whatever the scores, neither what is liked nor what no input tells of is in a list."""
    from mlrecipe.training import runtime

    runtime.start()
    from mlrecipe.training.recommending import LeaveOut, LikedItems

    draws = np.random.default_rng(seed)
    labels = tuple(f"i{n}" for n in range(12))
    codec = TargetCodec(columns=("next",), labels=labels)
    told = draws.permutation(labels)[: draws.integers(1, 13)]
    features = [f"history has {label}" for label in told] + ["history is missing"]
    catalogue = Catalogue.of(features, labels)
    vector = (draws.random((5, len(features))) < 0.5).astype(np.float32)
    scores = draws.normal(0, 10.0 ** draws.integers(-3, 4), (5, 12)).astype(np.float32)
    liked = LikedItems(catalogue.columns.tolist())(vector)
    np.testing.assert_array_equal(np.asarray(liked), catalogue.liked(vector))
    layer = LeaveOut((catalogue.columns >= 0).tolist(), softmax)
    in_graph = np.asarray(layer(scores, liked))
    for outputs in (in_graph, catalogue.left_out(scores, catalogue.liked(vector))):
        for row, answer in enumerate(TASK.answers(outputs, codec, 0.5, top=12)):
            likes = {label for label, there in zip(told, vector[row], strict=False) if there}
            assert set(answer["prediction"]) == set(told) - likes
            assert answer["scores"] == sorted(answer["scores"], reverse=True)


def test_decision_tells_hits_coverage_and_popularity() -> None:
    codec = TargetCodec(columns=("next",), labels=tuple(f"i{n:02}" for n in range(20)))
    y = np.zeros((4, 20), np.float32)
    y[:, 0] = 1
    outputs = np.tile(np.linspace(1, 0, 20, dtype=np.float32), (4, 1))
    outputs[3, 0] = LEFT_OUT
    rows = Outcomes(y, outputs, np.ones(4, np.float32))
    told = TASK.decide(Evidence(codec, PROBLEM, rows, rows, 0.95))
    assert told["consequences"][0]["share"] == 0.75
    assert told["coverage"] == 11 / 20
    assert told["popularity_bias"]["liked"] == 1.0
    assert told["popularity_bias"]["recommended"] == pytest.approx(7 / 40)


def test_a_target_without_lists_is_refused() -> None:
    with pytest.raises(mlrecipe.MlrecipeError, match="no lists of items"):
        TASK.fit_target(pd.DataFrame({"next": ["a", "b", "a"]}), PROBLEM)


def test_lists_of_one_are_lists() -> None:
    """The last like of every user, left out, is a list of one."""
    codec = TASK.fit_target(pd.DataFrame({"next": [["a"], ["b"], ["a"]]}), PROBLEM)
    assert codec.labels == ("a", "b")


def test_inputs_that_do_not_tell_what_is_liked_are_refused() -> None:
    with pytest.raises(mlrecipe.MlrecipeError, match="likes already"):
        Catalogue.of(["age", "town has i1x"], ["i1", "i2"])


def test_names_may_hold_the_word_that_parts_them() -> None:
    features = ["who has it has it has all", "who has it has b", "who has it is missing"]
    catalogue = Catalogue.of(features, ["b", "it has all"])
    assert catalogue.columns.tolist() == [1, 0]


def test_a_plain_network_is_refused() -> None:
    from mlrecipe.recipe.rules import _can_do
    from mlrecipe.registry import load_registry

    kinds = load_registry().components["architecture"]
    able = {name for name, kind in kinds.items() if name != "auto" and _can_do(kind, TASK)}
    assert able == {"matrix_factorization", "two_tower"}


@pytest.mark.slow
@pytest.mark.parametrize("architecture", ["matrix_factorization", "two_tower"])
def test_from_movielens_to_the_server(architecture: str, tmp_path: Path) -> None:
    """F2, P5: the header's overrides run as typed; lists by predict and server leave likes out."""
    from starlette.testclient import TestClient

    from mlrecipe.serving.app import make_app

    run = tmp_path / "run"
    mlrecipe.run(
        "recipe=music_recommendation",
        f"source.path={movielens(tmp_path / 'u.data', 160)}",
        "source.columns=[user,item,rating,time]",
        "source.rating=rating",
        "source.at_least=4",
        f"architecture={architecture}",
        "workflow.rungs=1",
        "training.epochs=100",
        "training.learning_rate=0.01",  # a hundred users give few steps an epoch
        path=run,
    )
    scores = json.loads((run / "05_baseline" / "baselines.json").read_text())
    assert {row["name"] for row in scores["baselines"]} == {"popularity", "item_neighbours"}
    bundle = Bundle.load(run)
    asked = [["1", "2", "3"], ["9", "10"], [], ["never seen"]]
    table = bundle.predict(pd.DataFrame({"history": asked}), top=3)
    client = TestClient(make_app(bundle, "m"))
    body: dict[str, Any] = {"instances": [{"history": liked} for liked in asked], "top": 3}
    served = client.post("/v1/models/m:predict", json=body).json()["predictions"]
    for liked, cell, answer in zip(asked, table["prediction"], served, strict=True):
        assert json.loads(cell) == answer["prediction"]
        assert len(answer["prediction"]) == 3
        assert not set(liked) & set(answer["prediction"])
    assert all(int(item) <= 8 for item in served[0]["prediction"]), "odd and even users differ"
    whole = client.post("/v1/models/m:predict", json={**body, "top": 1000}).json()["predictions"]
    assert not {"1", "2", "3"} & set(whole[0]["prediction"])
