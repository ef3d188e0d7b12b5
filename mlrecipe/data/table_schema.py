"""The columns of a table: kind, type, limits, availability; readable, and the same everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from mlrecipe.component import Section
from mlrecipe.errors import MlrecipeError, nearest

if TYPE_CHECKING:
    import pandas as pd

Kind = Literal[
    "numeric",
    "boolean",
    "categorical",
    "text",
    "datetime",
    "identifier",
    "constant",
    "target",
    "image",
    "id",
    "location",
    "tags",
    "sequence",
]
"""What values mean. An ``id`` names a thing that many rows are about (a user, a product) and can
be learnt from; an ``identifier`` names the row itself and cannot. A ``location`` is a latitude or
a longitude; ``tags`` are a set, ``sequence`` is a list of numbers in order."""

PREPARED_KINDS: tuple[Kind, ...] = (
    "numeric",
    "boolean",
    "categorical",
    "text",
    "image",
    "id",
    "datetime",
    "location",
    "tags",
    "sequence",
)
"""Kinds that a model can read today."""

Value = str | int | float | bool

Policy = Literal["fail", "drop_row", "set_missing"]
"""What becomes of rows to learn from that break a rule; a request that breaks one is refused."""


class Column(Section):
    """What is known of one column."""

    kind: Kind = Field(description="What the values mean, and so how they are prepared.")
    type: Literal["number", "string", "boolean", "bytes", "numbers"] = Field(
        description="How a value is written in a request; bytes (an image's file) as base64 text; "
        "numbers as a list."
    )
    nullable: bool = Field(True, description="Whether values may be missing.")
    unique: bool = Field(False, description="Whether no value may occur twice.")
    minimum: float | None = Field(None, description="Smallest allowed number.")
    maximum: float | None = Field(None, description="Largest allowed number.")
    values: tuple[Value, ...] | None = Field(None, description="The only allowed values.")
    available: bool = Field(True, description="Whether it is known in production.")
    confirmed: bool = Field(
        False, description="Whether somebody said so; else nobody has asked yet."
    )
    policy: Policy = Field("fail", description="What becomes of rows that break a rule.")
    description: str = Field("", description="What the column means.")
    reason: str = Field("", description="Why the kind was inferred so; empty when declared.")


class TableSchema(Section):
    """All columns of a table by name, targets included."""

    columns: dict[str, Column]
    targets: tuple[str, ...]
    inputs: tuple[str, ...]
    read: tuple[str, ...] | None = Field(
        None, description="The inputs that a finished model reads; null while there is none."
    )

    def features(self) -> dict[str, Column]:
        """Return the input columns that a model can read, in order, or that the finished one does.

        A finished one may read fewer: some were left out. It may read others: new columns are
        computed of them.
        """
        if self.read is not None:
            return {name: self.columns[name] for name in self.inputs if name in self.read}
        return {
            name: self.columns[name]
            for name in self.inputs
            if self.columns[name].kind in PREPARED_KINDS
        }


def named_columns(names: tuple[str, ...], frame: pd.DataFrame, key: str) -> tuple[str, ...]:
    """Return the names as they are, after seeing that the table has them.

    Raises:
        MlrecipeError: for the first column that is not there; ``key`` is the recipe key at fault.
    """
    there = [str(name) for name in frame.columns]
    for name in names:
        if name not in there:
            close = nearest(name, there)
            raise MlrecipeError(
                f"the data has no column {name!r}"
                + (f"; did you mean {close!r}?" if close else ""),
                where=key,
                expected=f"one of {', '.join(there[:30])}{', …' if len(there) > 30 else ''}",
            )
    return names
