"""Texts: the same tokens and features in every runtime, whatever a text holds."""

from __future__ import annotations

import importlib.util
import math
import random
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

from mlrecipe.components.architecture.auto import Auto
from mlrecipe.components.preprocessing.by_kind import ByKind
from mlrecipe.data.table import Table
from mlrecipe.data.table_schema import Column, TableSchema
from mlrecipe.errors import MlrecipeError
from mlrecipe.interfaces import Facts
from mlrecipe.preparation.characters import CODE_POINTS, DROPPED, OWN, PART, SEPARATES, characters
from mlrecipe.preparation.graph import GraphPreparation
from mlrecipe.preparation.kinds.text import Text
from mlrecipe.preparation.operations.subwords import Subwords
from mlrecipe.preparation.operations.text import TfIdf, TokenIds, Tokenize
from mlrecipe.preparation.preparation import VECTOR, Preparation
from mlrecipe.preparation.statistics import Chunk, gather, learn
from mlrecipe.preparation.statistics_of_text import Tokens, length_at
from mlrecipe.problem import Problem
from mlrecipe.testing.executors import Node, assert_agree

SCHEMA = TableSchema(
    columns={"a text": Column(kind="text", type="string")}, targets=(), inputs=("a text",)
)

NASTY = (
    "Straße STRASSE straẞe",
    "İstanbul ISTANBUL ıstanbul istanbul",
    "Σίσυφος ΣΊΣΥΦΟΣ ς σ",
    "e\u0301te\u0301 \u00e9t\u00e9 \u00c9T\u00c9 e\u0301\u0302\u0323",
    "👍🏽 👍 👨‍👩‍👧 ❤️ 1️⃣ 🇨🇭 £5 10€ $",
    "שָׁלוֹם עולם مَرْحَبًا \u202eabc\u202c",
    "a\0b\x1fc\x85d\u00a0e\u2028f\u3000g\u200bh\u200di\u00adj\ufeffk",
    "中文測試が가각 ภาษาไทย ｶﾞ Ａｂｃ ﬁ ① ½",
    "don't re-do U.S.A. x_y 3.14 ...!!!",
    "\ufffd \uffff \U0010ffff \ue000 \U0001fae8 𝒜𝓑 𐐀 𐐨",
    " \t\r\n ",
    "",
)

letters = st.sampled_from("abAB ßẞİıςσΣéÉ\u0301\u200d\ufe0f👍🏽👩中が£!.'\0\t\u2029שﬁ")
texts = (
    st.none()
    | st.sampled_from(NASTY)
    | st.text(letters, max_size=12)
    | st.text(max_size=12)  # hypothesis leaves lone surrogates out of it
)

kinds = st.builds(
    Text,
    encode=st.sampled_from(["tf_idf", "multi_hot", "counts", "tokens"]),
    tokens=st.sampled_from(["words", "characters"]),
    ngrams=st.sampled_from([None, (1, 1), (2, 2)]),
    lowercase=st.booleans(),
    accents=st.sampled_from(["keep", "strip"]),
    punctuation=st.sampled_from(["separates", "tokens"]),
    sublinear=st.booleans(),
    most_tokens=st.sampled_from([3, 5000]),
    min_count=st.just(1),
    most_characters=st.sampled_from([5, 20_000]),
)


def frame_of(rows: list[Any]) -> pd.DataFrame:
    return pd.DataFrame({"a text": rows}, dtype=object)


def records_of(rows: list[Any]) -> list[dict[str, Any]]:
    return [{"a text": text} for text in rows]


def tokenizer(
    *, lowercase: bool = True, accents: bool = True, punctuation: bool = False, **fields: Any
) -> Tokenize:
    table = characters(lowercase=lowercase, accents=accents, punctuation=punctuation)
    return Tokenize(characters=table, **fields)


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    process = Node()
    yield process
    process.close()


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    kind=kinds,
    training=st.lists(texts, min_size=1, max_size=8),
    served=st.lists(texts, min_size=1, max_size=6),
)
def test_same_features_in_every_runtime(
    node: Node, kind: Text, training: list[Any], served: list[Any]
) -> None:
    """P1, P4: training, server, SavedModel and browser read a text alike, whatever it holds."""
    rows = frame_of([*training, "so that there is one word"])
    preparation = ByKind(text=kind).fit(Table(rows), SCHEMA)
    found = assert_agree(preparation, frame_of(served), records_of(served), node)
    assert all(np.isfinite(values).all() for values in found.values())


@pytest.mark.parametrize("by", ["words", "characters"])
@pytest.mark.parametrize("accents", [True, False])
def test_same_tokens_in_the_same_order(by: Any, accents: bool) -> None:
    """P4: n-grams of several lengths come in one order, shortest first."""
    import tensorflow as tf

    tokenize = tokenizer(accents=accents, by=by, shortest=1, longest=3, most_characters=30)
    values = np.array(NASTY, dtype=object)[:, None]
    found = tokenize.graph()(tf.constant(values)).to_list()
    expected = tokenize.apply(values)
    assert [[token.decode() for token in row] for row in found] == expected
    assert expected[0][0] == ("straße" if by == "words" else "s")


def test_every_code_point_in_every_runtime(node: Node) -> None:
    """P4: whatever Unicode a runtime knows, the table decides on all 1.1 million code points."""
    for accents in (True, False):
        op = tokenizer(accents=accents, punctuation=True, by="characters", most_characters=10**7)
        classes, targets = op.characters.arrays()
        kept = np.isin(classes, (PART, OWN))
        codes = np.delete(np.arange(CODE_POINTS), np.s_[0xD800:0xE000])
        whole = "".join(map(chr, codes))
        assert op.tokens(whole)[:3] == ["!", '"', "#"]
        assert [t for t in op.tokens(whole) if t != " "] == list(map(chr, targets[kept]))
        block = {"columns": ("a text",), "reads": "string"}
        vocabulary = tuple(sorted(set(map(chr, targets[kept]))))
        spec = {"name": "t", "kind": "tokens", "dtype": "int32", "shape": (2_000_000,)}
        preparation = Preparation.model_validate(
            {
                "blocks": [
                    {
                        **block,
                        "tensor": "t",
                        "operations": [op, TokenIds(vocabulary=vocabulary, length=2_000_000)],
                    }
                ],
                "tensors": [spec],
            }
        )
        assert_agree(preparation, frame_of([whole]), records_of([whole]), node)


def test_table_of_characters() -> None:
    """P1: what separates, what is dropped, what stands alone; in one table."""
    classes, targets = characters(lowercase=True, accents=True, punctuation=False).arrays()
    for text, kind in (
        ("aßéΩж한7²_ा", PART),
        ("中がｶกლ"[:4] + "€$+👍©\U0001fae8", OWN),
        (" \t\n\0\x85\u00a0\u200b\u2028\u3000.!'—\ue000\uffff\ufffd", SEPARATES),
        ("\u200d\ufe0f\u00ad\ufeff\u202e🏽\U000e0067\u034f", DROPPED),
    ):
        assert {c: int(classes[ord(c)]) for c in text} == dict.fromkeys(text, kind)
    assert (classes[0xD800:0xE000] == SEPARATES).all()
    folds = dict(zip("ÉẞςİKſᏸ", "éßσİkꮿ"[:5] + "s" + "Ᏸ", strict=True))
    folds["K"] = "k"
    assert {c: chr(targets[ord(c)]) for c in folds} == folds
    stripped = characters(lowercase=True, accents=False, punctuation=False).arrays()
    bases = dict(zip("éÇİøＡ²が각ﬁ", "eciøa2が각ﬁ", strict=True))
    assert {c: chr(stripped[1][ord(c)]) for c in bases} == bases
    assert stripped[0][0x301] == DROPPED
    assert stripped[0][0x94D] == PART  # virama: without it it is another word


def test_folding_is_unicodes_simple_case_folding() -> None:
    targets = characters(lowercase=True, accents=True, punctuation=False).arrays()[1]
    for code in range(CODE_POINTS):
        full = chr(code).casefold()
        if unicodedata.category(chr(code))[0] == "L" and len(full) == 1:
            assert chr(targets[code]) == full
        assert targets[targets[code]] == targets[code]


def test_lone_surrogates_separate(node: Node) -> None:
    """P4: JSON can say half a character; it ends a word, as it does once it became U+FFFD."""
    preparation = ByKind(text=Text(min_count=1)).fit(Table(frame_of(["a b ab"])), SCHEMA)
    halves = ["a\ud83db", "a\udc4d b", "a\ufffdb"]
    expected = preparation.transform_records(records_of(halves))[VECTOR]
    np.testing.assert_array_equal(expected, np.repeat(expected[:1], 3, axis=0))
    np.testing.assert_allclose(
        node.prepare(preparation, records_of(halves))[VECTOR], expected, 1e-6
    )


def test_a_saved_graph_keeps_its_tables(tmp_path: Path) -> None:
    """P4: vocabularies travel inside the SavedModel, also one of a text that sets a tensor."""
    import tensorflow as tf

    rows = frame_of(["to be or not to be", "be quick", "or not", None])
    for encode in ("tf_idf", "multi_hot", "tokens"):
        kind = Text(encode=encode, min_count=1)  # type: ignore[arg-type]
        preparation = ByKind(text=kind).fit(Table(rows), SCHEMA)
        graph = GraphPreparation(preparation)
        signature = graph.signature({"a text": "a_text"})
        graph.serve = tf.function(graph.__call__, input_signature=[signature], autograph=False)
        tf.saved_model.save(graph, str(tmp_path / encode), signatures={"prepare": graph.serve})
        signature = tf.saved_model.load(str(tmp_path / encode)).signatures["prepare"]
        served = signature(a_text=tf.constant(["be or never", ""]))
        expected = preparation.transform(frame_of(["be or never", ""]))
        assert served.keys() == expected.keys()
        for name, values in expected.items():
            np.testing.assert_allclose(served[name].numpy(), values, 1e-6)


MESSAGES = [
    "Free entry in 2 a wkly comp to win FA Cup final tkts",
    "U dun say so early hor... U c already then say...",
    "FREE win WIN win cash £1000 now!!! call free",
    "so early in the morning, say already",
    "???",
    "win a cup in the final",
]


@pytest.mark.parametrize("sublinear", [True, False])
@pytest.mark.parametrize("tokens", ["words", "characters"])
def test_tf_idf_is_scikit_learns(tokens: Any, sublinear: bool) -> None:
    """P1: with the same tokens, the same numbers as the usual library."""
    kind = Text(tokens=tokens, sublinear=sublinear, min_count=2)
    preparation = ByKind(text=kind).fit(Table(frame_of(MESSAGES)), SCHEMA)
    theirs = TfidfVectorizer(
        analyzer=kind.tokenize().tokens, sublinear_tf=sublinear, min_df=2, dtype=np.float64
    ).fit(MESSAGES)
    last = preparation.blocks[0].operations[1]
    assert isinstance(last, TfIdf)
    order = [theirs.vocabulary_[token] for token in last.vocabulary]
    assert sorted(order) == list(range(len(theirs.vocabulary_)))
    expected = theirs.transform([*MESSAGES, "never seen"]).toarray()[:, order]
    found = preparation.transform(frame_of([*MESSAGES, "never seen"]))[VECTOR]
    np.testing.assert_allclose(found, expected, atol=1e-7)


def test_counts_are_scikit_learns() -> None:
    for encode in ("counts", "multi_hot"):
        kind = Text(encode=encode, min_count=1)  # type: ignore[arg-type]
        preparation = ByKind(text=kind).fit(Table(frame_of(MESSAGES)), SCHEMA)
        theirs = CountVectorizer(analyzer=kind.tokenize().tokens, binary=encode == "multi_hot").fit(
            MESSAGES
        )
        names = [name.removeprefix("a text: ") for name in preparation.feature_names()]
        order = [theirs.vocabulary_[token] for token in names]
        expected = theirs.transform(MESSAGES).toarray()[:, order]
        found = preparation.transform(frame_of(MESSAGES))[VECTOR]
        np.testing.assert_array_equal(found, expected)


def test_plain_english_words_are_scikit_learns() -> None:
    """The words of its default pattern, but for single letters, which stay."""
    ours = tokenizer().apply(np.array(MESSAGES, dtype=object)[:, None])
    pattern = CountVectorizer(token_pattern=r"(?u)\b\w+\b").build_analyzer()
    assert [[t for t in row if t != "£"] for row in ours] == [pattern(m) for m in MESSAGES]


def test_numbers_of_tokens_in_order() -> None:
    rows = ["b a a", "a b", "a", "c"]
    preparation = ByKind(text=Text(encode="tokens", min_count=2, length=4)).fit(
        Table(frame_of(rows)), SCHEMA
    )
    (spec,) = preparation.tensors
    assert (spec.name, spec.kind, spec.shape, spec.sizes) == ("tokens_a_text", "tokens", (4,), (4,))
    found = preparation.transform(frame_of(["b new a", "a b a b a b", None]))[spec.name]
    assert found.dtype == np.int32
    assert found.tolist() == [[3, 1, 2, 0], [2, 3, 2, 3], [0, 0, 0, 0]]


@given(
    lengths=st.dictionaries(st.integers(1, 500), st.integers(1, 50), min_size=1, max_size=20),
    share=st.floats(0.01, 1.0),
)
def test_length_rule(lengths: dict[int, int], share: float) -> None:
    """P1: the fitted length keeps the stated share of the texts whole, and no smaller one does."""
    length, rows = length_at(lengths, share), sum(lengths.values())

    def kept_whole(limit: int) -> int:
        return sum(n for size, n in lengths.items() if size <= limit)

    assert kept_whole(length) >= share * rows
    assert kept_whole(length - 1) < share * rows
    assert length in lengths


def test_lengths_have_a_maximum_and_empty_texts_do_not_count() -> None:
    rows = ["a " * n for n in (0, 0, 0, 0, 1, 2, 3, 40)]
    for share, most, expected in ((0.75, 256, 3), (1.0, 256, 40), (1.0, 10, 10)):
        kind = Text(encode="tokens", length_share=share, most_length=most)
        preparation = ByKind(text=kind).fit(Table(frame_of(rows)), SCHEMA)
        assert preparation.tensors[0].shape == (expected,)


@settings(max_examples=30, deadline=None)
@given(rows=st.lists(texts, min_size=2, max_size=12), cut=st.integers(0, 12), every=st.booleans())
def test_statistic_of_parts_is_that_of_the_whole(rows: list[Any], cut: int, every: bool) -> None:
    """P1: it does not matter who counted which rows."""
    plan = {"t": Tokens(("a text",), tokenizer(longest=2), every=every)}
    parts = [Chunk(frame_of(part), 0) for part in (rows[:cut], rows[cut:])]
    merged, whole = gather(parts, plan)["t"], learn(Chunk(frame_of(rows), 0), plan)["t"]
    assert merged == whole


def test_order_of_rows_does_not_matter() -> None:
    mixed = random.Random(0).sample(MESSAGES * 3, 18)
    for encode in ("tf_idf", "tokens"):
        component = ByKind(text=Text(encode=encode, most_tokens=20))  # type: ignore[arg-type]
        one, other = (
            component.fit(Table(frame_of(rows)), SCHEMA) for rows in (sorted(mixed), mixed)
        )
        assert one == other


def test_a_huge_text_is_cut() -> None:
    """D3: one text cannot stall a server; what follows the limit is not read."""
    kind = Text(min_count=1, most_characters=100)
    preparation = ByKind(text=kind).fit(Table(frame_of(["start", "end"])), SCHEMA)
    names = preparation.feature_names()
    found = preparation.transform(frame_of(["start " + "👍" * 10_000_000 + " end"]))[VECTOR][0]
    assert found[names.index("a text: start")] > 0
    assert found[names.index("a text: end")] == 0


def test_texts_without_a_common_word_tell_nothing() -> None:
    rows = Table(frame_of(["one", "two"]))
    with pytest.raises(MlrecipeError, match="no column tells anything") as error:
        ByKind().fit(rows, SCHEMA)
    assert "min_count" in error.value.fix
    with pytest.raises(MlrecipeError, match="no token of column 'a text'") as error:
        ByKind(text=Text(encode="tokens")).fit(rows, SCHEMA)
    assert "min_count" in error.value.where


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"ngrams": (3, 2)}, "the fewest come first"),
        ({"ngrams": (1, 2), "encode": "tokens"}, r"write \[2,2\]"),
        ({"tokens": "subword"}, "encode=tokens, not auto"),
        ({"tokens": "subword", "encode": "tokens", "ngrams": (2, 2)}, "leave ngrams out"),
    ],
)
def test_contradictory_settings(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Text(**fields)


def test_idf_by_hand() -> None:
    preparation = ByKind(text=Text(ngrams=(1, 1), min_count=1)).fit(
        Table(frame_of(["a a b", "a"])), SCHEMA
    )
    a, b = (1 + math.log(2)) * 1.0, 1.0 * (math.log(3 / 2) + 1)
    found = preparation.transform(frame_of(["a b a"]))[VECTOR][0]
    np.testing.assert_allclose(found, np.array([a, b]) / math.hypot(a, b), 1e-6)


def test_tokens_get_convolutions() -> None:
    """B3: the architecture follows from what the inputs are, with a reason."""
    problem = Problem(question="?", target=("y",))
    facts = Facts(problem, SCHEMA, 100, {}, tensors=frozenset({"tokens"}))
    (choice,) = Auto().resolve(facts)
    assert choice.name == "text_convnet"
    assert choice.reason
    assert ByKind(text=Text(encode="tokens")).gives(SCHEMA) == {"tokens"}
    assert ByKind().gives(SCHEMA) == {"vector"}


def test_subwords() -> None:
    """P1: a word that training never had is known by its parts; fitting is repeatable."""
    rows = ["low lower lowest", "new newer newest", "wide wider widest", "slow slower"] * 5
    component = ByKind(text=Text(encode="tokens", tokens="subword", most_tokens=40))
    preparation = component.fit(Table(frame_of(rows)), SCHEMA)
    assert preparation == component.fit(Table(frame_of(rows[::-1])), SCHEMA)
    assert Preparation.model_validate_json(preparation.model_dump_json()) == preparation
    served = ["Widest slower", "中 newest", None]
    found = assert_agree(preparation, frame_of(served), records_of(served))["tokens_a_text"]
    assert (found[0] > 1).any()
    assert not (found[0] == 1).any()  # every part is known
    assert (found[1] == 1).any()  # 中 is not
    assert not found[2].any()
    (lacking,) = preparation.lacking("graph")
    assert lacking.op == "subwords"
    assert "words" in lacking.instead
    assert type(lacking) in ByKind(text=component.text).operations(SCHEMA)["preprocessing.text"]


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ValueError, match=r"pip install 'mlrecipe\[subword\]'"):
        Text(encode="tokens", tokens="subword")
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(MlrecipeError, match="not installed"):
        Subwords(model="{}").apply([["a"]])


@pytest.mark.slow
def test_order_of_words_is_learnt_and_compressed() -> None:
    """B3, O1: convolutions tell texts that differ in their order alone; also in 8 bits, pruned."""
    from mlrecipe.bundle.litert import Runtime
    from mlrecipe.components.architecture.text_convnet import TextConvnet
    from mlrecipe.components.compression.int8 import Int8
    from mlrecipe.components.compression.litert import to_litert
    from mlrecipe.components.compression.pruning import Pruning
    from mlrecipe.components.objective.table import SigmoidBinaryCrossentropy
    from mlrecipe.components.training.standard import Standard
    from mlrecipe.testing.models import fresh_model
    from mlrecipe.training.trainer import Trainer

    draws = random.Random(0)
    filler = ["the", "a", "very", "so", "film", "plot", "it", "was"]
    rows, truth = [], []
    for number in range(200):
        phrase = "not good but bad" if number % 2 else "not bad but good"
        before, after = (" ".join(draws.choices(filler, k=draws.randrange(6))) for _ in range(2))
        rows.append(f"{before} {phrase} {after}")
        truth.append(number % 2)
    preparation = ByKind(text=Text(encode="tokens")).fit(Table(frame_of(rows)), SCHEMA)
    x, y = preparation.transform(frame_of(rows)), np.array(truth, np.float32)[:, None]
    objective, architecture = SigmoidBinaryCrossentropy(), TextConvnet(embedding=16, filters=32)
    model = fresh_model(architecture, objective, preparation.tensors, 1)
    training = Standard(epochs=20, learning_rate=0.01, batch_size=32)
    trainer = Trainer(model, objective, training, (1,))
    trainer.fit(x, y, seed=0)
    expected = trainer.predict(x)
    assert right(expected, y) == 1.0
    plain = to_litert(model)
    np.testing.assert_allclose(Runtime(plain).run(x), expected, atol=1e-5)
    loss = objective.loss()
    for compression in (Int8(), Int8(activations="int8"), Pruning(epochs=3)):
        small = compression.compress(model, x, y, loss, 32)
        assert right(Runtime(small.model).run(x), y) > 0.95
        assert len(small.model) < len(plain)
        assert compression.name != "pruning" or "80% of the weights are zero" in small.notes


def right(outputs: Any, y: Any) -> float:
    """Return the share of rows on the right side of one half."""
    return float(((outputs > 0.5) == (y > 0.5)).mean())
