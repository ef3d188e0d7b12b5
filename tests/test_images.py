"""Models that read images: through all twelve steps, and answering alike everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

import mlrecipe
from mlrecipe.bundle.litert import Runtime
from mlrecipe.components.architecture.auto import Auto
from mlrecipe.components.architecture.convnet import ConvNet
from mlrecipe.components.architecture.mixed import Mixed
from mlrecipe.components.baseline.linear import coarse
from mlrecipe.components.compression.none import NoCompression
from mlrecipe.components.compression.pruning import Pruning
from mlrecipe.components.metric.classification import Accuracy
from mlrecipe.data.table_schema import Column, TableSchema
from mlrecipe.files import read_json
from mlrecipe.interfaces import Facts, Objective, TensorSpec
from mlrecipe.problem import Problem
from mlrecipe.run_folder import Run
from mlrecipe.serving.app import make_app


def test_a_linear_model_reads_means_of_blocks_of_large_images() -> None:
    draws = np.random.default_rng(0).integers(0, 256, (3, 66, 128, 3), dtype=np.uint8)
    found = coarse(draws)
    assert found.shape == (3, 16, 32, 3)
    np.testing.assert_allclose(found[1, 2, 3], draws[1, 8:12, 12:16].mean(axis=(0, 1)), rtol=1e-5)
    small = draws[:, :32, :32]
    assert coarse(small) is small


IMAGE = TensorSpec(name="image", kind="image", dtype="uint8", shape=(8, 8, 1))


@pytest.mark.parametrize(
    ("tensors", "name", "said"),
    [
        ({"vector"}, "blend", "table"),
        ({"image"}, "convnet", "images"),
        ({"vector", "image"}, "mixed", "image and vector"),
    ],
)
def test_architecture_follows_the_inputs(tensors: Any, name: str, said: str) -> None:
    column = Column(kind="numeric", type="number")
    schema = TableSchema(columns={"x": column}, targets=(), inputs=("x",))
    problem = Problem(question="?", target=("y",))
    (choice,) = Auto().resolve(Facts(problem, schema, 9, {}, tensors=frozenset(tensors)))
    assert choice.name == name
    assert said in choice.reason


def test_several_images_are_read_side_by_side() -> None:
    import keras

    specs = {n: IMAGE.model_copy(update={"name": n}) for n in ("front", "back")}
    inputs = {n: keras.Input(spec.shape, dtype=spec.dtype, name=n) for n, spec in specs.items()}
    architecture = ConvNet(blocks=1, filters=8)
    body = architecture.merge(inputs, specs)
    assert body.shape == (None, 16)
    assert architecture.build(inputs["front"], specs["front"]).shape == (None, 8)


def digits() -> tuple[Any, Any]:
    """Return images uint8 (rows, 8, 8, 1) and one-hot digits."""
    from sklearn.datasets import load_digits

    x, digit = load_digits(return_X_y=True)
    return (x * 15.9).astype(np.uint8).reshape(-1, 8, 8, 1), np.eye(10, dtype=np.float32)[digit]


def trained(
    architecture: Any, specs: tuple[TensorSpec, ...], x: Any, y: Any, epochs: int
) -> tuple[Any, Any, Objective]:
    from mlrecipe.components.objective.table import SoftmaxCategoricalCrossentropy
    from mlrecipe.components.training.standard import Standard
    from mlrecipe.testing.models import fresh_model
    from mlrecipe.training.trainer import Trainer

    objective = SoftmaxCategoricalCrossentropy()
    model = fresh_model(architecture, objective, specs, y.shape[1])
    trainer = Trainer(model, objective, Standard(), y.shape[1:])
    first = trainer.fit(x, y, seed=0, epochs=epochs).loss
    assert trainer.fit(x, y, seed=0, epochs=epochs).loss == first  # varied images included
    return model, trainer, objective


@pytest.mark.slow
def test_images_are_varied_in_training_alone() -> None:
    """P1: the exported model answers as if there were no augmentation, and is no larger."""
    images, y = digits()
    x = {"image": images}
    small = {"blocks": 1, "filters": 8}
    varied, trainer, objective = trained(ConvNet(**small, augment="light"), (IMAGE,), x, y, 3)
    plain, *_ = trained(ConvNet(**small), (IMAGE,), x, y, 1)
    plain.set_weights(varied.get_weights()[-len(plain.get_weights()) :])
    loss = objective.loss()
    files = [NoCompression().compress(m, x, y, loss, 64).model for m in (varied, plain)]
    assert abs(len(files[0]) - len(files[1])) < 200
    outputs = [Runtime(file).run(x) for file in files]
    np.testing.assert_allclose(outputs[0], outputs[1], atol=1e-6)
    np.testing.assert_allclose(trainer.predict(x), outputs[0], atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("separable", [True, False])
def test_convolutions_are_pruned(separable: bool) -> None:
    """O1: pruning carries a graph of layers with shortcuts over to tf_keras and back."""
    images, y = digits()
    architecture = ConvNet(blocks=1, filters=16, separable=separable, augment="light")
    model, _, objective = trained(architecture, (IMAGE,), {"image": images}, y, 8)
    variant = Pruning(sparsity=0.5, epochs=4).compress(
        model, {"image": images}, y, objective.loss(), 64
    )
    assert "50% of the weights are zero" in variant.notes
    assert Accuracy().score(y, Runtime(variant.model).run({"image": images})) > 0.9


@pytest.mark.slow
def test_mixed_inputs_are_read_together() -> None:
    """The answer needs both inputs: which half is bright, and the sign of a number."""
    draws = np.random.default_rng(0)
    half, sign = draws.integers(0, 2, 600), draws.choice([-1.0, 1.0], 600)
    images = draws.integers(0, 60, (600, 8, 8, 1)).astype(np.uint8)
    for row, side in enumerate(half):
        images[row, :, 4 * side : 4 * side + 4] += 150
    vector = (sign[:, None] + draws.normal(0, 0.1, (600, 3))).astype(np.float32)
    y = np.eye(4, dtype=np.float32)[half * 2 + (sign > 0)]
    x = {"vector": vector, "image": images}
    specs = (TensorSpec(name="vector", kind="vector", dtype="float32", shape=(3,)), IMAGE)
    model, trainer, objective = trained(Mixed(layers=1, units=64), specs, x, y, 25)
    outputs = trainer.predict(x)
    assert Accuracy().score(y, outputs) > 0.95
    exported = NoCompression().compress(model, x, y, objective.loss(), 64).model
    np.testing.assert_allclose(Runtime(exported).run(x), outputs, atol=1e-5)


@pytest.fixture(scope="module")
def run_of_images(tmp_path_factory: pytest.TempPathFactory, quick: tuple[str, ...]) -> Run:
    """A run on 300 small images of digits through all steps. Read it, do not change it."""
    import os

    folder = tmp_path_factory.mktemp("images")
    os.environ["MLRECIPE_HOME"] = str(folder / "home")
    images, y = digits()
    np.savez(folder / "digits.npz", x=images[:300, :, :, 0], y=y[:300].argmax(axis=1))
    return mlrecipe.run(
        "source=arrays",
        f"source.path={folder / 'digits.npz'}",
        "source.array=x",
        "source.labels=y",
        "problem.question='Which digit is it?'",
        "problem.target=[label]",
        "problem.subject=things",
        "compression=[int8,pruning]",
        *[item for item in quick if not item.startswith("compression")],
        path=folder / "run",
    )


@pytest.mark.slow
def test_images_from_file_to_bundle(run_of_images: Run) -> None:
    """P4: LiteRT, SavedModel and server answer files of images as training did."""
    assert read_json(run_of_images.artifact("collect", "components.json"))["architecture"]
    parity = read_json(run_of_images.artifact("ship", "parity.json"))
    assert set(parity["differences"]) >= {"litert", "saved_model", "server"}
    assert max(parity["differences"].values()) < 1e-4


@pytest.mark.slow
def test_a_compression_that_cannot_be_made_ends_no_run() -> None:
    """O2: the variant is left out with its reason; that is a warning when it was the only one."""
    import keras

    from mlrecipe.components.compression.int8 import Int8
    from mlrecipe.steps.optimize import make_variants

    inputs = keras.Input((4,), name="vector")
    outputs = keras.layers.Dense(1, activation="hard_sigmoid")(inputs)
    model = keras.Model({"vector": inputs}, outputs)
    x, y = {"vector": np.zeros((8, 4), dtype=np.float32)}, np.zeros((8, 1), dtype=np.float32)

    def loss(truth: Any, outputs: Any) -> Any:
        return (truth - outputs)[:, 0] ** 2

    made, not_made = make_variants([Pruning(), Int8()], model, x, y, loss, 8)
    assert [variant.name for variant in made] == ["float32", "int8"]
    assert "hard_sigmoid cannot be carried over" in not_made["pruning"]


@pytest.mark.slow
def test_a_served_bundle_takes_files(run_of_images: Run) -> None:
    """D1: examples of the bundle are requests; the page has a field for a file."""
    bundle = mlrecipe.load(run_of_images.path)
    client = TestClient(make_app(bundle, "digits"))
    rows = read_json(bundle.path / "examples.json")
    assert set(rows[0]["image"]) == {"b64"}
    answers = client.post("/v1/models/digits:predict", json={"instances": rows}).json()
    assert len(answers["predictions"]) == 3
    refused = client.post(
        "/v1/models/digits:predict", json={"instances": [{"image": {"b64": "AAAA"}}]}
    )
    assert refused.status_code == 400
    assert "no image" in refused.json()["error"]
    page = client.get("/").text
    assert 'type="file"' in page
    assert rows[0]["image"]["b64"][:30] in page


@pytest.mark.slow
def test_a_folder_of_images_is_answered(run_of_images: Run, tmp_path: Path) -> None:
    import pandas as pd

    from mlrecipe.cli import main
    from mlrecipe.data.pictures import as_png

    images, _ = digits()
    (tmp_path / "new").mkdir()
    for number, image in enumerate(images[:5]):
        (tmp_path / "new" / f"{number}.png").write_bytes(as_png(image))
    out = tmp_path / "answers.csv"
    arguments = ["predict", str(run_of_images.path), "--data", str(tmp_path / "new")]
    assert main([*arguments, "--out", str(out)]) == 0
    answers = pd.read_csv(out)
    assert answers["file"].tolist() == [f"{number}.png" for number in range(5)]
    assert "prediction" in answers
