"""Holds every column against a sample of production rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field, PositiveInt

import mlrecipe

if TYPE_CHECKING:
    from mlrecipe.comparison.profiles import Difference, Limits
    from mlrecipe.comparison.summaries import Summary
    from mlrecipe.interfaces import Inspection


class ProductionColumns(mlrecipe.Check, name="production_columns"):
    """Columns that look different in production than in the training data (book, 6.1.2).

    Effect sizes: Kolmogorov-Smirnov's statistic and the Wasserstein distance in standard deviations
    for numbers, Cramér's V for categories, differences of shares for missing values; texts by
    length and unknown words, pictures by light, colour, sharpness and size, dates by weekday and
    hour. A column counts when the effect reaches the limit and chance is ruled out; p-values alone
    would report every column of a large table.
    """

    distance: float = Field(
        0.2,
        gt=0,
        lt=1,
        description="Kolmogorov-Smirnov's statistic, or Cramér's V, that is reported.",
    )
    shift: float = Field(
        0.5, gt=0, description="Wasserstein distance, in standard deviations, that is reported."
    )
    missing: float = Field(
        0.05, gt=0, lt=1, description="Difference of the shares of missing values."
    )
    unseen: float = Field(
        0.05, gt=0, lt=1, description="Share of values in categories that training never saw."
    )

    most: PositiveInt = Field(
        10, description="Columns that get a finding of their own, the most different ones."
    )

    def inspect(self, data: Inspection) -> list[mlrecipe.Finding]:
        from mlrecipe.comparison.profiles import Limits

        limits = Limits(self.distance, self.shift, self.missing, self.unseen)
        columns: dict[str, list[Difference]] = {}
        for difference in _differences(data, limits):
            columns.setdefault(difference.column, []).append(difference)
        groups = list(columns.values())
        found = [_finding(group) for group in groups[: self.most]]
        return found + _others(groups[self.most :])


def _differences(data: Inspection, limits: Limits) -> list[Difference]:
    import numpy as np

    from mlrecipe.comparison.profiles import comparable, compare, profile_column
    from mlrecipe.comparison.words import unknown_words_profiles

    sample = data.production
    training: dict[tuple[str, str], Summary] = {}
    production: dict[tuple[str, str], Summary] = {}
    if sample is None:
        return []
    even = np.ones(sample.rows)
    for name, column in comparable(data.schema).items():
        if name not in sample.names:
            continue
        ours, theirs = data.table.column(name), sample.column(name)
        training |= profile_column(name, ours, column, data.weights)
        production |= profile_column(name, theirs, column, even)
        if column.kind == "text":
            own, others = unknown_words_profiles(ours, theirs)
            training[name, "unknown words"], production[name, "unknown words"] = own, others
    return compare(training, production, limits)


def _finding(aspects: list[Difference]) -> mlrecipe.Finding:
    """Return the finding of one column: its most different aspect in words, all as evidence."""
    worst, *others = aspects
    what = "" if worst.aspect == "value" else f" ({worst.aspect})"
    more = f", and so do {', '.join(d.aspect for d in others)}" if others else ""
    return mlrecipe.Finding(
        "production-differs",
        "warning",
        f"{worst.column}{what} looks different in production: {worst.words} "
        f"({worst.distance.statistic} {worst.distance.value:.2f}){more}.",
        {**worst.evidence(), "others": [d.evidence() for d in others]},
        f"Find out why. Collect training data where the model will be used, or leave "
        f"{worst.column} out.",
        "6.1.2",
    )


def _others(groups: list[list[Difference]]) -> list[mlrecipe.Finding]:
    if not groups:
        return []
    names = [group[0].column for group in groups]
    return [
        mlrecipe.Finding(
            "production-differs",
            "warning",
            f"{len(names)} further columns look different in production: "
            f"{', '.join(names[:20])}{', …' if len(names) > 20 else ''}.",
            {"columns": names, "differences": [group[0].evidence() for group in groups]},
            "Collect training data where the model will be used.",
            "6.1.2",
        )
    ]


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [ProductionColumns]
