"""Texts and signals: networks that read them in order, linear models on words and characters."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mlrecipe.components.architecture.recurrent import Recurrent
from mlrecipe.components.architecture.signal_convnet import SignalConvnet
from mlrecipe.components.architecture.transformer import Transformer
from mlrecipe.components.compression.litert import to_litert
from mlrecipe.components.objective.table import SigmoidBinaryCrossentropy
from mlrecipe.components.training.standard import Standard
from mlrecipe.interfaces import Network, TensorSpec

LENGTH, WORDS = 10, 12
TOKENS = TensorSpec(name="t", kind="tokens", dtype="int32", shape=(LENGTH,), sizes=(WORDS,))
SIGNAL = TensorSpec(name="t", kind="signal", dtype="float32", shape=(LENGTH, 1))


def sequences(kind: str, rows: int) -> tuple[Any, Any]:
    """Return sequences whose class is the order of two things that each of them has."""
    draws = np.random.default_rng(0)
    x = draws.integers(4, WORDS, (rows, LENGTH)).astype(np.int32)
    lengths = draws.integers(5, LENGTH + 1, rows)
    x[np.arange(LENGTH) >= lengths[:, None]] = 0
    first = (draws.random(rows) * (lengths - 1)).astype(int)
    second = first + 1 + (draws.random(rows) * (lengths - 1 - first)).astype(int)
    y = draws.random(rows) < 0.5
    x[np.arange(rows), first] = np.where(y, 2, 3)
    x[np.arange(rows), second] = np.where(y, 3, 2)
    if kind == "signal":
        marks = {2: 2.0, 3: -2.0}
        values = np.vectorize(lambda v: marks.get(v, 0.0))(x)
        x = (values + draws.normal(0, 0.2, x.shape))[..., None].astype(np.float32)
    return {"t": x}, y[:, None].astype(np.float32)


def trained(network: Network, spec: TensorSpec, x: Any, y: Any, epochs: int) -> Any:
    from mlrecipe.components.task.binary import Binary
    from mlrecipe.preparation.target_codec import TargetCodec
    from mlrecipe.training import runtime
    from mlrecipe.training.network import build_model
    from mlrecipe.training.trainer import Trainer

    runtime.start()
    objective = SigmoidBinaryCrossentropy()
    codec = TargetCodec(columns=("y",), labels=("no", "yes"))
    model = build_model(network, objective, (spec,), Binary(), codec, 1)
    training = Standard(learning_rate=5e-3, batch_size=64, epochs=epochs)
    trainer = Trainer(model, objective, training, y.shape[1:], codec.labels)
    trainer.fit(x, y, seed=1)
    return trainer


def litert_answers(model: Any, x: Any) -> Any:
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=to_litert(model))
    given = interpreter.get_input_details()[0]["index"]
    interpreter.resize_tensor_input(given, x.shape)
    interpreter.allocate_tensors()
    interpreter.set_tensor(given, x)
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"])


NETWORKS = [
    (Recurrent(embedding=8, units=12), "tokens"),
    (Recurrent(embedding=8, units=12, cell="lstm", bidirectional=False), "tokens"),
    (Transformer(blocks=1, units=16, dropout=0.0), "tokens"),
    (Recurrent(embedding=8, units=12), "signal"),
    (Transformer(blocks=1, units=16, dropout=0.0), "signal"),
    (SignalConvnet(blocks=2, filters=12), "signal"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("network", "kind"), NETWORKS)
def test_order_is_learnt_and_shipped(network: Network, kind: str) -> None:
    """B3, D2: what a bag of the same things cannot tell; LiteRT answers alike, all rows at once."""
    spec = TOKENS if kind == "tokens" else SIGNAL
    x, y = sequences(kind, 1400)
    trainer = trained(network, spec, {"t": x["t"][:1000]}, y[:1000], 25)
    others = {"t": x["t"][1000:].copy()}
    answers = trainer.predict(others)
    assert ((answers > 0.5) == y[1000:]).mean() > 0.85
    others["t"][0] = 0  # a text without any token
    answers = trainer.predict(others)
    assert np.isfinite(answers).all()
    np.testing.assert_allclose(litert_answers(trainer.model, others["t"]), answers, atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_padding_leaves_the_state_as_it_is(cell: str) -> None:
    """B3: a text answers alike, however far it is padded."""
    from mlrecipe.training import runtime

    runtime.start()
    from mlrecipe.training.recurrence import Recurrence

    draws = np.random.default_rng(1)
    steps = draws.normal(size=(3, 6, 4)).astype(np.float32)
    there = np.ones((3, 6, 1), np.float32)
    padded = np.concatenate([steps, draws.normal(size=(3, 4, 4)).astype(np.float32)], axis=1)
    there_padded = np.concatenate([there, np.zeros((3, 4, 1), np.float32)], axis=1)
    for backwards in (False, True):
        short, long = Recurrence(5, cell, backwards), Recurrence(5, cell, backwards)
        found = short([steps, there])
        long.build([padded.shape, there_padded.shape])
        long.set_weights(short.get_weights())
        # The state starts at 0, and so does the search for its largest value, with or without.
        np.testing.assert_allclose(long([padded, there_padded])[:, :5], found[:, :5], atol=1e-6)


@pytest.mark.slow
def test_gru_is_that_of_keras() -> None:
    """B3: the same weights give the state of Keras's GRU and LSTM, whose code is another."""
    from mlrecipe.training import runtime

    runtime.start()
    import keras

    from mlrecipe.training.recurrence import Recurrence

    steps = np.random.default_rng(2).normal(size=(3, 7, 4)).astype(np.float32)
    own = Recurrence(5, "gru")
    found = own([steps])[:, :5]
    theirs = keras.layers.GRU(5, reset_after=False)
    theirs.build(steps.shape)
    theirs.set_weights(own.get_weights())
    np.testing.assert_allclose(theirs(steps), found, atol=1e-6)
