"""Similarity ranking: embeddings of things never seen, and answers that point at known rows."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mlrecipe
from mlrecipe.components.baseline.similarity import ColourHistogram, RandomEmbedding, RawSimilarity
from mlrecipe.components.metric.ranking import MeanAveragePrecisionAtCutoff, PrecisionAtCutoff
from mlrecipe.components.objective.similarity import SupervisedContrastive, Triplet
from mlrecipe.components.task.similarity import SimilarityRanking
from mlrecipe.data.gallery import Gallery, plain_records
from mlrecipe.data.nearest import Index, highest
from mlrecipe.evaluation import similarity
from mlrecipe.generators import generate
from mlrecipe.interfaces import Evidence, Inputs, Outcomes, Samples
from mlrecipe.preparation.target_codec import TargetCodec
from mlrecipe.problem import Problem

CODEC = TargetCodec(columns=("site",))
PROBLEM = Problem(question="?", target=("site",))


def vectors(seed: int, rows: int, width: int = 5) -> Any:
    return np.random.default_rng(seed).normal(size=(rows, width)).astype(np.float32)


# The search


@given(st.integers(0, 10_000), st.integers(1, 40), st.integers(1, 12), st.integers(1, 15))
@settings(deadline=None, max_examples=60)
def test_nearest_things_are_those_of_a_search_by_hand(
    seed: int, rows: int, things: int, count: int
) -> None:
    """F2: each thing once, by its most similar row, the most similar first; nothing is missed."""
    draws = np.random.default_rng(seed)
    named = [f"t{n}" for n in draws.integers(0, things, rows)]
    known, queries = vectors(seed, rows), vectors(seed + 1, 3)
    found, scores = Index.of(named, known).nearest(queries, count)
    unit = known / np.linalg.norm(known, axis=1, keepdims=True)
    for query, places, cosines in zip(queries, found, scores, strict=True):
        all_cosines = unit @ (query / np.linalg.norm(query))
        best: dict[str, float] = {}
        for thing, cosine in zip(named, all_cosines, strict=True):
            best[thing] = max(best.get(thing, -2), float(cosine))
        expected = sorted(best.values(), reverse=True)[:count]
        np.testing.assert_allclose(cosines, expected, atol=1e-5)
        np.testing.assert_allclose(all_cosines[places], expected, atol=1e-5)
        assert len({named[p] for p in places}) == len(places) == min(count, len(best))


@given(
    st.lists(st.lists(st.integers(0, 4), min_size=6, max_size=6), min_size=1, max_size=5),
    st.integers(1, 8),
)
def test_the_highest_are_taken_in_order_and_the_first_of_equals(
    lists: list[list[int]], count: int
) -> None:
    values = np.array(lists, dtype=np.float32)
    expected = np.argsort(-values, axis=1, kind="stable")[:, :count]
    np.testing.assert_array_equal(highest(values, count), expected)


def test_search_in_many_rows_is_done_block_by_block(monkeypatch: pytest.MonkeyPatch) -> None:
    named, known = [str(n // 3) for n in range(300)], vectors(0, 300)
    whole = Index.of(named, known).nearest(vectors(1, 50), 7)
    monkeypatch.setattr("mlrecipe.data.nearest.BLOCK_CELLS", 1000)
    parts = Index.of(named, known).nearest(vectors(1, 50), 7)
    for one, other in zip(whole, parts, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


# How embeddings are judged


def test_every_row_asks_for_the_others_of_its_thing() -> None:
    """F2, M1: itself it is not offered; relevant are the other rows of its thing."""
    things = np.array([0, 0, 1, 1, 2], np.float32)
    outputs = np.array([[1, 0], [1, 0.1], [0, 1], [0.1, 1], [1, 1]], np.float32)
    relevant, scores = SimilarityRanking().judged(things[:, None], outputs)
    assert relevant.tolist() == [
        [0, 1, 0, 0, 0],
        [1, 0, 0, 0, 0],
        [0, 0, 0, 1, 0],
        [0, 0, 1, 0, 0],
        [0, 0, 0, 0, 0],
    ]
    assert np.isneginf(np.diag(scores)).all()
    assert MeanAveragePrecisionAtCutoff().score(relevant, scores) == 1.0
    turned = MeanAveragePrecisionAtCutoff().score(
        *SimilarityRanking().judged(things[:, None], outputs[[0, 2, 1, 3, 4]])
    )
    assert turned < 0.7


@given(st.integers(0, 1000), st.integers(5, 60), st.integers(2, 12))
@settings(deadline=None, max_examples=40)
def test_cut_lists_give_the_same_scores(seed: int, rows: int, things: int) -> None:
    """M1: with very many rows lists are cut, and metrics of their beginning stay as they are."""
    draws = np.random.default_rng(seed)
    numbers, outputs = draws.integers(0, things, rows).astype(np.float32), vectors(seed, rows)
    whole = similarity.relevances(numbers, outputs)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(similarity, "CELLS", rows)
        patch.setattr(similarity, "FEWEST_ITEMS", 4)
        cut = similarity.relevances(numbers, outputs)
    for metric in (MeanAveragePrecisionAtCutoff(cutoff=3), PrecisionAtCutoff(cutoff=3)):
        np.testing.assert_allclose(metric.row_scores(*cut), metric.row_scores(*whole), atol=1e-9)


def test_the_threshold_tells_known_from_unknown() -> None:
    """O1: it parts the nearest rows that are of the same thing from those that are not."""
    draws = np.random.default_rng(0)
    middles = draws.normal(size=(20, 16))
    pairs = np.repeat(middles, 2, axis=0) + draws.normal(0, 0.1, (40, 16))
    alone = draws.normal(size=(30, 16))
    outputs = np.concatenate([pairs, alone]).astype(np.float32)
    things = np.concatenate([np.repeat(np.arange(20), 2), 20 + np.arange(30)])
    rows = Outcomes(things[:, None].astype(np.float32), outputs, np.ones(70, np.float32))
    decision = SimilarityRanking().decide(Evidence(CODEC, PROBLEM, rows, rows, 0.95))
    assert 0.6 < decision["threshold"] < 0.99
    first = decision["consequences"][0]
    assert first["count"] == 40  # rows that are alone ask for nothing
    assert first["share"] == 1.0
    assert "40 of 70" in decision["statements"][0]


# What is learnt from


@pytest.mark.parametrize("rows", [np.arange(24) % 5, np.zeros(7), np.arange(9)])
def test_pieces_of_a_thing_come_together(rows: Any) -> None:
    """B4: every row once; pieces of one thing; another order every epoch, the same by seed."""
    import tensorflow as tf

    from mlrecipe.training.pairs import in_pieces

    things = tf.constant(rows, tf.float32)
    orders = [in_pieces(things, 3, tf.constant([7, n])).numpy() for n in (1, 2, 1)]
    for order in orders:
        assert sorted(order.tolist()) == list(range(len(rows)))
    assert orders[0].tolist() == orders[2].tolist() != orders[1].tolist()
    runs = [len(list(same)) for _, same in itertools.groupby(rows[orders[0]])]
    pieces = sum(-(-count // 3) for count in np.unique(rows, return_counts=True)[1])
    assert len(runs) <= pieces


def losses(objective: Any, things: list[int], embeddings: Any) -> Any:
    y = np.array(things, np.float32)[:, None]
    return np.asarray(objective.loss()(y, np.asarray(embeddings, np.float32)))


def test_contrastive_loss_is_that_of_the_paper() -> None:
    """B4: Khosla et al. (2020), equation 2, written out; a row that is alone has none."""
    z = vectors(3, 6)
    z /= np.linalg.norm(z, axis=1, keepdims=True)
    things = [0, 0, 0, 1, 1, 2]
    found = losses(SupervisedContrastive(temperature=0.2), things, z)
    for i, thing in enumerate(things):
        others = [a for a in range(6) if a != i]
        total = sum(np.exp(z[i] @ z[a] / 0.2) for a in others)
        same = [p for p in others if things[p] == thing]
        terms = [np.log(np.exp(z[i] @ z[p] / 0.2) / total) for p in same]
        assert found[i] == pytest.approx(-np.mean(terms) if terms else 0.0, abs=1e-5)


def test_triplets_are_those_of_the_papers() -> None:
    """B4: hard is farthest against nearest; semi-hard the nearest that is farther."""
    angles = np.radians([0, 20, 30, 50, 200])
    z = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    things = [0, 0, 1, 0, 2]
    d = np.linalg.norm(z[:, None] - z[None], axis=2)
    hard = losses(Triplet(mining="hard", margin=0.3), things, z)
    assert hard[0] == pytest.approx(d[0, 3] - d[0, 2] + 0.3, abs=1e-4)
    assert hard[2] == hard[4] == 0  # alone
    semi = losses(Triplet(margin=0.3), things, z)
    near, far = d[0, 1] - d[0, 2] + 0.3, max(0, d[0, 3] - d[0, 4] + 0.3)
    assert semi[0] == pytest.approx((near + far) / 2, abs=1e-4)
    assert losses(Triplet(mining="hard", margin=None), things, z)[0] == pytest.approx(
        np.log1p(np.exp(d[0, 3] - d[0, 2])), abs=1e-4
    )


def test_gradients_stay_finite_for_equal_rows() -> None:
    import tensorflow as tf

    z = tf.Variable(np.tile([[0.6, 0.8]], (4, 1)).astype(np.float32))
    y = tf.constant([[0.0], [0.0], [1.0], [2.0]])
    for objective in (SupervisedContrastive(), Triplet(), Triplet(mining="hard")):
        with tf.GradientTape() as tape:
            value = tf.reduce_mean(objective.loss()(y, z))
        assert np.isfinite(tape.gradient(value, z).numpy()).all()


# The task


def test_what_the_target_has_to_be() -> None:
    """F2, G3: several things with several rows; the message says how many there are."""
    task = SimilarityRanking()
    with pytest.raises(mlrecipe.MlrecipeError, match="names 3 things in 3 rows, and 0 of them"):
        task.fit_target(pd.DataFrame({"site": ["a", "b", "c"]}), PROBLEM)
    both = Problem(question="?", target=("site", "what"))
    with pytest.raises(mlrecipe.MlrecipeError, match="one column that names things"):
        task.fit_target(pd.DataFrame({"site": ["a"], "what": ["b"]}), both)
    frame = pd.DataFrame({"site": ["a", "b", "a", "b", "c"]})
    assert task.encode(frame, task.fit_target(frame, PROBLEM))[:, 0].tolist() == [0, 1, 0, 1, 2]


def test_answers_point_at_the_nearest_known_things() -> None:
    """D3: each thing once with what is known of it; whether it is taken for the same."""
    records = [
        {"site": "a", "latitude": 51.0},
        {"site": "a", "latitude": 51.0},
        {"site": "b", "latitude": None},
    ]
    known = np.array([[1, 0], [0.9, 0.1], [0, 1]], np.float32)
    queries = np.array([[0.9, 0.1], [0.5, 1]], np.float32)
    found = SimilarityRanking().answers(queries, CODEC, 0.95, gallery=Gallery(records, known))
    assert [answer["prediction"] for answer in found] == ["a", "b"]
    assert [answer["known"] for answer in found] == [True, False]
    assert [near["site"] for near in found[0]["nearest"]] == ["a", "b"]
    assert found[0]["nearest"][0] == {"similarity": 1.0, **records[1]}
    one = SimilarityRanking().answers(queries, CODEC, 0, gallery=Gallery(records, known), top=1)
    assert [len(answer["nearest"]) for answer in one] == [1, 1]
    json.dumps(found)


def test_known_rows_are_kept_without_files() -> None:
    frame = pd.DataFrame(
        {
            "site": ["a", "b"],
            "tile": [b"png", b"png"],
            "day": pd.to_datetime(["2024-01-31", None]),
            "height": [1.5, np.nan],
            "count": [1, 2],
        }
    )
    assert plain_records(frame) == [
        {"site": "a", "day": "2024-01-31T00:00:00", "height": 1.5, "count": 1},
        {"site": "b", "day": None, "height": None, "count": 2},
    ]


def test_a_gallery_is_read_as_it_was_written(tmp_path: Path) -> None:
    Gallery([{"site": "a"}, {"site": "b"}], vectors(0, 2)).save(tmp_path)
    read = Gallery.load(tmp_path)
    assert read is not None
    assert read.by("site") is read.by("site")  # built once
    assert read.records == [{"site": "a"}, {"site": "b"}]


# Baselines


def test_baselines_of_images() -> None:
    """B1: chance ignores the inputs; colours and coarse pixels do not."""
    draws = np.random.default_rng(0)
    colours = draws.integers(0, 256, (8, 1, 1, 3))
    images = np.clip(np.repeat(colours, 5, axis=0) + draws.integers(-9, 9, (40, 12, 12, 3)), 0, 255)
    things = np.repeat(np.arange(8), 5).astype(np.float32)[:, None]
    frame = pd.DataFrame(index=range(40))
    rows = Samples(frame, {"tile": images.astype(np.uint8)}, things, np.ones(40, np.float32))
    metric = MeanAveragePrecisionAtCutoff(cutoff=4)
    scores = {}
    for kind in (RandomEmbedding, RawSimilarity, ColourHistogram):
        outputs = kind().predict(rows, rows.inputs())
        scores[kind] = metric.score(*SimilarityRanking().judged(things, outputs))
    assert scores[RandomEmbedding] < 0.3
    assert scores[RawSimilarity] > 0.9
    assert scores[ColourHistogram] > 0.6
    shares = ColourHistogram(levels=2).predict(rows, rows.inputs())
    np.testing.assert_allclose((shares**2).sum(axis=1), 1, atol=1e-5)
    with pytest.raises(mlrecipe.MlrecipeError, match="needs a column of images"):
        ColourHistogram().predict(rows, Inputs(frame, {"vector": vectors(0, 40)}))


# The generator


def test_sites_look_different_every_time_and_places_are_their_own() -> None:
    frame = generate("archaeology", 400, 5, flawed=True).frame
    sites = frame[frame.what != "nothing"]
    counts = sites.site.value_counts()
    assert 30 <= len(counts) <= 60
    assert counts.median() >= 5
    assert (frame.what == "nothing").mean() == pytest.approx(0.25, abs=0.01)
    assert frame[frame.what == "nothing"].site.is_unique
    assert (sites.groupby("site").latitude.nunique() <= 1).all()
    assert (sites.groupby("site").date.nunique() > 1).mean() > 0.9
    assert 0 < frame.latitude.isna().mean() < 0.1
    assert frame.tile.nunique() == 400


# From end to end


def hidden_things(seed: int) -> Samples:
    """Return rows of 40 things: three columns tell them, nine louder ones tell nothing."""
    draws = np.random.default_rng(seed)
    middles = draws.normal(size=(40, 3))
    things = np.repeat(np.arange(40), 8)
    telling = middles[things] + draws.normal(0, 0.15, (320, 3))
    x = np.concatenate([telling, draws.normal(0, 2, (320, 9))], axis=1).astype(np.float32)
    frame = pd.DataFrame({"site": things})
    return Samples(frame, {"vector": x}, things[:, None].astype("f4"), np.ones(320, np.float32))


@pytest.mark.slow
@pytest.mark.parametrize("objective", [SupervisedContrastive(), Triplet()])
def test_it_learns_what_tells_things_apart_that_it_never_saw(objective: Any) -> None:
    """B3, B4: what is learnt of some things holds for others; the raw inputs do not tell them."""
    from mlrecipe.components.architecture.metric_learning import MetricLearning
    from mlrecipe.components.training.standard import Standard
    from mlrecipe.interfaces import TensorSpec
    from mlrecipe.training.fitting import Fitter

    rows, others, task = hidden_things(0), hidden_things(1), SimilarityRanking()
    spec = TensorSpec(name="vector", kind="vector", dtype="float32", shape=(12,))
    training = Standard(epochs=30, batch_size=64, learning_rate=0.003)
    network = MetricLearning(blocks=1, filters=8, dimensions=8)
    fitter = Fitter(task, network, objective, training, CODEC, 0)
    _, answer = fitter.fit(rows, (spec,), (), others, seed=0)
    outputs = answer(others.x)
    np.testing.assert_allclose(np.linalg.norm(outputs, axis=1), 1, atol=1e-4)
    metric = MeanAveragePrecisionAtCutoff()
    raw = RawSimilarity().predict(rows, others.inputs())
    learnt = metric.score(*task.judged(others.y, outputs))
    assert learnt > 2.5 * metric.score(*task.judged(others.y, raw))


SMALL = ("source.rows=240", "training.epochs=1", "architecture.blocks=1", "architecture.filters=8")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Any:
    waived = "workflow.waive.no-statistical-power=a test"
    folder = tmp_path_factory.mktemp("similarity") / "run"
    return mlrecipe.run("recipe=archaeology", *SMALL, waived, path=folder)


@pytest.mark.slow
def test_no_site_lies_on_both_sides_of_a_split(run: Any) -> None:
    """P1, F2: left open, the target is the group; the choice is told with its reason."""
    from mlrecipe.files import read_json

    development = pd.read_parquet(run.artifact("collect", "development.parquet"))
    sealed = run.artifact("collect", "test.sealed").read_bytes()
    (run.path / "opened.parquet").write_bytes(sealed)
    test = pd.read_parquet(run.path / "opened.parquet")
    assert not set(development.site) & set(test.site)
    with np.load(run.artifact("protocol", "splits.npz")) as splits:
        train, valid = (set(development.site.iloc[splits[n]]) for n in ("train_0", "valid_0"))
    assert not train & valid
    (choice,) = read_json(run.artifact("collect", "choices.json"))["problem.grouped_by"]
    assert choice["name"] == "site"
    assert "never saw" in choice["reason"]
    assert "known-rows-shipped" in {finding.code for _, finding in run.findings()}


@pytest.mark.slow
def test_known_sites_by_predict_and_on_a_map(run: Any, tmp_path: Path, capsys: Any) -> None:
    """D3: a folder of tiles in, the nearest sites and a page with their places out."""
    from mlrecipe.cli import main

    frame = generate("archaeology", 30, 8, flawed=True).frame
    tiles = tmp_path / "tiles"
    tiles.mkdir()
    for number, tile in enumerate(frame.tile[:3]):
        (tiles / f"<{number}>.jpg").write_bytes(tile)
    out, page = tmp_path / "answers.csv", tmp_path / "map.html"
    words = ["predict", str(run.path), "--data", str(tiles), "--out", str(out), "--top", "4"]
    assert main([*words, "--map", str(page)]) == 0
    answers = pd.read_csv(out)
    known = pd.read_parquet(run.artifact("collect", "development.parquet"))
    assert answers.file.tolist() == ["<0>.jpg", "<1>.jpg", "<2>.jpg"]
    for prediction, text in zip(answers.prediction, answers.nearest, strict=True):
        nearest = json.loads(text)
        assert nearest[0]["site"] == prediction
        assert len({near["site"] for near in nearest}) == 4
        cosines = [near["similarity"] for near in nearest]
        assert cosines == sorted(cosines, reverse=True)
        assert {near["site"] for near in nearest} <= set(known.site)
    html = page.read_text(encoding="utf-8")
    assert html.count('<svg class="map"') == 3
    assert "&lt;0&gt;.jpg" in html
    assert "<0>" not in html
    assert not [word for word in ("http://", "https://", 'src="/') if word in html]
    assert main([*words, "--map", str(tmp_path / "map.png")]) == 1
    assert "--map" in capsys.readouterr().err


@pytest.mark.slow
def test_known_sites_by_the_server(run: Any) -> None:
    """D1: the same answers over HTTP, and the page with the map; its errors are for people."""
    from starlette.testclient import TestClient

    from mlrecipe.files import read_json
    from mlrecipe.serving.app import make_app

    bundle = mlrecipe.load(run.path)
    client = TestClient(make_app(bundle, "sites"))
    body = {"instances": read_json(bundle.path / "examples.json")[:2], "top": 3}
    found = client.post("/v1/models/sites:predict", json=body).json()["predictions"]
    assert [len(answer["nearest"]) for answer in found] == [3, 3]
    assert {"site", "what", "latitude", "longitude", "date", "sensor", "similarity"} == set(
        found[0]["nearest"][0]
    )
    drawn = client.post("/v1/models/sites:map", json=body)
    assert drawn.headers["content-type"].startswith("text/html")
    assert all(near["site"] in drawn.text for near in found[0]["nearest"])
    wrong = client.post("/v1/models/sites:map", json={"instances": [{"tile": 3}]})
    assert wrong.status_code == 400
    assert "tile is 3, no file" in wrong.json()["error"]
    assert '":map"' in client.get("/").text


@pytest.mark.slow
def test_known_rows_without_a_place_have_no_map(run: Any) -> None:
    from mlrecipe.reports.answer_map import answers_page

    bundle = mlrecipe.load(run.path)
    gallery = Gallery([{"site": "a"}], vectors(0, 1))
    with pytest.raises(mlrecipe.MlrecipeError, match="no latitude and longitude"):
        answers_page(bundle.manifest, gallery, [], [], [])
    with pytest.raises(mlrecipe.MlrecipeError, match="point at no known rows"):
        answers_page(bundle.manifest, None, [], [], [])


@pytest.mark.slow
def test_the_recipe_beats_pixels_and_colours_by_far(tmp_path: Path) -> None:
    """F2, B2: on half of the rows, a small network finds at least twice as much."""
    from mlrecipe.files import read_json

    words = ("recipe=archaeology", "source.rows=800", "workflow.until=power")
    run = mlrecipe.run(*words, path=tmp_path / "run")
    power = read_json(run.artifact("power", "power.json"))
    baselines = read_json(run.artifact("baseline", "baselines.json"))["baselines"]
    name = "mean_average_precision_at_cutoff"
    assert power["beats_all"]
    assert power["scores"][name]["mean"] > 1.5 * max(b["scores"][name]["mean"] for b in baselines)


def omniglot(folder: Path) -> Path:
    """Make a folder laid out as Omniglot is: ALPHABET/characterNN/*.png, each of few strokes."""
    from PIL import Image, ImageDraw

    draws = np.random.default_rng(0)
    for alphabet, character in itertools.product(range(4), range(3)):
        place = folder / "images_background" / f"Alphabet_{alphabet}" / f"character{character:02}"
        place.mkdir(parents=True)
        strokes = draws.integers(15, 90, (4, 4))
        for number in range(4):
            image = Image.new("L", (105, 105), 255)
            for stroke in strokes:
                ImageDraw.Draw(image).line((stroke + draws.integers(-4, 5, 4)).tolist(), 0, 3)
            image.save(place / f"{alphabet}{character}_{number}.png")
    return folder / "images_background"


def test_omniglot_by_the_overrides_of_the_header(tmp_path: Path) -> None:
    """S2, F2: the header's words read nested folders; alphabets stay on one side."""
    header = (Path(__file__).parent.parent / "recipes/archaeology.yaml").read_text("utf-8")
    lines = header.split("Omniglot (")[1].split("defaults:")[0].replace("#", " ").split()
    words = [w.strip("'") for w in lines if "=" in w and w != "recipe=archaeology"]
    assert "source.path=images_background" in words
    place = f"={omniglot(tmp_path)}"
    words = [word.replace("=images_background", place) for word in words]
    run = mlrecipe.run("recipe=archaeology", *words, "workflow.until=collect", path=tmp_path / "r")
    frame = pd.read_parquet(run.artifact("collect", "development.parquet"))
    assert frame.label.str.match(r"Alphabet_\d/character\d\d").all()
    assert (frame.label == frame.alphabet + "/" + frame.character).all()
    assert frame.alphabet.nunique() == 3  # one alphabet of four is sealed


def test_a_group_that_parts_a_thing_is_refused(tmp_path: Path) -> None:
    words = ("recipe=archaeology", "source.rows=60", "workflow.until=collect")
    with pytest.raises(mlrecipe.MlrecipeError, match=r"'sensor' parts \d+ things"):
        mlrecipe.run(*words, "problem.grouped_by=sensor", path=tmp_path / "run")


def test_too_few_folders_for_their_names(tmp_path: Path) -> None:
    from mlrecipe.components.source.images import Images

    source = Images(path=str(omniglot(tmp_path)), folders=("script", "alphabet", "character"))
    with pytest.raises(mlrecipe.MlrecipeError, match=r"2 folder\(s\) where 3 name its class"):
        source.read()
