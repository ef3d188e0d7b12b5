"""Texts: words or characters in any language, counted, weighed, or kept in order."""

from __future__ import annotations

import importlib.util
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import Field, PositiveInt, model_validator

from mlrecipe.errors import MlrecipeError
from mlrecipe.preparation.kinds.kind import Fitted, Kind

if TYPE_CHECKING:
    from mlrecipe.data.table_schema import Column
    from mlrecipe.interfaces import TensorKind, TensorSpec
    from mlrecipe.preparation.operation import Operation
    from mlrecipe.preparation.operations.text import TokenIds, Tokenize
    from mlrecipe.preparation.statistics import Statistic
    from mlrecipe.preparation.statistics_of_text import Tokens


class Text(Kind):
    """Texts become weighed words, or numbers of words in order (book, 6.2.1: vectorization)."""

    encode: Literal["tf_idf", "multi_hot", "counts", "tokens"] = Field(
        "tf_idf",
        description="tf_idf: frequencies, rare tokens weighing more; multi_hot: which tokens "
        "occur; counts: how often; tokens: their numbers in order, a tensor of its own.",
    )
    tokens: Literal["words", "characters", "subword"] = Field(
        "words",
        description="What a text is split into. subword: frequent parts of words, where the order "
        "is kept and the model runs in Python alone; needs mlrecipe[subword].",
    )
    ngrams: tuple[PositiveInt, PositiveInt] | None = Field(
        None,
        description="Fewest and most neighbours that count as one token; null: single ones and "
        "pairs of words, 2 to 4 characters, and single ones where the order is kept.",
    )
    lowercase: bool = Field(True, description="Fold case: Straße and STRAẞE are one word.")
    accents: Literal["keep", "strip"] = Field("keep", description="strip: é counts as e.")
    punctuation: Literal["separates", "tokens"] = Field(
        "tokens",
        description="tokens: every mark is a token of its own, as symbols and emoji always are; "
        "separates: it ends a word and is left out. Characters keep it always.",
    )
    min_count: PositiveInt = Field(
        2, description="Tokens that occur in fewer training rows are left out."
    )
    most_tokens: PositiveInt = Field(
        5000,
        description="Size of the vocabulary; the tokens in most rows are kept. A row is stored as "
        "that many numbers, 4 bytes each, unless the order is kept.",
    )
    sublinear: bool = Field(
        True, description="Of tf_idf: the tenth occurrence in a text adds less than the first."
    )
    length: PositiveInt | None = Field(
        None, description="Of tokens: how many are kept of each text; null: see length_share."
    )
    length_share: float = Field(
        0.95, gt=0, le=1, description="Of tokens: share of the training texts that are kept whole."
    )
    most_length: PositiveInt = Field(256, description="Of tokens: longest length so fitted.")
    most_characters: PositiveInt = Field(
        20_000, description="What comes after so many code points of a text is cut off."
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.ngrams and self.ngrams[0] > self.ngrams[1]:
            raise ValueError(f"ngrams is {list(self.ngrams)}: the fewest come first")
        if self.encode == "tokens" and self.ngrams and self.ngrams[0] != self.ngrams[1]:
            raise ValueError(
                f"encode=tokens keeps the order of the tokens, and n-grams of several lengths "
                f"{list(self.ngrams)} have none; write [{self.ngrams[1]},{self.ngrams[1]}]"
            )
        if self.tokens == "subword":
            self._suits_subwords()
        return self

    def _suits_subwords(self) -> None:
        if self.encode != "tokens":
            raise ValueError(f"tokens=subword keeps the order: encode=tokens, not {self.encode}")
        if self.ngrams:
            raise ValueError("tokens=subword finds by itself what to join: leave ngrams out")
        if importlib.util.find_spec("tokenizers") is None:
            raise ValueError(
                "tokens=subword needs the package tokenizers: pip install 'mlrecipe[subword]', "
                "or tokens=words"
            )

    def gives(self) -> TensorKind:
        return "tokens" if self.encode == "tokens" else "vector"

    def operations(self) -> list[type[Operation]]:
        from mlrecipe.preparation.operations.subwords import Subwords
        from mlrecipe.preparation.operations.text import TfIdf, TokenCounts, TokenIds, Tokenize

        if self.encode == "tf_idf":
            return [Tokenize, TfIdf]
        if self.tokens == "subword":
            return [Tokenize, Subwords, TokenIds]
        return [Tokenize, TokenIds if self.encode == "tokens" else TokenCounts]

    def statistic(self, columns: Mapping[str, Column]) -> Statistic:
        from mlrecipe.preparation.statistics_of_text import Tokens

        return Tokens(tuple(columns), self.tokenize(), every=self.tokens == "subword")

    def tokenize(self) -> Tokenize:
        """Return the operation that splits texts; nothing of it is learnt from rows."""
        from mlrecipe.preparation.characters import characters
        from mlrecipe.preparation.operations.text import Tokenize

        by_characters = self.tokens == "characters"
        single = (1, 1) if self.encode == "tokens" else (2, 4) if by_characters else (1, 2)
        shortest, longest = self.ngrams or single
        return Tokenize(
            characters=characters(
                lowercase=self.lowercase,
                accents=self.accents == "keep",
                punctuation=by_characters or self.punctuation == "tokens",
            ),
            by="characters" if by_characters else "words",
            shortest=shortest,
            longest=longest,
            most_characters=self.most_characters,
        )

    def fit(self, columns: Mapping[str, Column], learnt: Statistic) -> Fitted:
        from mlrecipe.preparation.preparation import VECTOR, Block
        from mlrecipe.preparation.statistics_of_text import Tokens

        assert isinstance(learnt, Tokens)
        in_order = self.encode == "tokens"
        blocks, tensors = [], []
        for i, (name, tensor) in enumerate(zip(columns, _tensor_names(columns), strict=True)):
            operations = (learnt.tokenize, *self._encoding(name, learnt, i))
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

    def _encoding(self, column: str, learnt: Tokens, i: int) -> tuple[Any, ...]:
        """Return the operations that make numbers of the tokens of a column."""
        from mlrecipe.preparation.operations.text import TfIdf, TokenCounts, TokenIds

        if self.tokens == "subword":
            return self._subwords(learnt, i)
        frequencies = learnt.frequencies[i]
        known = self._vocabulary(column, frequencies)
        if self.encode == "tokens":
            return (TokenIds(vocabulary=known, length=self._length(learnt, i)),)
        if self.encode != "tf_idf":
            return (TokenCounts(vocabulary=known, binary=self.encode == "multi_hot"),)
        idf = tuple(math.log((1 + learnt.rows) / (1 + frequencies[token])) + 1 for token in known)
        return (TfIdf(vocabulary=known, idf=idf, sublinear=self.sublinear),)

    def _subwords(self, learnt: Tokens, i: int) -> tuple[Any, ...]:
        from mlrecipe.preparation.operations.subwords import learn_subwords
        from mlrecipe.preparation.operations.text import TokenIds

        counts = learnt.frequencies[i]
        subwords = learn_subwords(counts, self.most_tokens, self.min_count)
        parts = zip(counts.values(), subwords.apply([[word] for word in counts]), strict=True)
        # The rows are not kept: of a text is known how many words it has, of a word how many parts.
        mean = sum(count * len(found) for count, found in parts) / max(1, counts.total())
        length = self._length(learnt, i, mean)
        return (subwords, TokenIds(vocabulary=subwords.vocabulary, length=length))

    def _length(self, learnt: Tokens, i: int, parts: float = 1.0) -> int:
        from mlrecipe.preparation.statistics_of_text import length_at

        fitted = math.ceil(length_at(learnt.lengths[i], self.length_share) * parts)
        return self.length or max(1, min(fitted, self.most_length))

    def _vocabulary(self, column: str, rows_with: Counter[str]) -> tuple[str, ...]:
        """Return the tokens that are kept, those in most rows first.

        Ties are broken by code points, so that the same rows in another order give the same.
        """
        frequent = (token for token, rows in rows_with.items() if rows >= self.min_count)
        kept = sorted(frequent, key=lambda token: (-rows_with[token], token))[: self.most_tokens]
        if not kept:
            raise MlrecipeError(
                f"no token of column {column!r} occurs in {self.min_count} training rows",
                where="preprocessing.text.min_count",
                expected="texts that have words in common",
                fix="lower preprocessing.text.min_count, or leave the column out: problem.inputs",
            )
        return tuple(kept)


def _spec(tensor: str, ids: TokenIds) -> TensorSpec:
    from mlrecipe.interfaces import TensorSpec
    from mlrecipe.preparation.operations.text import KNOWN_FROM

    sizes = (len(ids.vocabulary) + KNOWN_FROM,)
    return TensorSpec(name=tensor, kind="tokens", dtype="int32", shape=(ids.length,), sizes=sizes)


def _tensor_names(columns: Mapping[str, Any] | Sequence[str]) -> Iterator[str]:
    """Yield a tensor's name for each column: letters, digits and underscores, all different."""
    taken: set[str] = set()
    for column in columns:
        plain = "tokens_" + re.sub(r"\W", "_", column.lower(), flags=re.ASCII)
        name, number = plain, 2
        while name in taken:
            name, number = f"{plain}_{number}", number + 1
        taken.add(name)
        yield name
