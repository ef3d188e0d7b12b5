"""The page on which a person tries the model: a form made from the schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mlrecipe.bundle import Bundle
from mlrecipe.reports.pages import render


def try_page(bundle: Bundle, name: str, examples: Sequence[Mapping[str, Any]]) -> str:
    """Return the page as HTML; its form asks this server, and nobody else."""
    example = examples[0] if examples else {}
    fields = [
        {
            "name": column,
            "type": c.type,
            "nullable": c.nullable,
            "description": c.description,
            "allowed": c.values,
            "example": example.get(column),
        }
        for column, c in bundle.schema.features().items()
    ]
    return render("try.html", manifest=bundle.manifest, name=name, fields=fields)
