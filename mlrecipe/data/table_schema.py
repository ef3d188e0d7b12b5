"""The columns of a table: kind, type, limits, availability; readable, and the same everywhere."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from mlrecipe.component import Section

Kind = Literal[
    "numeric", "boolean", "categorical", "text", "datetime", "identifier", "constant", "target"
]

PREPARED_KINDS: tuple[Kind, ...] = ("numeric", "boolean", "categorical")
"""Kinds that a model can read today."""

Value = str | int | float | bool


class Column(Section):
    """What is known of one column."""

    kind: Kind = Field(description="What the values mean, and so how they are prepared.")
    type: Literal["number", "string", "boolean"] = Field(
        description="How a value is written in a request."
    )
    nullable: bool = Field(True, description="Whether values may be missing.")
    unique: bool = Field(False, description="Whether no value may occur twice.")
    minimum: float | None = Field(None, description="Smallest allowed number.")
    maximum: float | None = Field(None, description="Largest allowed number.")
    values: tuple[Value, ...] | None = Field(None, description="The only allowed values.")
    available: bool = Field(True, description="Whether it is known in production.")
    description: str = Field("", description="What the column means.")
    reason: str = Field("", description="Why the kind was inferred so; empty when declared.")


class TableSchema(Section):
    """All columns of a table by name, targets included."""

    columns: dict[str, Column]
    targets: tuple[str, ...]
    inputs: tuple[str, ...]

    def features(self) -> dict[str, Column]:
        """Return the input columns that a model can read, in order."""
        return {
            name: self.columns[name]
            for name in self.inputs
            if self.columns[name].kind in PREPARED_KINDS
        }
