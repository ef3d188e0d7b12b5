"""Texts: words or characters in any language, counted, weighed, or kept in order."""

from __future__ import annotations

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
    from mlrecipe.interfaces import TensorKind
    from mlrecipe.preparation.operation import Operation
    from mlrecipe.preparation.operations.text import Tokenize
    from mlrecipe.preparation.statistics import Statistic
    from mlrecipe.preparation.statistics_of_text import Tokens


class Text(Kind):
    """Texts become weighed words, or numbers of words in order (book, 6.2.1: vectorization)."""

    encode: Literal["tf_idf", "multi_hot", "counts", "tokens"] = Field(
        "tf_idf",
        description="tf_idf: frequencies, rare tokens weighing more; multi_hot: which tokens "
        "occur; counts: how often; tokens: their numbers in order, a tensor of its own.",
    )
    tokens: Literal["words", "characters"] = Field(
        "words", description="What a text is split into."
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
        return self

    def gives(self) -> TensorKind:
        return "tokens" if self.encode == "tokens" else "vector"

    def operations(self) -> list[type[Operation]]:
        from mlrecipe.preparation.operations.text import TfIdf, TokenCounts, TokenIds, Tokenize

        if self.encode == "tf_idf":
            return [Tokenize, TfIdf]
        return [Tokenize, TokenIds if self.encode == "tokens" else TokenCounts]

    def statistic(self, columns: Mapping[str, Column]) -> Statistic:
        from mlrecipe.preparation.statistics_of_text import Tokens

        return Tokens(tuple(columns), self.tokenize())

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
            by=self.tokens,
            shortest=shortest,
            longest=longest,
            most_characters=self.most_characters,
        )

    def fit(self, columns: Mapping[str, Column], learnt: Statistic) -> Fitted:
        from mlrecipe.interfaces import TensorSpec
        from mlrecipe.preparation.operations.text import KNOWN_FROM
        from mlrecipe.preparation.preparation import VECTOR, Block
        from mlrecipe.preparation.statistics_of_text import Tokens

        assert isinstance(learnt, Tokens)
        blocks, tensors = [], []
        for i, (name, tensor) in enumerate(zip(columns, _tensor_names(columns), strict=True)):
            known = self._vocabulary(name, learnt.frequencies[i])
            last = self._encoding(known, learnt, i)
            in_order = self.encode == "tokens"
            if in_order:
                tensors.append(
                    TensorSpec(
                        name=tensor,
                        kind="tokens",
                        dtype="int32",
                        shape=(last.length,),
                        sizes=(len(known) + KNOWN_FROM,),
                    )
                )
            blocks.append(
                Block(
                    columns=(name,),
                    reads="string",
                    operations=(learnt.tokenize, last),
                    tensor=tensor if in_order else VECTOR,
                )
            )
        return Fitted(tuple(blocks), tuple(tensors))

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

    def _encoding(self, known: tuple[str, ...], learnt: Tokens, i: int) -> Any:
        from mlrecipe.preparation.operations.text import TfIdf, TokenCounts, TokenIds
        from mlrecipe.preparation.statistics_of_text import length_at

        if self.encode == "tokens":
            fitted = min(length_at(learnt.lengths[i], self.length_share), self.most_length)
            return TokenIds(vocabulary=known, length=self.length or fitted)
        if self.encode != "tf_idf":
            return TokenCounts(vocabulary=known, binary=self.encode == "multi_hot")
        rows_with = learnt.frequencies[i]
        idf = tuple(math.log((1 + learnt.rows) / (1 + rows_with[token])) + 1 for token in known)
        return TfIdf(vocabulary=known, idf=idf, sublinear=self.sublinear)


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
