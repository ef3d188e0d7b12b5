"""Boxes in images: read, put on a grid, found again, judged, and told in cases a day."""

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
from mlrecipe.components.baseline.blobs import blobs_of
from mlrecipe.components.metric.detection import DetectionAveragePrecision, DetectionRecall
from mlrecipe.components.task.detection import Detection
from mlrecipe.composing import compose_recipe
from mlrecipe.data.boxes import Box, read_boxes
from mlrecipe.data.grids import centres, peaks, to_grid
from mlrecipe.evaluation.found_boxes import cheapest_score, decide_boxes
from mlrecipe.evaluation.matching import Matches, matches
from mlrecipe.interfaces import Evidence, Outcomes
from mlrecipe.preparation.target_codec import TargetCodec
from mlrecipe.problem import Costs, Problem
from mlrecipe.registry import load_registry

PROBLEM = Problem(question="?", target=("boxes",))


def column(*rows: Any) -> pd.Series:
    return pd.Series([row if isinstance(row, str) else json.dumps(row) for row in rows])


def test_boxes_are_read_in_every_form() -> None:
    """B1: sides by name, a list, or corner and size; in shares, or pixels of a named size."""
    wanted = Box("dog", 0.1, 0.25, 0.5, 0.75)
    named = [{"label": "dog", "left": 20, "top": 25, "right": 100, "bottom": 75}]
    sized = [{"label": "dog", "box": [20, 25, 80, 50]}]
    whole = {"width": 200, "height": 100, "boxes": sized}
    assert read_boxes(column([["dog", 0.1, 0.25, 0.5, 0.75]]), None) == [[wanted]]
    assert read_boxes(column(named, sized, []), (100, 200)) == [[wanted], [wanted], []]
    assert read_boxes(column(whole), None) == [[wanted]]


@pytest.mark.parametrize(
    ("boxes", "size", "says"),
    [
        ([["a", 0.1, 0.1, 1.2, 0.5]], None, r"'right': 1.2.* lies outside of its image"),
        ([["a", 10, 10, 60, 40]], (50, 50), r"'right': 60.0.* lies outside"),
        ([["a", 0.5, 0.1, 0.4, 0.5]], None, "has no area"),
        ([["a", 0.5, 0.1, 0.4]], None, "a label and four sides are expected"),
        ('[["a", 0.5', None, "cannot be understood"),
        ([{"label": "a", "left": 0.1}], None, "KeyError: 'top'"),
    ],
)
def test_what_is_no_box_is_refused_with_row_and_value(
    boxes: Any, size: tuple[int, int] | None, says: str
) -> None:
    """G3: the message has the row, the value, and what is expected."""
    with pytest.raises(mlrecipe.MlrecipeError, match=says) as error:
        read_boxes(column([], boxes), size)
    assert error.value.where == "row 1"
    assert error.value.expected


def test_pixels_without_a_size_are_recognized() -> None:
    with pytest.raises(mlrecipe.MlrecipeError, match="image_size"):
        read_boxes(column([["a", 10, 10, 60, 40]]), None)


@st.composite
def apart(draw: Any) -> list[Box]:
    """Draw boxes whose centres lie in cells of their own that do not touch, in a grid of 24."""
    cells = draw(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), unique=True, max_size=6))
    found = []
    for row, place in cells:
        x = (3 * place + draw(st.floats(0.1, 0.9))) / 24
        y = (3 * row + draw(st.floats(0.1, 0.9))) / 24
        w = draw(st.floats(0.3, 0.99)) * min(x, 1 - x)
        h = draw(st.floats(0.3, 0.99)) * min(y, 1 - y)
        found.append(Box(draw(st.sampled_from(["a", "b"])), x - w, y - h, x + w, y + h))
    return found


@given(apart())
@settings(max_examples=60, deadline=None)
def test_a_grid_gives_back_its_boxes(boxes: list[Box]) -> None:
    """B1: what is encoded is decoded: label and sides, whatever the boxes."""
    grid = to_grid(boxes, ["a", "b"], 24)[None]
    found = centres(grid)[0]
    wanted = sorted(("ab".index(b.label), b.left, b.top, b.right, b.bottom) for b in boxes)
    given_back = sorted(tuple(row) for row in found[found[:, 0] >= 0].tolist())
    np.testing.assert_allclose(
        np.array(given_back).reshape(-1, 5), np.array(wanted).reshape(-1, 5), atol=2e-5
    )
    told = peaks(grid)[0]
    sure = told[told[:, 1] == 1]
    assert len(sure) == len(boxes)
    assert DetectionAveragePrecision().score(*Detection().judged(grid, grid)) == 1 or not boxes


def test_cells_follow_the_boxes() -> None:
    """P5: crowded boxes get a finer grid."""
    sparse = pd.DataFrame({"boxes": column(*[[["a", 0.1, 0.1, 0.3, 0.3]]] * 3)})
    near = [["a", 0.09, 0.1, 0.11, 0.12], ["a", 0.1, 0.1, 0.12, 0.12]]
    crowded = pd.DataFrame({"boxes": column(*[near] * 3)})
    assert Detection().fit_target(sparse, PROBLEM).shape == (24, 24, 5)
    assert Detection().fit_target(crowded, PROBLEM).shape == (48, 48, 5)
    assert Detection(cells=10).fit_target(crowded, PROBLEM).shape == (10, 10, 5)


def test_labels_that_are_not_there_are_named() -> None:
    frame = pd.DataFrame({"boxes": column([["a", 0.1, 0.1, 0.3, 0.3]])})
    with pytest.raises(mlrecipe.MlrecipeError, match="'bad'"):
        Detection().fit_target(frame, PROBLEM.model_copy(update={"positive": "bad"}))
    codec = TargetCodec(columns=("boxes",), labels=("b",), shape=(24, 24, 5))
    with pytest.raises(mlrecipe.MlrecipeError, match="label 'a', unknown"):
        Detection().encode(frame, codec)
    empty = pd.DataFrame({"boxes": column([], [])})
    with pytest.raises(mlrecipe.MlrecipeError, match="no box in any row"):
        Detection().fit_target(empty, PROBLEM)


def test_answers_are_boxes_in_shares_of_the_image() -> None:
    """B1: label, score and sides; the likeliest first, none below the threshold."""
    grid = to_grid([Box("b", 0.25, 0.25, 0.5, 0.75)], ["a", "b"], 8)
    grid[..., :2] *= 0.8
    codec = TargetCodec(columns=("boxes",), labels=("a", "b"), shape=(8, 8, 6))
    answers = Detection().answers(grid[None], codec, 0.5)
    box = {"label": "b", "score": 0.8, "left": 0.25, "top": 0.25, "right": 0.5, "bottom": 0.75}
    assert answers == [{"prediction": [box]}]
    assert Detection().answers(grid[None], codec, 0.9) == [{"prediction": []}]


TRUTH = np.array([[[0, 0, 0, 0.4, 0.4], [1, 0.5, 0.5, 0.9, 0.9]]], np.float32)
TOLD = np.array(
    [
        [
            [0, 0.9, 0, 0, 0.4, 0.4],
            [0, 0.8, 0, 0, 0.4, 0.4],
            [0, 0.7, 0.5, 0.5, 0.9, 0.9],
            [0, 0.2, 0.6, 0, 0.7, 0.1],
        ]
    ],
    np.float32,
)


def test_a_true_box_is_found_once_and_wrong_labels_are_told_apart() -> None:
    """A doubled box is false; one on a thing of another label is told as such."""
    found = matches(TRUTH, TOLD, 0, 0.5)
    assert found.hits.tolist() == [True, False, False, False]
    assert found.elsewhere.tolist() == [False, False, True, False]
    assert found.there.tolist() == [1]


def test_recall_at_false_boxes() -> None:
    """The lowest score with few enough false boxes decides what counts as found."""
    y = np.concatenate([TRUTH, TRUTH])
    low = TOLD.copy()
    low[0, 0, 1] = 0.1
    outputs = np.concatenate([TOLD, low])
    # Image 2 finds its box only below three false ones, of six that both images have.
    assert DetectionRecall(label=0, false_boxes=0.0).score(y, outputs) == 0.5
    assert DetectionRecall(label=0, false_boxes=3.0).score(y, outputs) == 1.0


def test_the_cheapest_score() -> None:
    """X1: costs decide from which score on boxes are told; of equal ones the widest gap."""
    scores = np.array([0.9, 0.8, 0.6, 0.3])
    hits = np.array([True, False, True, False])
    none = np.zeros(4, bool)
    found = Matches(np.zeros(4, int), scores, hits, none, np.array([2]))
    assert cheapest_score([found], Costs(false_negative=5)) == pytest.approx(0.45)
    assert cheapest_score([found], Costs(false_positive=5)) == pytest.approx(0.85)


def test_decision_counts_found_missed_and_false() -> None:
    """X1: a stakeholder reads boxes found, missed, and false, an image and a day."""
    codec = TargetCodec(columns=("boxes",), labels=("bad", "ok"), shape=(8, 8, 6))
    problem = Problem(question="?", target=("boxes",), positive="bad", volume_per_day=1000)
    nothing = Outcomes(np.zeros((1, 8, 8, 6)), np.zeros((1, 8, 8, 6)), np.ones(1, np.float32))
    evidence = Evidence(codec, problem, nothing, nothing, 0.95)
    made = decide_boxes(evidence, (TRUTH, TOLD[:, :1]), (TRUTH, TOLD))
    bad = next(count for count in made["boxes"] if count["label"] == "bad")
    assert (bad["there"], bad["found"], bad["missed"]) == (1, 1, 0)
    assert (bad["taken_for_it"], bad["false"]) == (1, 1)
    assert made["threshold"] == pytest.approx(0.45)
    assert "1 (1,000 a day) of another label are taken for bad" in made["statements"][0]
    shares = {row["name"]: row["share_per_day"] for row in made["consequences"]}
    assert shares["a bad missed"] == 0
    assert shares["a false alarm: something else taken for bad"] == 1000


def test_blobs_stand_out() -> None:
    """B1: the naive rule finds a bright thing on a dark ground, holes and all."""
    image = np.full((40, 40, 3), 60, np.uint8)
    image[10:20, 5:25] = 220
    image[14:16, 10:12] = 60
    (blob,) = blobs_of(image, 0.002)
    assert blob.sides == (5 / 40, 10 / 40, 25 / 40, 20 / 40)


def test_other_proportions_are_refused() -> None:
    """P5: boxes say where things are in the image as it came; cropping would move them."""
    words = ("recipe=cookie_inspection", "preprocessing.image.resize=crop")
    with pytest.raises(mlrecipe.RecipeError, match="moves what is in an image"):
        compose_recipe(words, load_registry())


@pytest.mark.slow
def test_crops_are_what_is_in_the_box() -> None:
    """B3: cut out by products of matrices, a piece is the resampled part of the image."""
    from mlrecipe.training import runtime

    runtime.start()
    from mlrecipe.training.crops import Crops, cut

    draws = np.random.default_rng(0)
    image = draws.random((2, 20, 30, 3)).astype(np.float32)
    boxes = np.array([[[0.5, 0.5, 8 / 30, 8 / 20]], [[0.25, 0.6, 8 / 30, 6 / 20]]], np.float32)
    pieces = np.asarray(Crops(8, 1.0)([image, boxes]))
    assert pieces.shape == (2, 8, 8, 3)
    np.testing.assert_allclose(pieces[0], image[0, 6:14, 11:19], atol=1e-5)
    by_numpy = cut(image, boxes, np.ones((2, 1), bool), 8, 1.0)
    np.testing.assert_allclose(by_numpy, pieces, atol=1e-5)
    edges = np.array([[[0.02, 0.97, 0.3, 0.2]], [[0.9, 0.1, 0.5, 0.4]]], np.float32)
    for side in (5, 12):
        by_layer = np.asarray(Crops(side, 1.3)([image, edges]))
        by_numpy = cut(image, edges, np.ones((2, 1), bool), side, 1.3)
        np.testing.assert_allclose(by_numpy, by_layer, atol=1e-5)
    half = np.asarray(Crops(4, 1.0)([np.ones_like(image), boxes]))
    np.testing.assert_allclose(half, 1, atol=1e-5)


@pytest.mark.slow
def test_cookies_end_to_end(tmp_path: Path) -> None:
    """F2: both stages in one bundle; bad cookies are found, and told a day; one model a runtime."""
    run = mlrecipe.run("recipe=cookie_inspection", path=tmp_path / "run")
    test = json.loads(run.artifact("finalize", "test.json").read_text())
    baselines = json.loads(run.artifact("baseline", "baselines.json").read_text())["baselines"]
    recall = test["scores"]["detection_recall"]["value"]
    assert recall > 0.25
    assert all(row["scores"]["detection_recall"]["mean"] < 0.15 for row in baselines)
    assert {"a day" in statement for statement in _decision(run)["statements"]} == {True}
    bundle = mlrecipe.load(run.path)
    rows = pd.read_parquet(run.artifact("collect", "development.parquet")).head(3)
    for answer in bundle.answers(bundle.outputs(rows[["frame"]])):
        assert answer["prediction"]
        assert {"label", "score", "left", "top", "right", "bottom"} == set(answer["prediction"][0])


def _decision(run: Any) -> Any:
    return json.loads(run.artifact("explain", "decision.json").read_text())
