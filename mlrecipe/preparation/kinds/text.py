"""Texts: words or characters in any language, counted, weighed, or kept in order."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import Field, PositiveInt, model_validator

from mlrecipe.preparation.kinds.kind import Fitted, Kind

if TYPE_CHECKING:
    from mlrecipe.data.table_schema import Column
    from mlrecipe.interfaces import TensorKind
    from mlrecipe.preparation.operation import Operation
    from mlrecipe.preparation.operations.text import Tokenize
    from mlrecipe.preparation.statistics import Statistic


class Text(Kind):
    """Texts become weighed words, or numbers of words in order (book, 6.2.1: vectorization)."""

    encode: Literal["auto", "tf_idf", "multi_hot", "counts", "tokens"] = Field(
        "auto",
        description="tf_idf: frequencies, rare tokens weighing more; multi_hot: which tokens "
        "occur; counts: how often; tokens: their numbers in order, a tensor of its own. auto: "
        "tokens for many short texts, else tf_idf.",
    )
    tokens: Literal["auto", "words", "characters", "words_and_characters", "subword"] = Field(
        "auto",
        description="What a text is split into. words_and_characters: both, side by side, most_"
        "tokens of each. subword: frequent parts of words, where the order is kept and the model "
        "runs in Python alone; needs mlrecipe[subword]. auto: both for some thousand short texts "
        "whose tokens are counted, else words.",
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
        if self.tokens == "words_and_characters" and (self.ngrams or self.encode == "tokens"):
            what = "ngrams are found by themselves" if self.ngrams else "both have no common order"
            raise ValueError(f"tokens=words_and_characters: {what}; choose one of the two")
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

    def of_column(self, own: Mapping[str, Any]) -> Self:
        """Return the settings of a column; what was found for all texts gives way to its own."""
        if self.tokens == "words_and_characters" and {"encode", "ngrams"} & own.keys():
            own = {"tokens": "words", **own}
        return super().of_column(own)

    def gives(self) -> TensorKind:
        return "tokens" if self.encode == "tokens" else "vector"

    def operations(self) -> list[type[Operation]]:
        from mlrecipe.preparation.operations.subwords import Subwords
        from mlrecipe.preparation.operations.text import TfIdf, TokenCounts, TokenIds, Tokenize

        if self.encode in ("auto", "tf_idf"):
            return [Tokenize, TfIdf]
        if self.tokens == "subword":
            return [Tokenize, Subwords, TokenIds]
        return [Tokenize, TokenIds if self.encode == "tokens" else TokenCounts]

    def statistic(self, columns: Mapping[str, Column]) -> Statistic:
        from mlrecipe.preparation.statistics_of_text import Tokens, TokensTwice

        if self.tokens == "words_and_characters":
            words, characters = self.views()
            names = tuple(columns)
            return TokensTwice(
                Tokens(names, words.tokenize()), Tokens(names, characters.tokenize())
            )
        return Tokens(tuple(columns), self.tokenize(), every=self.tokens == "subword")

    def views(self) -> tuple[Text, Text]:
        """Return the settings for words, and those for characters, of words_and_characters."""
        words = self.model_copy(update={"tokens": "words"})
        return words, self.model_copy(update={"tokens": "characters"})

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
        from mlrecipe.preparation.kinds.text_fitting import fit_texts
        from mlrecipe.preparation.statistics_of_text import Tokens, TokensTwice

        if isinstance(learnt, TokensTwice):
            words, characters = self.views()
            found = fit_texts(words, tuple(columns), learnt.words)
            parts = fit_texts(characters, tuple(columns), learnt.characters, quoted=True)
            return Fitted((*found.blocks, *parts.blocks))
        assert isinstance(learnt, Tokens)
        return fit_texts(self, tuple(columns), learnt)
