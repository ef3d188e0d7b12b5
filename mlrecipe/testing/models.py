"""What every architecture must hold: it builds, learns, is saved, read again and answers alike."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mlrecipe.components.training.standard import Standard
from mlrecipe.data.masks import as_png
from mlrecipe.interfaces import Architecture, Network, Objective, Samples, TensorSpec
from mlrecipe.problem import Problem
from mlrecipe.registry import load_registry
from mlrecipe.training import layers, runtime

if TYPE_CHECKING:
    import keras

ROWS = 48

SPECS = {
    "vector": TensorSpec(name="vector", kind="vector", dtype="float32", shape=(5,)),
    "tokens": TensorSpec(name="text", kind="tokens", dtype="int32", shape=(12,), sizes=(30,)),
    "codes": TensorSpec(name="codes", kind="codes", dtype="int32", shape=(2,), sizes=(5, 7)),
    "image": TensorSpec(name="image", kind="image", dtype="uint8", shape=(20, 16, 3)),
    "signal": TensorSpec(name="signal", kind="signal", dtype="float32", shape=(24, 2)),
}
"""One input of every kind, for architectures that accept it."""


def _boxes() -> list[str]:
    """Return a box or two an image, as JSON text of shares of the image."""
    one, other = ["a", 0.1, 0.1, 0.4, 0.5], ["b", 0.5, 0.4, 0.9, 0.8]
    return [json.dumps([one, other] if row % 2 else [other]) for row in range(ROWS)]


def _masks() -> list[bytes]:
    """Return masks of three classes as PNG files, of the size of the images."""
    mask = np.arange(20 * 16, dtype=np.uint8).reshape(20, 16)
    return [as_png((mask + row) // 40 % 3) for row in range(ROWS)]


EXAMPLES: dict[str, Callable[[], list[Any]]] = {"detection": _boxes, "segmentation": _masks}
"""Name of the task -> the target column, where it is no plain one."""


def targets_of(task: str) -> pd.DataFrame:
    """Return a target column (rows, 1) that suits a task; rows alternate, so each can be learnt."""
    numbers = np.arange(ROWS)
    if task in EXAMPLES:
        return pd.DataFrame({"y": EXAMPLES[task]()})
    found: dict[str, Any] = {
        "binary": np.where(numbers % 2, "yes", "no"),
        "multiclass": np.array(["a", "b", "c"])[numbers % 3],
        "multilabel": np.array(["a|b", "b", "c|a", ""])[numbers % 4],
        "scalar_regression": numbers / 7,
        "vector_regression": numbers / 7,
        "similarity_ranking": np.array(["a", "b", "c", "d"])[numbers % 4],
        "clustering": numbers,
        "recommendation": [["p", "q", "r"] if n % 2 else ["s", "t", "p"] for n in numbers],
    }
    return pd.DataFrame({"y": found[task]})


def features_of(task: str) -> tuple[str, ...]:
    """Return names of the columns of the tensor "vector", such as a task reads them."""
    if task == "recommendation":
        return ("history has q", "history has p", "history has u", "history has t", "age")
    return tuple(f"feature_{i}" for i in range(SPECS["vector"].shape[0]))


def fresh_model(
    network: Network,
    objective: Objective,
    specs: tuple[TensorSpec, ...],
    outputs: int,
    policy: str = "float32",
) -> keras.Model:
    """Return a network with so many outputs a row, as a task would build it; see `build_model`."""
    from mlrecipe.components.task.regression import VectorRegression
    from mlrecipe.preparation.target_codec import TargetCodec
    from mlrecipe.training.network import build_model

    codec = TargetCodec(columns=tuple(f"y{i}" for i in range(outputs)))
    return build_model(network, objective, specs, VectorRegression(), codec, 0, policy)


def check_architecture(architecture: Architecture, tasks: tuple[str, ...] = ()) -> None:
    """Hold an architecture against what is asked of one.

    For every kind of input that it accepts: sizes grow; two epochs change the weights and give the
    same outputs a second time; the model is written and read again, and answers alike.

    Args:
        architecture: what is held.
        tasks: names of tasks to try; by default its own, or a binary one and a regression.
    """
    runtime.start()
    layers.register()
    tasks = tasks or tuple(sorted(architecture.tasks)) or ("binary", "scalar_regression")
    kinds = [kind for kind in SPECS if kind in architecture.accepts]
    inputs: list[tuple[TensorSpec, ...]] = [(SPECS[kind],) for kind in kinds]
    if "mixed" in architecture.accepts:
        inputs.append(tuple(SPECS[kind] for kind in kinds or SPECS))
    assert inputs, f"accepts names none of {', '.join([*SPECS, 'mixed'])}"
    for specs in inputs:
        _learns(architecture, specs, tasks[0])
    for task in tasks[1:]:
        _learns(architecture, inputs[0], task)
    _grows(architecture, inputs[0], tasks[0])


def example(specs: tuple[TensorSpec, ...], task: str) -> tuple[Any, Any, Samples]:
    """Return a task, its codec, and rows of random inputs with targets that suit it."""
    kind = load_registry().find("task", task)
    component: Any = kind()
    frame = targets_of(task)
    codec = component.fit_target(frame, Problem(question="?", target=("y",)))
    draws = np.random.default_rng(3)
    x = {spec.name: _values(spec, draws) for spec in specs}
    y = component.encode(frame, codec)
    return component, codec, Samples(frame, x, y, np.ones(ROWS, np.float32))


def _values(spec: TensorSpec, draws: np.random.Generator) -> Any:
    shape = (ROWS, *spec.shape)
    if spec.dtype == "float32":
        return draws.normal(size=shape).astype(np.float32)
    if spec.dtype == "uint8":
        return draws.integers(0, 256, shape, np.uint8)
    most = np.resize(spec.sizes, spec.shape)
    return (draws.random(shape) * most).astype(np.int32)


def _fit(architecture: Architecture, specs: tuple[TensorSpec, ...], task: str) -> Any:
    """Return the model of two epochs, and what it answers."""
    from mlrecipe.training.fitting import Fitter

    component, codec, rows = example(specs, task)
    objective: Any = load_registry().find("objective", component.objectives[0])
    fitter = Fitter(component, architecture, objective(), Standard(epochs=2), codec, seed=1)
    features = features_of(task)
    fitted, answer = fitter.fit(rows, specs, features, rows, seed=2)
    outputs = answer(rows.x)
    assert outputs.dtype == np.float32, f"outputs are {outputs.dtype}"
    assert len(outputs) == ROWS, f"{len(outputs)} outputs for {ROWS} rows"
    assert np.isfinite(outputs).all(), "outputs are not all finite"
    again = fitter.fit(rows, specs, features, None, fitted.found, seed=2)[0]
    assert set(again.found) <= set(fitted.found) or not fitted.found
    fitter.finish(fitted)
    return fitted.model, outputs


def _learns(architecture: Architecture, specs: tuple[TensorSpec, ...], task: str) -> None:
    import keras

    from mlrecipe.training.fitting import answering

    first, outputs = _fit(architecture, specs, task)
    _, again = _fit(architecture, specs, task)
    np.testing.assert_array_equal(again, outputs, "the same seed gives another model")
    _, _, rows = example(specs, task)
    ours = answering(first)(rows.x)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        first.save(path)
        read = keras.saving.load_model(path, compile=False, safe_mode=True)
    np.testing.assert_allclose(answering(read)(rows.x), ours, atol=1e-6, err_msg="read again")


def _grows(architecture: Architecture, specs: tuple[TensorSpec, ...], task: str) -> None:
    from mlrecipe.training.network import build_model

    sizes = list(architecture.sizes())
    assert sizes, "sizes() yields nothing"
    if not isinstance(architecture, Network):
        return
    component, codec, _ = example(specs, task)
    objective: Any = load_registry().find("objective", component.objectives[0])
    counts = [
        build_model(size, objective(), specs, component, codec, 0).count_params()
        for size in sizes[:3]
        if isinstance(size, Network)
    ]
    assert counts == sorted(counts), "sizes() do not grow"


def saved_models(architectures: list[Any], folder: Path) -> dict[str, Any]:
    """Fit each architecture to its example and write the models; return name -> its outputs."""
    from mlrecipe.training.fitting import answering

    found = {}
    for architecture in architectures:
        specs, task = _first(architecture)
        model, _ = _fit(architecture, specs, task)
        model.save(folder / f"{architecture.name}.keras")
        _, _, rows = example(specs, task)
        arrays: dict[str, Any] = dict(rows.x)
        np.savez(folder / f"{architecture.name}.npz", **arrays)
        found[architecture.name] = answering(model)(rows.x)
    return found


def read_models(folder: str) -> None:
    """Read every model of a folder and write what it answers beside it."""
    runtime.start()
    layers.register()
    import keras

    from mlrecipe.training.fitting import answering

    for path in sorted(Path(folder).glob("*.keras")):
        model = keras.saving.load_model(path, compile=False, safe_mode=True)
        with np.load(path.with_suffix(".npz"), allow_pickle=False) as arrays:
            np.save(path.with_suffix(".npy"), answering(model)(dict(arrays)))


def _first(architecture: Architecture) -> tuple[tuple[TensorSpec, ...], str]:
    """Return the first inputs that an architecture accepts, and the first of its tasks."""
    kinds = [kind for kind in SPECS if kind in architecture.accepts]
    specs = (SPECS[kinds[0]],) if kinds else tuple(SPECS.values())
    return specs, (sorted(architecture.tasks) or ["binary"])[0]
