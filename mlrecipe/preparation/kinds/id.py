"""Ids: names of things that many rows are about, such as users or products."""

from __future__ import annotations

from pydantic import Field, PositiveInt

from mlrecipe.preparation.kinds.encoded import Encode, Encoded


class Id(Encoded):
    """Ids are hashed: too many for an indicator each, and new ones come every day."""

    encode: Encode = Field(
        "hash",
        description="hash: indicators of buckets; codes: whole numbers for an embedding; target: "
        "what the targets of its rows were like; one_hot: an indicator each.",
    )
    max_categories: PositiveInt = Field(
        10_000, description="Most ids of one column that are kept; the most frequent ones."
    )
