"""Texts and signals: networks that read them in order, linear models on words and characters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mlrecipe
from mlrecipe.components.architecture.penalized_linear import PenalizedLinear
from mlrecipe.components.architecture.recurrent import Recurrent
from mlrecipe.components.architecture.signal_convnet import SignalConvnet
from mlrecipe.components.architecture.transformer import Transformer
from mlrecipe.components.baseline.tfidf_linear import TfidfLinear
from mlrecipe.components.compression.litert import to_litert
from mlrecipe.components.objective.table import SigmoidBinaryCrossentropy
from mlrecipe.components.preprocessing.by_kind import ByKind
from mlrecipe.components.source.text_folder import TextFolder
from mlrecipe.components.training.standard import Standard
from mlrecipe.data.table import Table
from mlrecipe.data.table_schema import Column, TableSchema
from mlrecipe.files import read_json
from mlrecipe.generators import generate
from mlrecipe.interfaces import Assignment, Facts, Inputs, Network, Samples, TensorSpec
from mlrecipe.preparation.kinds.text import Text
from mlrecipe.preparation.kinds.text_choices import settled
from mlrecipe.problem import Problem
from mlrecipe.registry import load_registry

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


def messages(rows: int) -> pd.DataFrame:
    return generate("chat_spam", rows, 0, flawed=True).frame


def text_schema(column: str, target: str) -> TableSchema:
    columns = {
        column: Column(kind="text", type="string"),
        target: Column(kind="target", type="string"),
    }
    return TableSchema(columns=columns, targets=(target,), inputs=(column,))


def test_words_and_characters_stand_side_by_side() -> None:
    """P1: both views of a text, each as it is alone; names tell a part of words from a word."""
    frame = messages(200)
    schema = text_schema("message", "label")
    settings = {"encode": "tf_idf", "most_tokens": 300}
    apart = []
    for tokens in ("words", "characters"):
        alone = ByKind(text=Text(tokens=tokens, **settings)).fit(Table(frame), schema)
        apart.append(alone.transform(frame)["vector"])
    both = ByKind(text=Text(tokens="words_and_characters", **settings)).fit(Table(frame), schema)
    np.testing.assert_array_equal(both.transform(frame)["vector"], np.concatenate(apart, axis=1))
    names = both.feature_names()
    assert len(set(names)) == len(names) == 600
    assert {"message: you", 'message: "you"'} <= set(names)


@pytest.mark.parametrize(
    ("rows", "words", "encode", "tokens"),
    [
        (4000, 16, "tf_idf", "words_and_characters"),
        (25_000, 233, "tf_idf", "words"),
        (100_000, 100, "tf_idf", "words"),
        (100_000, 12, "tokens", "words"),
    ],
)
def test_the_ratio_of_texts_to_their_length_decides(
    rows: int, words: float, encode: str, tokens: str
) -> None:
    """P1, B3: a bag of words below 1500 texts a word, their order above; the reason says so."""
    text, reason = settled(Text(), rows, {"message": words})
    assert (text.encode, text.tokens) == (encode, tokens)
    assert f"{rows / words:.0f} texts a word" in reason
    fixed = Text(encode="counts", tokens="characters")
    assert settled(fixed, rows, {"message": words})[0] == fixed


@pytest.mark.parametrize(
    "settings",
    [
        {"tokens": "words_and_characters", "ngrams": (1, 2)},
        {"tokens": "words_and_characters", "encode": "tokens"},
    ],
)
def test_both_views_have_no_order_and_no_common_ngrams(settings: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="words_and_characters"):
        Text(**settings)


def test_a_column_of_its_own_settings_leaves_what_all_texts_got() -> None:
    """P1: one column keeps its order while the others are counted in both ways."""
    frame = messages(80).assign(other=lambda f: f["message"])
    columns = {
        **text_schema("message", "label").columns,
        "other": Column(kind="text", type="string"),
    }
    schema = TableSchema(columns=columns, targets=("label",), inputs=("message", "other"))
    facts = Facts(
        Problem(question="?", target=("label",)), schema, 80, {}, words={"message": 8.0, "other": 8}
    )
    (choice,) = ByKind(columns={"other": {"encode": "tokens"}}).resolve(facts) or ()
    settled_ = ByKind(**choice.fields)
    assert settled_.text.tokens == "words_and_characters"
    assert not settled_.faults(facts.problem, schema)
    assert settled_.gives(schema) == {"vector", "tokens"}
    assert {spec.kind for spec in settled_.fit(Table(frame), schema).tensors} == {
        "vector",
        "tokens",
    }


def samples(frame: pd.DataFrame, column: str, y: Any) -> Samples:
    y = np.asarray(y, dtype=np.float32).reshape(len(frame), -1)
    return Samples(frame, {}, y, np.ones(len(frame), np.float32))


def test_tfidf_baseline_reads_raw_texts() -> None:
    """B1: TF-IDF and a linear model, for classes and for numbers."""
    frame = generate("movie_reviews", 1500, 0, flawed=False).frame
    y = (frame["sentiment"] == "positive").to_numpy(dtype=np.float32)[:, None]
    training, others = samples(frame[:1200], "review", y[:1200]), Inputs(frame[1200:], {})
    baseline = TfidfLinear(columns=("review",))
    found = baseline.predict(training, others)
    assert ((found > 0.5) == (y[1200:] > 0.5)).mean() > 0.8
    lengths = frame["review"].str.contains("two hours").to_numpy(dtype=np.float32) * 2.5 + 1
    numbers = baseline.predict(samples(frame[:1200], "review", lengths[:1200]), others)
    assert np.corrcoef(numbers[:, 0], lengths[1200:])[0, 1] > 0.9


def test_a_baseline_without_a_common_word_says_so() -> None:
    frame = pd.DataFrame({"text": [f"word{i}" for i in range(30)]})
    with pytest.raises(mlrecipe.MlrecipeError, match="'text'"):
        TfidfLinear(columns=("text",)).predict(
            samples(frame, "text", np.arange(30) % 2), Inputs(frame, {})
        )


def test_padding_is_no_token_to_the_linear_baseline() -> None:
    """B1: how often tokens occur, whatever they are padded with; codes keep their first number."""
    from mlrecipe.components.baseline.linear import matrices

    tokens = np.array([[2, 3, 2, 0], [1, 0, 0, 0]], np.int32)
    codes = np.array([[0, 1], [1, 1]], np.int32)
    x, others = matrices({"tokens_a": tokens, "codes": codes}, {"tokens_a": tokens, "codes": codes})
    np.testing.assert_array_equal(x, [[0, 2, 1, 1, 1], [1, 0, 0, 0, 2]])
    np.testing.assert_array_equal(others, x)


def linear_fit(task: str, features: int, rows: int = 300, share: float = 1.0) -> Any:
    """Return a fitted model, its training rows, and the matrix with the targets."""
    registry = load_registry()
    kind: Any = registry.find("task", task)
    component = kind()
    draws = np.random.default_rng(4)
    x = draws.normal(size=(rows, features)) * (draws.random((rows, features)) < share)
    total = x @ draws.normal(size=(features, 3))
    noisy = total + draws.normal(0, 1.0, total.shape)
    values: dict[str, Any] = {
        "binary": np.where(noisy[:, 0] > 0, "yes", "no"),
        "multiclass": np.array(["a", "b", "c"])[noisy.argmax(axis=1)],
        "scalar_regression": 50 + 10 * noisy[:, 0],
    }
    frame = pd.DataFrame({"y": values[task]})
    codec = component.fit_target(frame, Problem(question="?", target=("y",)))
    y = component.encode(frame, codec)
    objective: Any = registry.find("objective", component.objectives[0])
    spec = TensorSpec(name="vector", kind="vector", dtype="float32", shape=(features,))
    rows_of = Samples(frame, {"vector": x.astype(np.float32)}, y, np.ones(rows, np.float32))
    work = Assignment(component, objective(), Standard(), codec, (spec,), (), 0)
    return rows_of, work


@pytest.mark.slow
@pytest.mark.parametrize("share", [1.0, 0.05])
@pytest.mark.parametrize("task", ["binary", "multiclass", "scalar_regression"])
def test_penalized_linear_is_that_of_scikit_learn(task: str, share: float) -> None:
    """B3: the same answers in the target's unit, whether most features are 0 or not."""
    from sklearn.linear_model import LogisticRegression, Ridge

    from mlrecipe.training.fitting import answering

    rows, work = linear_fit(task, 20, share=share)
    fitted = PenalizedLinear(strongest=0.5 / len(rows.y), steps=1).fit(rows, None, work, {})
    answers = answering(fitted.model)(rows.x)
    x = rows.x["vector"].astype(np.float64)
    if task == "scalar_regression":
        expected = Ridge(alpha=0.5).fit(x, rows.y).predict(x)
    else:
        model = LogisticRegression(C=2.0, tol=1e-8, max_iter=5000)
        index = rows.y[:, 0] if task == "binary" else rows.y.argmax(axis=1)
        expected = model.fit(x, index).predict_proba(x)
        expected = expected[:, 1:] if task == "binary" else expected
    np.testing.assert_allclose(
        answers.reshape(len(x), -1), expected.reshape(len(x), -1), rtol=1e-4, atol=2e-3
    )


@pytest.mark.slow
def test_validation_rows_choose_the_penalty() -> None:
    """B3: noise asks for a strong penalty; the last training takes what the folds found."""
    rows, work = linear_fit("binary", 60, rows=120)
    half = np.arange(120) < 60

    def part(chosen: Any) -> Samples:
        x = {"vector": rows.x["vector"][chosen]}
        return Samples(rows.frame[chosen], x, rows.y[chosen], rows.weights[chosen])

    fitted = PenalizedLinear().fit(part(half), part(~half), work, {})
    assert fitted.val_loss[fitted.best - 1] == min(fitted.val_loss)
    assert fitted.loss == sorted(fitted.loss, reverse=True)
    penalty = fitted.found["penalty"]
    again = PenalizedLinear().fit(part(half), None, work, fitted.found)
    fixed = PenalizedLinear(strongest=penalty, steps=1).fit(part(half), None, work, {})
    np.testing.assert_allclose(
        again.model.get_weights()[0], fixed.model.get_weights()[0], atol=1e-6
    )


def review_folder(folder: Path) -> Path:
    for part in ("train", "test"):
        for label in ("pos", "neg", "unsup"):
            (folder / part / label).mkdir(parents=True)
            for i in range(2):
                text = f"{part} {label} film {i}: Café"
                (folder / part / label / f"{i}_7.txt").write_text(text, encoding="utf-8")
    (folder / "README.txt").write_text("no review")
    return folder


def test_a_folder_per_class(tmp_path: Path) -> None:
    """C1: IMDB's layout: label and part are the folders' names; what is left out stays out."""
    folder = review_folder(tmp_path / "aclImdb")
    source = TextFolder(path=str(folder), leave_out=("unsup",), chunk_rows=3)
    frame = source.read()
    assert list(frame.columns) == ["file", "text", "label", "part"]
    assert len(frame) == 8
    assert set(frame["label"]) == {"pos", "neg"}
    for row in frame.itertuples():
        assert row.text.startswith(f"{row.part} {row.label} film")
        assert row.file.startswith(f"{row.part}/{row.label}/")
    assert len(TextFolder(path=str(folder), parts=("train",)).read()) == 6
    before = source.fingerprint()
    (folder / "train" / "pos" / "0_7.txt").write_text("changed")
    assert source.fingerprint() != before


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    review_folder(tmp_path / "aclImdb")
    with pytest.raises(mlrecipe.MlrecipeError, match=r"did you mean .*aclImdb"):
        TextFolder(path=str(tmp_path / "aclImbd")).read()
    with pytest.raises(mlrecipe.MlrecipeError, match="no folder below"):
        TextFolder(path=str(tmp_path / "aclImdb"), pattern="*.html").read()
    (tmp_path / "aclImdb" / "train" / "pos" / "9_9.txt").write_bytes(b"caf\xe9")
    with pytest.raises(mlrecipe.MlrecipeError, match=r"9_9\.txt is no text in utf-8"):
        TextFolder(path=str(tmp_path / "aclImdb")).read()
    latin = TextFolder(path=str(tmp_path / "aclImdb"), encoding="latin-1").read()
    assert "café" in set(latin["text"])


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_single_words_tell_less_than_phrases(seed: int) -> None:
    """The generator of reviews: negation and concession; no method is always right."""
    frame = generate("movie_reviews", 2000, seed, flawed=False).frame
    y = (frame["sentiment"] == "positive").to_numpy()
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    shares = []
    for longest in (1, 3):
        vectorizer = TfidfVectorizer(ngram_range=(1, longest), min_df=2)
        x = vectorizer.fit_transform(frame["review"])
        model = LogisticRegression(C=10, max_iter=500).fit(x[:1500], y[:1500])
        shares.append(float((model.predict(x[1500:]) == y[1500:]).mean()))
    assert shares[0] + 0.1 < shares[1] < 0.97


@pytest.mark.slow
def test_chat_spam_ends_with_a_device_bundle(tmp_path: Path) -> None:
    """C3, D1, D2: three classes, better than the moderators' lists, and than the majority."""
    run = mlrecipe.run("recipe=chat_spam", "source.rows=1200", path=tmp_path / "run")
    test = read_json(run.artifact("finalize", "test.json"))["scores"]
    assert test["macro_f1"]["value"] > 0.75
    baselines = read_json(run.artifact("baseline", "baselines.json"))["baselines"]
    scores = {row["name"]: row["scores"]["macro_f1"]["mean"] for row in baselines}
    assert {"existing", "tfidf_linear"} <= set(scores)
    assert scores["existing"] < test["macro_f1"]["value"] < 0.98
    codes = {finding.code for _, finding in run.findings()}
    assert codes & {"not-representative", "production-differs-jointly"}  # posts are not chats
    rows = pd.read_parquet(run.artifact("collect", "development.parquet"))
    spam = rows[rows["label"] == "spam"][["message"]]
    said = mlrecipe.load(run.path).predict(spam)["prediction"]
    assert (said == "spam").mean() > 0.7


@pytest.mark.slow
def test_movie_reviews_drift(tmp_path: Path) -> None:
    """The latest years are the test; what was learnt of the years before fits them less."""
    run = mlrecipe.run("recipe=movie_reviews", "source.rows=2000", path=tmp_path / "run")
    test = read_json(run.artifact("finalize", "test.json"))["scores"]["accuracy"]["value"]
    assert 0.75 < test < 0.97
    power = read_json(run.artifact("power", "power.json"))
    assert power["beats_trivial"]
