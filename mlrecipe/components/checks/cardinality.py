"""Looks for categorical inputs with very many, or very rare, values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

import mlrecipe

if TYPE_CHECKING:
    from mlrecipe.exploration.profile import Profile
    from mlrecipe.interfaces import Inspection


class Cardinality(mlrecipe.Check, name="cardinality"):
    """Categories that are too many, or too rare, to learn what each of them means.

    The statistics are the number of distinct values (limit of ydata-profiling's HIGH CARDINALITY
    alert) and the share of rows whose category occurs in only a few rows.
    """

    most: int = Field(50, ge=2, description="More categories than this are reported.")
    rare: int = Field(10, ge=2, description="A category in fewer rows is rare.")
    share: float = Field(
        0.1, gt=0, le=1, description="Share of rows with a rare category that is reported."
    )

    def inspect(self, data: Inspection) -> list[mlrecipe.Finding]:
        from mlrecipe.exploration.profile import profile_table

        profiles = profile_table(data.table).columns
        found = []
        for name, column in data.schema.features().items():
            if column.kind != "categorical":
                continue
            if profiles[name].distinct > self.most:
                found.append(_many(name, profiles[name]))
            share = _rare_share(profiles[name], self.rare)
            if share >= self.share:
                found.append(_rare(name, share, self.rare))
        return found


def _rare_share(profile: Profile, rare: int) -> float:
    """Return the share of rows whose category is rare; the profile knows the frequent ones."""
    present = profile.rows - profile.missing
    frequent = sum(count for _, count in profile.top if count >= rare)
    return 1 - frequent / present if present else 0.0


def _many(name: str, profile: Profile) -> mlrecipe.Finding:
    return mlrecipe.Finding(
        "high-cardinality",
        "advice",
        f"{name} has {profile.distinct} categories.",
        {"column": name, "distinct": profile.distinct},
        "Each of the most frequent gets an indicator "
        "(preprocessing.categorical.max_categories), the others "
        f"share one. If {name} names rows or groups of them: schema.kinds.{name}=identifier.",
        "6.2.1",
    )


def _rare(name: str, share: float, rare: int) -> mlrecipe.Finding:
    return mlrecipe.Finding(
        "rare-categories",
        "note",
        f"In {share:.1%} of the rows, {name} is a category that occurs in fewer than {rare} rows.",
        {"column": name, "share": share, "fewer_than": rare},
        "Nothing can be learnt of each of them; put them together: "
        f"preprocessing.categorical.min_count={rare}",
        "6.2.1",
    )


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Cardinality]
