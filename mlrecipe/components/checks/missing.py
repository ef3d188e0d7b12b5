"""Looks for missing values, their pattern, and other ways to write them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pydantic import Field

import mlrecipe

if TYPE_CHECKING:
    from mlrecipe.exploration.profile import Profile
    from mlrecipe.interfaces import Inspection


class Missing(mlrecipe.Check, name="missing"):
    """Values that are missing, together or alone, also where something else stands for them.

    Shares are of the rows. Columns that are missing together are found by the phi coefficient of
    their indicators (Yule, 1912). Words for nothing come from a list; a number is suspected when it
    is all nines, or -1 beside nothing negative, and stands at the end of the range on its own or
    far too often. Missing values are the book's section 6.2.1.
    """

    share: float = Field(0.05, ge=0, le=1, description="Share of the rows that is reported.")
    most: float = Field(0.5, ge=0, le=1, description="Share from which on a column says little.")
    together: float = Field(
        0.9, gt=0, le=1, description="Phi from which on two columns are missing together."
    )
    empty: float = Field(
        0.5, gt=0, le=1, description="A row is mostly empty when it lacks this share of the inputs."
    )

    def inspect(self, data: Inspection) -> list[mlrecipe.Finding]:
        from mlrecipe.exploration.profile import profile_table

        profiles = profile_table(data.table).columns
        found: list[mlrecipe.Finding] = []
        for name in data.schema.inputs:
            found.extend(self._share(name, profiles[name]))
            found.extend(_hidden(name, profiles[name]))
        return found + self._together(data) + self._empty_rows(data)

    def _share(self, name: str, profile: Profile) -> Iterator[mlrecipe.Finding]:
        share = profile.missing / max(profile.rows, 1)
        if share < self.share or share == 0:
            return
        much = share >= self.most
        yield mlrecipe.Finding(
            "missing-values",
            "warning" if much else "advice",
            f"{name} is missing in {share:.1%} of the rows.",
            {"column": name, "share": share},
            "Find out why, and whether it will be so in production; "
            + (
                f"leave it out: problem.inputs without {name}."
                if much
                else "gaps are filled and marked (preprocessing.numeric.indicator)."
            ),
            "6.1.2",
        )

    def _together(self, data: Inspection) -> list[mlrecipe.Finding]:
        import numpy as np

        from mlrecipe.data.table import SAMPLE_ROWS
        from mlrecipe.exploration.association import connected

        gaps = data.table.sample(SAMPLE_ROWS, data.seed)[list(data.schema.inputs)].isna()
        gaps = gaps.loc[:, (gaps.mean() >= 0.001) & (gaps.mean() <= 0.999)]
        if gaps.shape[1] < 2:
            return []
        phi = np.corrcoef(gaps.to_numpy(dtype=np.float64), rowvar=False)
        groups = connected(list(gaps.columns), phi >= self.together)
        if not groups:
            return []
        listed = "; ".join(", ".join(group[:6]) for group in groups[:5])
        return [
            mlrecipe.Finding(
                "missing-together",
                "note",
                f"Columns are missing in the same rows: {listed}.",
                {"groups": [group[:20] for group in groups[:20]], "phi": self.together},
                "Ask what these rows have in common: a form, a source, a device without them.",
                "6.1.2",
            )
        ]

    def _empty_rows(self, data: Inspection) -> list[mlrecipe.Finding]:
        import numpy as np

        from mlrecipe.exploration.profile import profile_table

        inputs = [name for name in data.schema.inputs if name in data.table.names]
        profile = profile_table(data.table)
        # Columns that are empty by themselves make no row emptier than another.
        filled = [n for n in inputs if profile.columns[n].missing < self.most * data.table.rows]
        lacking = profile.missing_per_row - np.median(profile.missing_per_row)
        rows = np.flatnonzero(lacking >= max(2.0, self.empty * len(filled)))
        if not len(rows):
            return []
        return [
            mlrecipe.Finding(
                "rows-mostly-empty",
                "warning" if len(rows) > 0.05 * data.table.rows else "advice",
                f"{len(rows)} rows lack at least {self.empty:.0%} of the inputs.",
                {"count": len(rows), "rows": rows[:5].tolist()},
                "Look at them: rows of another origin, or broken lines of the file. Leave them out "
                "at the source, or let the schema do it: nullable: false, policy: drop_row.",
                "6.1.2",
            )
        ]


def _hidden(name: str, profile: Profile) -> Iterator[mlrecipe.Finding]:
    words = _null_words(profile)
    numbers = _sentinels(profile)
    if not words and not numbers:
        return
    seen = {**{repr(word): n for word, n in words.items()}, **{f"{v:g}": n for v, n in numbers}}
    count = sum(seen.values())
    listed = ", ".join(f"{value} ×{n}" for value, n in list(seen.items())[:5])
    texts = ",".join(f'"{word}"' for word in words) or ",".join(f'"{v:g}"' for v, _ in numbers)
    yield mlrecipe.Finding(
        "hidden-missing-values",
        "warning" if count >= 0.01 * profile.rows else "advice",
        f"{name} seems to write missing values as {listed}.",
        {"column": name, "values": seen, "count": count, "share": count / profile.rows},
        f"If so, say it when the file is read: source.missing=[{texts}].",
        "6.2.1",
    )


def _null_words(profile: Profile) -> dict[str, int]:
    if profile.spellings is None:
        return {}
    # A column of one word and its absence ("none") says something by it.
    return profile.spellings.nulls if profile.distinct > 2 else {}


def _sentinels(profile: Profile) -> list[tuple[float, int]]:
    """Return numbers at the ends of the range that look like a code for "no value"."""
    numbers = profile.numbers
    if numbers is None:
        return []
    found = []
    for tail, others_positive in ((numbers.low, numbers.low.nearest >= 0), (numbers.high, False)):
        nines = abs(tail.value) >= 99 and set(f"{abs(tail.value):.0f}") == {"9"}
        minus_one = tail.value == -1 and others_positive
        if not (nines or minus_one) or tail.value % 1 or tail.distinct < 10:
            continue
        usual = (profile.rows - profile.missing) / max(profile.distinct, 1)
        alone = tail.gap >= 1 and tail.repeats == tail.count
        spike = tail.repeats >= max(3, 5 * usual)
        if (nines and (alone or spike)) or (minus_one and spike):
            found.append((tail.value, tail.repeats))
    return found


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Missing]
