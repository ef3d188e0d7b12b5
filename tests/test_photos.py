"""The projects on images: photo_search and digits. Data, headers, runs, search by tag."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from starlette.testclient import TestClient

import mlrecipe
from mlrecipe.cli import main
from mlrecipe.components.baseline.nearest_neighbour import NearestNeighbour
from mlrecipe.components.metric.multilabel import MeanAveragePrecision
from mlrecipe.components.source.sklearn import Sklearn
from mlrecipe.components.task.multilabel import Multilabel
from mlrecipe.files import read_json
from mlrecipe.generators import generate
from mlrecipe.generators.photo_search import TAGS
from mlrecipe.interfaces import Array, Samples
from mlrecipe.problem import Problem
from mlrecipe.run_folder import Run
from mlrecipe.serving.app import make_app

FOLDER = Path(__file__).parent.parent / "recipes"


@pytest.mark.parametrize("recipe", ["photo_search", "digits"])
def test_headers_say_what_to_expect_and_how_to_take_real_data(recipe: str) -> None:
    """Question, data, command, result, run time; the command is that of the recipe."""
    header = (FOLDER / f"{recipe}.yaml").read_text(encoding="utf-8").split("defaults:")[0]
    for word in ("Question:", "Data:", "Command:", "Expected:", "Run time:", "Real data:"):
        assert word in header
    assert re.search(rf"Command:\s+mlrecipe run recipe={recipe}\n", header)


def pixels(files: pd.Series) -> Array:
    return np.stack([np.asarray(Image.open(io.BytesIO(file))) for file in files])


def test_photos_have_tags_of_very_different_frequency() -> None:
    """Several tags a photo, a long tail, words of users' own, photos that nobody tagged."""
    frame = generate("photo_search", 1500, 0, flawed=False).frame
    tags = frame["tags"].dropna().str.get_dummies("|")
    shares = tags[list(TAGS)].mean()
    assert shares.max() > 0.35
    assert 0.005 < shares.min() < 0.03
    assert len(TAGS) >= 12
    assert tags[list(TAGS)].sum(axis=1).mean() > 1.5
    assert len(tags.columns) > len(TAGS) + 5
    assert 0.01 < frame["tags"].isna().mean() < 0.05
    again = generate("photo_search", 1500, 0, flawed=False).frame
    pd.testing.assert_frame_equal(frame, again)


def test_near_copies_lie_in_one_album() -> None:
    """Where albums are not known, the nearest photo tells the tags: too good to be true."""
    frame = generate("photo_search", 500, 1, flawed=False).frame.dropna(subset="tags")
    assert generate("photo_search", 500, 1, flawed=True).frame["album"].is_unique
    task = Multilabel()
    codec = task.fit_target(frame, Problem(question="?", target=("tags",)))
    y, x = task.encode(frame, codec), pixels(frame["image"])

    def score(held_out: Array) -> float:
        training = Samples(frame[~held_out], {"image": x[~held_out]}, y[~held_out], ones[~held_out])
        rows = Samples(frame[held_out], {"image": x[held_out]}, y[held_out], ones[held_out])
        outputs = NearestNeighbour(neighbours=1).predict(training, rows.inputs())
        return MeanAveragePrecision().score(rows.y, outputs)

    ones = np.ones(len(frame), np.float32)
    by_album = pd.factorize(frame["album"])[0] % 4 == 0
    by_row = np.arange(len(frame)) % 4 == 0
    assert score(by_row) > score(by_album) + 0.1


def test_digits_are_images_or_columns() -> None:
    image, columns = Sklearn(dataset="digits", layout="image").read(), Sklearn(dataset="digits")
    plain = columns.read()
    assert list(image) == ["image", "digit"]
    assert len(plain.columns) == 65
    scan = plain.iloc[7, :64].to_numpy(dtype=float).reshape(8, 8)
    np.testing.assert_allclose(pixels(image["image"])[7], scan * 255 / 16, atol=0.5)
    assert image["digit"].equals(plain["digit"])
    with pytest.raises(mlrecipe.MlrecipeError, match="wine holds no images"):
        Sklearn(dataset="wine", layout="image").read()


@pytest.fixture(scope="module")
def own_photos(tmp_path_factory: Any) -> Path:
    """A folder of photos, and a table that names them, as the header of photo_search asks for."""
    folder = tmp_path_factory.mktemp("own")
    frame = generate("photo_search", 220, 3, flawed=False).frame
    (folder / "photos").mkdir()
    names = frame["photo_id"] + ".jpg"
    for name, content in zip(names, frame["image"], strict=True):
        (folder / "photos" / name).write_bytes(content)
    table = pd.DataFrame({"file": names, "tags": frame["tags"], "album": frame["album"]})
    table.to_csv(folder / "photos.csv", index=False)
    return folder


@pytest.fixture(scope="module")
def shipped(own_photos: Path, tmp_path_factory: Any) -> Run:
    """A short run on one's own photos. Read it, do not change it."""
    return mlrecipe.run(
        "recipe=photo_search",
        "source=images",
        f"source.path={own_photos / 'photos'}",
        f"source.table={own_photos / 'photos.csv'}",
        "source.tags=tags",
        "task.keep=[file,album]",
        "training.epochs=3",
        "workflow.rungs=1",
        "workflow.waive.no-statistical-power='three epochs'",
        path=tmp_path_factory.mktemp("run") / "run",
    )


@pytest.mark.slow
def test_own_photos_are_found_by_tag(shipped: Run, own_photos: Path, tmp_path: Path) -> None:
    """F2, D1, D2: predict --search and the server find photos; thresholds are in the bundle."""
    bundle = mlrecipe.load(shipped.path)
    assert len(bundle.codec.thresholds) == len(bundle.codec.labels) >= 12
    decision = read_json(shipped.artifact("explain", "decision.json"))
    assert tuple(decision["thresholds"]) == bundle.codec.thresholds
    report = shipped.artifact("explain", "report.html").read_text(encoding="utf-8")
    assert "Tag by tag" in report
    out = tmp_path / "found.csv"
    words = ["--data", str(own_photos / "photos"), "--out", str(out), "--search", "beach, sea"]
    assert main(["predict", str(shipped.path), *words, "--top", "7"]) == 0
    found = pd.read_csv(out)
    assert list(found)[:3] == ["row", "score", "file"]
    assert len(found) == 7
    assert found["score"].is_monotonic_decreasing

    client = TestClient(make_app(bundle, "photos"))
    kept = client.post("/v1/models/photos:search", json={"query": "beach, sea", "top": 3}).json()
    assert [set(row) for row in kept["results"]] == [{"row", "score", "file", "album"}] * 3
    wrong = client.post("/v1/models/photos:search", json={"query": "beech"})
    assert "did you mean 'beach'" in wrong.json()["error"]
    example = read_json(bundle.path / "examples.json")
    answer = client.post("/v1/models/photos:predict", json={"instances": example}).json()
    first = answer["predictions"][0]
    given = [
        t
        for t, p in zip(bundle.codec.labels, bundle.codec.thresholds, strict=True)
        if first["scores"][str(t)] >= p
    ]
    assert sorted(first["prediction"]) == sorted(given)
