"""Makes the blocks of texts from what was counted; `kinds.text` has the settings."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from mlrecipe.errors import MlrecipeError
from mlrecipe.interfaces import TensorSpec
from mlrecipe.preparation.kinds.kind import Fitted
from mlrecipe.preparation.naming import tensor_names
from mlrecipe.preparation.operations.subwords import learn_subwords
from mlrecipe.preparation.operations.text import KNOWN_FROM, TfIdf, TokenCounts, TokenIds
from mlrecipe.preparation.preparation import VECTOR, Block
from mlrecipe.preparation.statistics_of_text import Tokens, length_at

if TYPE_CHECKING:
    from mlrecipe.preparation.kinds.text import Text


def fit_texts(
    settings: Text, columns: Sequence[str], learnt: Tokens, *, quoted: bool = False
) -> Fitted:
    """Return a block a column, each with a vocabulary of its own.

    A column whose texts have no token in common tells nothing: it gets no block.

    Args:
        settings: those of the texts.
        columns: their names.
        learnt: what was counted.
        quoted: put quotes around tokens in names of features.

    Raises:
        MlrecipeError: for such a column where the tokens are kept in order, and the model expects
            them.
    """
    in_order = settings.encode == "tokens"
    blocks, tensors = [], []
    names = tensor_names([f"tokens_{name}" for name in columns]).values()
    for i, (name, tensor) in enumerate(zip(columns, names, strict=True)):
        if not in_order and not any(_frequent(settings, learnt.frequencies[i])):
            continue
        operations = (learnt.tokenize, *_encoding(settings, name, learnt, i, quoted))
        if in_order:
            tensors.append(_spec(tensor, operations[-1]))
        blocks.append(
            Block(
                columns=(name,),
                reads="string",
                operations=operations,
                tensor=tensor if in_order else VECTOR,
            )
        )
    return Fitted(tuple(blocks), tuple(tensors))


def _encoding(settings: Text, column: str, learnt: Tokens, i: int, quoted: bool) -> tuple[Any, ...]:
    """Return the operations that make numbers of the tokens of a column."""
    if settings.tokens == "subword":
        return _subwords(settings, learnt, i)
    frequencies = learnt.frequencies[i]
    known = _vocabulary(settings, column, frequencies)
    if settings.encode == "tokens":
        return (TokenIds(vocabulary=known, length=_length(settings, learnt, i)),)
    if settings.encode in ("counts", "multi_hot"):
        binary = settings.encode == "multi_hot"
        return (TokenCounts(vocabulary=known, quoted=quoted, binary=binary),)
    idf = tuple(math.log((1 + learnt.rows) / (1 + frequencies[token])) + 1 for token in known)
    return (TfIdf(vocabulary=known, quoted=quoted, idf=idf, sublinear=settings.sublinear),)


def _vocabulary(settings: Text, column: str, rows_with: Counter[str]) -> tuple[str, ...]:
    """Return the tokens that are kept, those in most rows first.

    Ties are broken by code points, so that the same rows in another order give the same.
    """
    ordered = sorted(_frequent(settings, rows_with), key=lambda token: (-rows_with[token], token))
    if not ordered:
        raise MlrecipeError(
            f"no token of column {column!r} occurs in {settings.min_count} training rows",
            where="preprocessing.text.min_count",
            expected="texts that have words in common",
            fix="lower preprocessing.text.min_count, or leave the column out: problem.inputs",
        )
    return tuple(ordered[: settings.most_tokens])


def _frequent(settings: Text, rows_with: Counter[str]) -> Iterator[str]:
    return (token for token, rows in rows_with.items() if rows >= settings.min_count)


def _subwords(settings: Text, learnt: Tokens, i: int) -> tuple[Any, ...]:
    counts = learnt.frequencies[i]
    subwords = learn_subwords(counts, settings.most_tokens, settings.min_count)
    parts = zip(counts.values(), subwords.apply([[word] for word in counts]), strict=True)
    # The rows are not kept: of a text is known how many words it has, of a word how many parts.
    mean = sum(count * len(found) for count, found in parts) / max(1, counts.total())
    length = _length(settings, learnt, i, mean)
    return (subwords, TokenIds(vocabulary=subwords.vocabulary, length=length))


def _length(settings: Text, learnt: Tokens, i: int, parts: float = 1.0) -> int:
    """Return how many tokens of each text are kept; ``parts``: mean tokens that a word becomes."""
    fitted = math.ceil(length_at(learnt.lengths[i], settings.length_share) * parts)
    return settings.length or max(1, min(fitted, settings.most_length))


def _spec(tensor: str, ids: TokenIds) -> TensorSpec:
    sizes = (len(ids.vocabulary) + KNOWN_FROM,)
    return TensorSpec(name=tensor, kind="tokens", dtype="int32", shape=(ids.length,), sizes=sizes)
