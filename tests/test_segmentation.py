"""Masks: read, brought to a size, answered, judged, and told."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import mlrecipe
from mlrecipe.components.architecture.auto import Auto
from mlrecipe.components.baseline.of_masks import MajorityMask, PixelColours, UsualMask
from mlrecipe.components.metric.segmentation import MeanIoU
from mlrecipe.components.task.auto import Auto as AutoTask
from mlrecipe.components.task.detection import Detection
from mlrecipe.components.task.segmentation import Segmentation
from mlrecipe.data.masks import as_png, read_mask, resampled
from mlrecipe.data.table_schema import TableSchema
from mlrecipe.evaluation.masks import best_threshold, decide_masks
from mlrecipe.interfaces import Evidence, Facts, Inputs, Outcomes, Samples
from mlrecipe.problem import Problem

PROBLEM = Problem(question="?", target=("mask",))


def scenes(rows: int, seed: int = 0) -> pd.DataFrame:
    """Return pictures of a disc or a square of the same colour, and masks: 0, 1 disc, 2 square."""
    draws = np.random.default_rng(seed)
    found = []
    for _ in range(rows):
        y, x = np.mgrid[0:32, 0:32] - draws.integers(10, 22, (2, 1, 1))
        round_ = draws.random() < 0.5
        there = np.hypot(y, x) < 8 if round_ else np.maximum(abs(y), abs(x)) < 7
        picture = np.where(there[..., None], [180, 160, 60], [70, 90, 110])
        noisy = np.clip(picture + draws.normal(0, 25, (32, 32, 3)), 0, 255).astype(np.uint8)
        mask = there.astype(np.uint8) * (1 if round_ else 2)
        out = io.BytesIO()
        Image.fromarray(noisy).save(out, "PNG")
        found.append({"photo": out.getvalue(), "mask": as_png(mask)})
    return pd.DataFrame(found)


def of_pixels(*masks: Any) -> pd.DataFrame:
    return pd.DataFrame({"mask": [as_png(np.array(mask)) for mask in masks]})


@given(st.integers(1, 9), st.integers(1, 9), st.integers(1, 4))
@settings(max_examples=40, deadline=None)
def test_larger_masks_come_back(height: int, width: int, times: int) -> None:
    """P5: nearest pixels keep every class; enlarged and reduced again, nothing has changed."""
    mask = np.random.default_rng(height * width).integers(0, 5, (height, width), np.uint8)
    larger = resampled(mask, (times * height, times * width))
    assert set(np.unique(larger)) == set(np.unique(mask))
    np.testing.assert_array_equal(resampled(larger, (height, width)), mask)
    np.testing.assert_array_equal(read_mask(as_png(mask), 0), mask)


def test_a_palette_is_not_looked_up() -> None:
    """The index of a palette is the class; two-valued images are 0 and 1."""
    image = Image.fromarray(np.array([[0, 2], [1, 0]], np.uint8), "P")
    image.putpalette([9, 9, 9, 200, 0, 0, 0, 200, 0])
    out = io.BytesIO()
    image.save(out, "PNG")
    assert read_mask(out.getvalue(), 0).tolist() == [[0, 2], [1, 0]]
    out = io.BytesIO()
    Image.fromarray(np.array([[True, False]])).save(out, "PNG")
    assert read_mask(out.getvalue(), 0).tolist() == [[1, 0]]


def test_what_is_no_mask_is_refused_with_its_row() -> None:
    """G3: colours, damaged files and levels of grey are no numbers of classes."""
    out = io.BytesIO()
    Image.fromarray(np.array([[[9, 0, 0]]], np.uint8)).save(out, "PNG")
    with pytest.raises(mlrecipe.MlrecipeError, match="colours") as error:
        read_mask(out.getvalue(), 7)
    assert error.value.where == "row 7"
    with pytest.raises(mlrecipe.MlrecipeError, match="cannot be read"):
        read_mask(b"no image", 0)
    with pytest.raises(mlrecipe.MlrecipeError, match="256 different pixels"):
        Segmentation().fit_target(of_pixels(np.arange(256).reshape(16, 16)), PROBLEM)
    with pytest.raises(mlrecipe.MlrecipeError, match="pixels of 3, which is no class"):
        Segmentation(classes={"a": 0, "b": 1}).fit_target(of_pixels([[0, 3]], [[1, 0]]), PROBLEM)


def test_targets_and_answers_have_the_masks_numbers() -> None:
    """B1: two classes have one output; answers are PNG files of the data's own numbers."""
    task, frame = Segmentation(classes={"ground": 0, "thing": 255}), of_pixels([[0, 255], [0, 0]])
    codec = task.fit_target(frame, PROBLEM)
    assert codec.shape == (2, 2, 1)
    y = task.encode(frame, codec)
    assert y[0, ..., 0].tolist() == [[0, 1], [0, 0]]
    (answer,) = task.answers(y, codec, 0.5)
    mask = read_mask(base64.b64decode(answer["prediction"]), 0)
    assert mask.tolist() == [[0, 255], [0, 0]]
    assert answer["shares"] == {"ground": 0.75, "thing": 0.25}
    with pytest.raises(mlrecipe.MlrecipeError, match="pixels of 4, unknown"):
        task.encode(of_pixels([[4, 0]]), codec)


def test_the_size_follows_the_masks() -> None:
    """P5: the masks' own size, reduced to at most 64 pixels a side, unless one is chosen."""
    large = of_pixels(np.arange(100 * 200).reshape(100, 200) % 3)
    assert Segmentation().fit_target(large, PROBLEM).shape == (32, 64, 3)
    assert Segmentation(size=(9, 9)).fit_target(large, PROBLEM).shape == (9, 9, 3)


def test_simple_answers() -> None:
    """B1: the majority, the usual mask and a pixel's colour; the last reads the image."""
    frame, task = scenes(30), Segmentation()
    codec = task.fit_target(frame[["mask"]], PROBLEM)
    y = task.encode(frame[["mask"]], codec)
    x = {"photo": np.stack([np.asarray(Image.open(io.BytesIO(b))) for b in frame["photo"]])}
    training = Samples(frame[:20], {"photo": x["photo"][:20]}, y[:20], np.ones(20, np.float32))
    rows = Inputs(frame[20:], {"photo": x["photo"][20:]})
    scores = [
        MeanIoU().score(y[20:], kind().predict(training, rows))
        for kind in (MajorityMask, UsualMask, PixelColours)
    ]
    assert scores[0] < scores[2] < 0.9
    assert scores[1] < scores[2]


def test_decision_tells_areas() -> None:
    """X1: overlap of each class and by how much its share is off, in words."""
    y = np.zeros((2, 4, 4, 1), np.float32)
    y[:, :2] = 1
    outputs = np.where(y > 0, 0.3, 0.1).astype(np.float32)
    outputs[1, 3, 0] = 0.35
    assert 0.1 < best_threshold(y, outputs) <= 0.3
    codec = Segmentation().fit_target(of_pixels([[0, 1]]), PROBLEM)
    rows = Outcomes(y, outputs, np.ones(2, np.float32))
    made = decide_masks(Evidence(codec, PROBLEM, rows, rows, 0.95), Segmentation().decode)
    assert made["areas"][1]["iou"] == pytest.approx(16 / 17)
    assert "31 of 32" not in made["statements"][0]
    assert "96.9% are answered rightly" in made["statements"][0]


def test_tasks_of_maps_have_architectures_of_their_own() -> None:
    """B3: auto takes what is made for the task, and says why."""
    schema = TableSchema(columns={}, targets=("mask",), inputs=())
    for task, name in ((Segmentation(), "unet"), (Detection(), "detector")):
        facts = Facts(PROBLEM, schema, 100, {}, task, frozenset({"image"}))
        (choice,) = Auto().resolve(facts)
        assert choice.name == name
        assert choice.reason


def test_the_task_is_told_by_masks_and_boxes() -> None:
    """F2: a target of images is a mask, one of labelled boxes is to be detected; lists of words
    are tags."""
    boxes = json.dumps([{"label": "dog", "box": [1, 2, 3, 4]}])
    cases = {
        "segmentation": list(scenes(3)["mask"]),
        "detection": [boxes, "[]"],
        "multilabel": ['["red", "big"]', '["small"]', "[]"],
    }
    schema = TableSchema(columns={}, targets=("y",), inputs=())
    for name, values in cases.items():
        problem = PROBLEM.model_copy(update={"target": ("y",)})
        (choice,) = AutoTask().resolve(Facts(problem, schema, 100, {"y": values}))
        assert choice.name == name, choice


@pytest.mark.slow
def test_shapes_are_segmented_end_to_end(tmp_path: Path) -> None:
    """F2, B1: all steps on masks; what lies around a pixel tells more than its colour."""
    scenes(240).to_parquet(tmp_path / "scenes.parquet")
    run = mlrecipe.run(
        "recipe=csv",
        "source=parquet",
        f"source.path={tmp_path / 'scenes.parquet'}",
        "protocol=holdout",
        "tuner=none",
        "workflow.rungs=1",
        "architecture=unet",
        "architecture.depth=3",
        "architecture.filters=8",
        "training.epochs=15",
        "training.learning_rate=0.003",
        "problem.question=Which pixels are disc or square?",
        "problem.target=mask",
        path=tmp_path / "run",
    )
    test = json.loads(run.artifact("finalize", "test.json").read_text())
    power = json.loads(run.artifact("power", "power.json").read_text())
    assert power["beats_all"]
    assert test["scores"]["mean_iou"]["value"] > 0.75
    bundle = mlrecipe.load(run.path)
    (answer,) = bundle.answers(bundle.outputs(scenes(1, seed=5)[["photo"]]))
    assert sum(answer["shares"].values()) == pytest.approx(1)
