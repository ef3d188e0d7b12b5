"""Looks for single columns that give the target away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

import mlrecipe

if TYPE_CHECKING:
    from mlrecipe.exploration.power import Power
    from mlrecipe.interfaces import Inspection

MOST_ASKED = 5


class Leak(mlrecipe.Check, name="leak"):
    """Columns that alone predict the target too well to be true (book, 6.1.2).

    The statistic is the out-of-fold power of each column by itself: 2·AUC - 1 for classes, R² for
    numbers, after the predictive power score (Wetschoreck, 2020). Numbers and booleans are read by
    a small tree, categories by their mean target (Micci-Barreca, 2001), dates by their parts, texts
    by the most telling single word, identifiers by category and by order, and every column also by
    whether its value is missing. What it means depends on what is known in production.
    """

    suspicious: float = Field(0.97, gt=0, le=1, description="Power from which on to warn.")
    certain: float = Field(0.995, gt=0, le=1, description="Power that holds the run.")
    ask: float = Field(
        0.5, gt=0, le=1, description="Power from which on to ask whether a column will be known."
    )

    def inspect(self, data: Inspection) -> list[mlrecipe.Finding]:
        from mlrecipe.exploration.power import best_powers, column_powers

        findings = [
            finding
            for power in _strongest(column_powers(data))
            for finding in self._judge(power, data)
        ]
        blamed = {finding.evidence["column"] for finding in findings}
        undeclared = {
            name: power
            for name, power in best_powers(data).items()
            if name in data.schema.inputs
            and not data.schema.columns[name].confirmed
            and power >= self.ask
            and name not in blamed
        }
        return findings + ([_ask(undeclared)] if undeclared else [])

    def _judge(self, power: Power, data: Inspection) -> list[mlrecipe.Finding]:
        """Cross a power with what is known of the column in production."""
        name = power.column
        column = data.schema.columns[name]
        if power.power < self.suspicious:
            return []
        if not column.available:
            return [_averted(power)]
        if name not in data.schema.inputs:
            return []
        certain = power.power >= self.certain
        if power.whole_text and not certain:
            return []  # a text may well hold the answer: that is what it is read for
        if column.confirmed:
            return [_rule(power)] if certain else []
        holds = certain and not power.whole_text
        return [_leak(power, data.schema.targets, holds=holds)]


def _strongest(powers: list[Power]) -> list[Power]:
    """Return the greatest power of each column; one that reads less than a whole text first."""
    found: dict[str, Power] = {}
    for power in sorted(powers, key=lambda p: (-round(p.power, 3), p.whole_text)):
        found.setdefault(power.column, power)
    return list(found.values())


def _leak(power: Power, targets: tuple[str, ...], *, holds: bool) -> mlrecipe.Finding:
    name = power.column
    return mlrecipe.Finding(
        "target-leak" if holds else "suspicious-column",
        "blocker" if holds else "warning",
        f"{name}: {power.by} alone tells {', '.join(targets)} with a power of "
        f"{power.power:.3f} out of 1.",
        {"column": name, "power": power.power, "by": power.by},
        f"Ask how {name} comes about, and whether it is known, in the same form, before "
        f"{', '.join(targets)} is. If not: problem.not_in_production=[{name}]. "
        f"If it is: problem.in_production=[{name}].",
        "6.1.2",
    )


def _averted(power: Power) -> mlrecipe.Finding:
    return mlrecipe.Finding(
        "leak-averted",
        "note",
        f"{power.column} would have told the target with a power of {power.power:.3f} out of 1; "
        "production does not know it, so no model reads it.",
        {"column": power.column, "power": power.power, "by": power.by},
        "Nothing: scores will be lower than with it, and true.",
        "6.1.2",
    )


def _rule(power: Power) -> mlrecipe.Finding:
    return mlrecipe.Finding(
        "rule-suffices",
        "warning",
        f"{power.column} alone tells the target with a power of {power.power:.3f} out of 1, and is "
        "said to be known in production.",
        {"column": power.column, "power": power.power, "by": power.by},
        "If that is so, a rule may do without any model: compare it as problem.existing.rule.",
        "6.1.2",
    )


def _ask(powers: dict[str, float]) -> mlrecipe.Finding:
    names = list(powers)[:MOST_ASKED]
    listed = ",".join(names)
    return mlrecipe.Finding(
        "availability-unasked",
        "advice",
        "Nobody has said whether the columns that tell most of the target will be known in "
        f"production: {', '.join(f'{name} ({powers[name]:.2f})' for name in names)}"
        + (f", and {len(powers) - len(names)} more." if len(powers) > len(names) else "."),
        {"powers": {name: powers[name] for name in names}, "columns": len(powers)},
        "Will each be known, in the same form, when a prediction is asked for? Say "
        f"problem.in_production=[{listed}] or problem.not_in_production=[…].",
        "6.1.2",
    )


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Leak]
