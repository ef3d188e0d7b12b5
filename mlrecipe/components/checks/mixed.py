"""Looks for columns whose values are not written in one way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pydantic import Field

import mlrecipe

if TYPE_CHECKING:
    from mlrecipe.exploration.spellings import Spellings
    from mlrecipe.interfaces import Inspection


class Mixed(mlrecipe.Check, name="mixed"):
    """Numbers among words, numbers stored as text, one thing spelt in several ways, stray blanks.

    The statistics are shares of the rows by how their value reads, and groups of strings that
    become one without case, blanks and punctuation (fingerprint keying, as in OpenRefine).
    """

    share: float = Field(
        0.01, ge=0, lt=0.5, description="Share of numbers among words from which on it is reported."
    )

    def inspect(self, data: Inspection) -> list[mlrecipe.Finding]:
        from mlrecipe.exploration.profile import profile_table

        profiles = profile_table(data.table).columns
        found: list[mlrecipe.Finding] = []
        for name in (*data.schema.inputs, *data.schema.targets):
            spellings = profiles[name].spellings
            kind = data.schema.columns[name].kind
            if spellings is None or kind in ("text", "datetime", "tags"):
                continue
            found.extend(self._types(name, spellings))
            if kind not in ("identifier", "id"):
                found.extend(_variants(name, spellings))
        return found

    def _types(self, name: str, spellings: Spellings) -> Iterator[mlrecipe.Finding]:
        read = spellings.numbers + spellings.others
        if not spellings.numbers or not read:
            return
        share = spellings.numbers / read
        evidence = {"column": name, "numbers": spellings.numbers, "others": spellings.others}
        if share == 1:
            words = ",".join(f'"{word}"' for word in spellings.nulls)
            yield mlrecipe.Finding(
                "numbers-as-text",
                "warning",
                f"{name} is stored as text, and every value reads as a number"
                + (f" but {words}." if words else "."),
                evidence,
                f"source.missing=[{words}] lets it be read as numbers."
                if words
                else f"Store it as numbers, or declare it: schema=declared, kind of {name} numeric "
                "and type number.",
                "6.1.2",
            )
        elif share > 0.5 or (share >= self.share and spellings.words > 0.9 * spellings.others):
            yield mlrecipe.Finding(
                "mixed-types",
                "warning",
                f"{name} holds numbers in {spellings.numbers} rows and other text in "
                f"{spellings.others}.",
                evidence,
                "Find out what the exceptions mean; a schema with type: number and policy: "
                "set_missing (or drop_row) counts them and leaves them out.",
                "6.1.2",
            )


def _variants(name: str, spellings: Spellings) -> Iterator[mlrecipe.Finding]:
    if spellings.variants:
        shown = "; ".join(" = ".join(map(repr, g[:4])) for g in spellings.variants[:3])
        yield mlrecipe.Finding(
            "string-variants",
            "warning",
            f"{name} spells the same in several ways: {shown}.",
            {"column": name, "groups": [list(group[:6]) for group in spellings.variants]},
            "Decide for one spelling at the source; each counts as a category of its own.",
            "6.1.2",
        )
    if spellings.blanks:
        yield mlrecipe.Finding(
            "surrounding-blanks",
            "advice",
            f"{name} has blanks before or after the value in {spellings.blanks} rows.",
            {"column": name, "count": spellings.blanks},
            "Take them off at the source; a value with a blank is another category.",
            "6.1.2",
        )


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Mixed]
