"""Backbones of keras.applications, without a network to fetch their weights from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mlrecipe
from mlrecipe.components.architecture.pretrained import SMALLEST_SIDE, Pretrained
from mlrecipe.interfaces import TensorSpec

SMALL = TensorSpec(name="image", kind="image", dtype="uint8", shape=(40, 50, 1))


@pytest.fixture(scope="module")
def keras() -> Any:
    from mlrecipe.training import runtime

    runtime.start()
    import keras

    return keras


def built(keras: Any, architecture: Pretrained, spec: TensorSpec = SMALL) -> Any:
    inputs = keras.Input(spec.shape, dtype=spec.dtype, name=spec.name)
    return keras.Model(inputs, architecture.build(inputs, spec))


def test_weights_that_cannot_be_fetched(keras: Any, monkeypatch: Any) -> None:
    """B3: offline, the run ends at once, and says what to do."""

    def offline(*_: Any, **__: Any) -> None:
        raise Exception("URL fetch failure on https://example.org: None -- no such host")

    monkeypatch.setattr("keras.src.applications.mobilenet_v3.file_utils.get_file", offline)
    with pytest.raises(mlrecipe.MlrecipeError, match="MobileNetV3Small cannot be had") as caught:
        Pretrained().resolve(None)  # type: ignore[arg-type]
    said = str(caught.value)
    assert "no such host" in said
    assert "architecture.weights=FILE" in said
    assert "architecture=convnet" in said


def test_a_file_of_weights_that_is_not_there() -> None:
    with pytest.raises(mlrecipe.MlrecipeError, match=r"no file of weights 'mine\.h5'"):
        Pretrained(weights="mine.h5").resolve(None)  # type: ignore[arg-type]


@pytest.mark.slow
def test_weights_of_a_file_stay_as_they_are(keras: Any, tmp_path: Path) -> None:
    """B3: a file serves without a network; frozen, only the new layers are trained."""
    file = tmp_path / "mine.weights.h5"
    source = keras.applications.MobileNetV3Small(
        include_top=False, pooling="avg", weights=None, input_shape=(None, None, 3)
    )
    source.save_weights(file)
    architecture = Pretrained(weights=str(file), units=8)
    architecture.resolve(None)  # type: ignore[arg-type]
    model = built(keras, architecture)
    assert [layer.name for layer in model.layers if layer.trainable_variables] == ["dense"]
    expected = {v.path: v for v in source.variables}
    kept = [v for v in model.variables if v.path in expected]
    assert len(kept) == len(expected)
    for variable in kept:
        np.testing.assert_array_equal(variable, expected[variable.path])
    tuned = built(keras, architecture.model_copy(update={"fine_tune": True}))
    assert len(tuned.trainable_variables) > 100
    with pytest.raises(mlrecipe.MlrecipeError, match="holds no weights for MobileNetV2"):
        Pretrained(backbone="MobileNetV2", weights=str(file)).resolve(None)  # type: ignore[arg-type]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("backbone", "low", "high"), [("MobileNetV3Small", 0, 255), ("MobileNetV2", -1, 1)]
)
def test_each_backbone_reads_the_pixels_that_it_was_trained_on(
    keras: Any, backbone: Any, low: float, high: float
) -> None:
    """P1: rescaling, grey to three channels and enlarging lie inside the model."""
    model = built(keras, Pretrained(backbone=backbone, weights="none", units=8))
    first = next(layer for layer in model.layers if isinstance(layer, keras.layers.Conv2D))
    before = first.input
    if backbone == "MobileNetV3Small":  # has a rescaling of its own
        own = [layer for layer in model.layers if isinstance(layer, keras.layers.Rescaling)][-1]
        before = own.input
    seen = keras.Model(model.input, before)(
        {"image": np.array([0, 255], np.uint8)[:, None, None, None] * np.ones((1, 40, 50, 1), "u1")}
        if isinstance(model.input, dict)
        else np.array([0, 255], np.uint8)[:, None, None, None] * np.ones((1, 40, 50, 1), "u1")
    )
    assert seen.shape[-1] == 3
    assert min(seen.shape[1:3]) >= SMALLEST_SIDE
    middle = np.asarray(seen)[:, 20, 20]
    np.testing.assert_allclose(middle, [[low] * 3, [high] * 3], atol=1e-4)
