"""Measures how fast a model of the past loses its skill."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field, PositiveInt

import mlrecipe

if TYPE_CHECKING:
    import pandas as pd

    from mlrecipe.comparison.decay import Decay, Trend
    from mlrecipe.comparison.periods import Moments
    from mlrecipe.interfaces import Array, Inspection

FEWEST_ROWS = 150
"""Rows of a period that five folds of a quick model need."""

FEWEST_OF_A_CLASS = 10


class ConceptDrift(mlrecipe.Check, name="concept_drift"):
    """What is predicted changes its relation to the inputs as time goes by (book, 6.1.2).

    A quick model of the first period is held against quick models of each later period, on the
    same rows and fitted on equally many. Skill (2·AUC-1 for classes, R² for numbers) stands in for
    the primary metric. From the rate of its loss follows after what time the model is due, which
    is compared with ``problem.life_span_days``.
    """

    periods: int = Field(5, ge=2, le=20, description="Most periods of equally many rows.")
    share: float = Field(0.1, gt=0, lt=1, description="Share of its skill that a model may lose.")
    certainty: float = Field(
        3.5, gt=0, description="Standard errors by which the loss must differ from none."
    )
    skill: float = Field(
        0.1, gt=0, lt=1, description="Skill below which there is nothing to lose, and no finding."
    )
    rows: PositiveInt = Field(15_000, description="Most rows that are looked at.")

    def inspect(self, data: Inspection) -> list[mlrecipe.Finding]:
        if data.problem.time is None or len(data.schema.targets) != 1:
            return []
        if not data.task.simple:
            return []
        from mlrecipe.comparison.decay import decays, trend
        from mlrecipe.comparison.periods import moments
        from mlrecipe.comparison.profiles import comparable
        from mlrecipe.comparison.quick_model import quick_features

        rows = data.table.sample(self.rows, data.seed)
        classes = data.task.classification
        target = _target(rows[data.schema.targets[0]], classes)
        times = moments(rows[data.problem.time])
        period = self._periods(times, target if classes else None)
        if period is None:
            return []
        columns = {n: c for n, c in comparable(data.schema).items() if n != data.problem.time}
        features = quick_features(rows, columns)
        if not features.columns:
            return []
        found = decays(
            features, target, period, times.values, classification=classes, seed=data.seed
        )
        line = trend(found)
        lasts = line.lasts(self.share)
        horizon = max(decay.elapsed for decay in found)
        small = line.rate * horizon < self.share * line.skill
        if line.skill < self.skill or lasts is None or small:
            return []
        if line.rate < self.certainty * line.error:
            return []
        return self._findings(data, found, line, times, lasts)

    def _periods(self, times: Moments, classes: Array | None) -> Array | None:
        """Return the period of every row (rows,); None when there are too few rows for two."""
        import numpy as np

        from mlrecipe.comparison.periods import cut

        known = int(np.isfinite(times.values).sum())
        count = min(self.periods, known // FEWEST_ROWS)
        if count < 2:
            return None
        period = cut(times.values, count)
        if period.max() < 1:
            return None
        for k in range(int(period.max()) + 1):
            own = period == k
            if own.sum() < FEWEST_ROWS // 2:
                return None
            if classes is not None and np.bincount(classes[own]).min() < FEWEST_OF_A_CLASS:
                return None
        return period

    def _findings(
        self, data: Inspection, found: list[Decay], line: Trend, times: Moments, lasts: float
    ) -> list[mlrecipe.Finding]:
        unit = "days" if times.days else f"units of {data.problem.time}"
        table = [
            {
                "period": d.period,
                "elapsed": d.elapsed,
                "skill_of_the_old_model": d.old,
                "skill_of_a_fresh_model": d.fresh,
                "error": d.error,
            }
            for d in found
        ]
        evidence = {
            "decay": table,
            "skill": line.skill,
            "lost_per_unit_of_time": line.rate,
            "error": line.error,
            "unit": unit,
            "share": self.share,
            "lasts": lasts,
        }
        last = found[-1]
        span = data.problem.life_span_days
        advice = (
            f"Train anew at least every {lasts:.3g} days: problem.life_span_days={lasts:.0f}."
            if times.days
            else "Write the time as dates, so that it can be held against problem.life_span_days."
        )
        notes = [
            mlrecipe.Finding(
                "concept-drift",
                "note",
                f"A model of the first period has a skill of {last.old:.2f} in the last one, "
                f"{last.elapsed:.4g} {unit} later, where a fresh model has {last.fresh:.2f}. It "
                f"loses {self.share:.0%} of its skill in {lasts:.3g} {unit}.",
                evidence,
                advice,
                "6.1.2",
            )
        ]
        if times.days and span is not None and span > lasts:
            notes.append(
                mlrecipe.Finding(
                    "refresh-too-late",
                    "warning",
                    f"The model is to be replaced after {span:g} days, but loses "
                    f"{self.share:.0%} of its skill in {lasts:.3g}.",
                    {"life_span_days": span, "lasts": lasts, "share": self.share},
                    advice,
                    "6.1.2",
                )
            )
        return notes


def _target(values: pd.Series, classes: bool) -> Array:
    import pandas as pd

    if classes:
        return pd.factorize(values, sort=True)[0]
    return pd.to_numeric(values).to_numpy(dtype=float)


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [ConceptDrift]
