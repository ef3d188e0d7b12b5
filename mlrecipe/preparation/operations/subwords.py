"""Subwords: frequent parts of words, so that a rare word is not unknown. Needs `tokenizers`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from mlrecipe.errors import MlrecipeError
from mlrecipe.preparation.operation import Operation
from mlrecipe.preparation.operations.text import Rows

UNKNOWN_PART = "[unknown]"
"""What a part without a token becomes; no text contains it, for brackets are words of their own."""

INSTALL = "pip install 'mlrecipe[subword]'"


class Subwords(
    Operation,
    op="subwords",
    executors=frozenset({"numpy"}),
    instead="preprocessing.text.tokens=words or characters",
):
    """Splits words into parts by byte-pair encoding (Sennrich, Haddow and Birch 2016).

    The words of each row to their parts; the first part of a word begins with ▁.

    Attributes:
        model: what the library tokenizers saves of a tokenizer, as JSON.
    """

    model: str

    @cached_property
    def _tokenizer(self) -> Any:
        return tokenizers().Tokenizer.from_str(self.model)

    def apply(self, values: Rows) -> Rows:
        texts = [" ".join(words) for words in values]
        return [found.tokens for found in self._tokenizer.encode_batch(texts)]

    @cached_property
    def vocabulary(self) -> tuple[str, ...]:
        """The parts that it knows, in the order in which they were found."""
        known = self._tokenizer.get_vocab()
        return tuple(sorted(known.keys() - {UNKNOWN_PART}, key=known.__getitem__))


def learn_subwords(counts: Mapping[str, int], size: int, min_count: int) -> Subwords:
    """Return byte-pair encoding learnt of words, the same for the same counts.

    Unigram models of the library differ from call to call; byte-pair encoding does not.

    Args:
        counts: how often each word occurs.
        size: most parts in the vocabulary.
        min_count: pairs that occur less often are not joined.
    """
    library = tokenizers()
    tokenizer = library.Tokenizer(library.models.BPE(unk_token=UNKNOWN_PART))
    tokenizer.pre_tokenizer = library.pre_tokenizers.Metaspace()
    trainer = library.trainers.BpeTrainer(
        vocab_size=size,
        min_frequency=min_count,
        special_tokens=[UNKNOWN_PART],
        show_progress=False,
    )
    tokenizer.train_from_iterator(([word] * counts[word] for word in sorted(counts)), trainer)
    return Subwords(model=tokenizer.to_str())


def tokenizers() -> Any:
    """Return the library.

    Raises:
        MlrecipeError: when it is not installed.
    """
    try:
        import tokenizers as library
        import tokenizers.models
        import tokenizers.pre_tokenizers
        import tokenizers.trainers
    except ImportError:
        raise MlrecipeError(
            "subwords need the package tokenizers, which is not installed",
            where="preprocessing.text.tokens",
            fix=f"{INSTALL}, or choose words or characters",
        ) from None
    return library
