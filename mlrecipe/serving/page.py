"""The page on which a person tries the model: a form made from the schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mlrecipe.bundle import Bundle
from mlrecipe.data.sets import LIST_SEPARATOR
from mlrecipe.reports.answer_map import place_columns
from mlrecipe.reports.pages import render

HINTS = {
    "datetime": "2023-01-31, or 2023-01-31T18:05:00Z",
    "tags": "tags, parted as in the data",
    "sequence": "numbers, parted by commas",
}
"""What a person is to write, by the kind of column."""


def try_page(bundle: Bundle, name: str, examples: Sequence[Mapping[str, Any]]) -> str:
    """Return the page as HTML; its form asks this server, and nobody else."""
    example = examples[0] if examples else {}
    fields = [
        {
            "name": column,
            "type": c.type,
            "hint": HINTS.get(c.kind, ""),
            "nullable": c.nullable,
            "description": c.description,
            "allowed": c.values,
            "example": _written(example.get(column)),
        }
        for column, c in bundle.schema.features().items()
    ]
    return render(
        "try.html",
        manifest=bundle.manifest,
        name=name,
        fields=fields,
        mapped=place_columns(bundle.gallery) is not None,
    )


def _written(value: Any) -> Any:
    """Return an example as a person would type it."""
    if not isinstance(value, list):
        return value
    if any(isinstance(v, str) for v in value):
        return LIST_SEPARATOR.join(value)
    return ", ".join("" if v is None else f"{v:g}" for v in value)
