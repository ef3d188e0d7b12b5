"""How the problem was framed, as rows of a table; what the recipe leaves open stays visible."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlrecipe.problem import Constraints, Costs, Ethics, Existing, Problem
from mlrecipe.recipe import Recipe
from mlrecipe.recipe.ethics_rules import QUESTIONS
from mlrecipe.reports.pages import number

MISSING = "Missing: "
"""How an open question begins; templates and people find it by this word."""

ETHICS_TITLES = {
    "affected": "who is affected",
    "benefit": "what they gain",
    "harm": "what a wrong answer does",
    "recourse": "how to object",
    "labels": "what the labels record",
    "consent": "why these data may be used",
}


def framing(recipe: Recipe, framed: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what the recipe says of the problem: (aspect, words).

    Args:
        recipe: the settled recipe.
        framed: content of ``problem.json``, as the step frame wrote it.
    """
    problem = recipe.problem
    inputs = "every usable column" if problem.inputs is None else ", ".join(problem.inputs)
    return [
        ("question", problem.question),
        ("one case is", problem.unit),
        ("predicted", ", ".join(problem.target) or "nothing: rows that are alike are sought"),
        ("from", inputs),
        ("used by", problem.used_by or _missing("problem.used_by")),
        ("volume", _volume(problem)),
        ("costs", _costs(recipe)),
        ("today", _today(problem.existing)),
        ("known in production", _availability(problem)),
        ("constraints", _constraints(problem)),
        *((f"target {name}", words) for name, words in _targets(framed)),
        ("subject", problem.subject or _missing("problem.subject (people or things)")),
        ("groups to check", ", ".join(problem.groups) or _groups_missing(problem)),
        ("intended use", problem.intended_use or _missing("problem.intended_use")),
        ("not for", problem.limits or _missing("problem.limits")),
        ("life span", life_span(problem)),
    ]


def ethics(problem: Problem) -> list[tuple[str, str]]:
    """Return the questions on ethics with their answers; empty for things without answers."""
    answers = problem.ethics
    if problem.subject != "people" and answers == Ethics():
        return []
    rows = [
        (ETHICS_TITLES[name], getattr(answers, name) or _missing(f"problem.ethics.{name}"))
        for name in QUESTIONS
    ]
    return [*rows, ("verdict", answers.verdict.replace("_", " "))]


def life_span(problem: Problem) -> str:
    """Return how long the model may be used without being replaced."""
    if problem.life_span_days is None:
        return _missing("problem.life_span_days")
    return f"{number(problem.life_span_days)} days; then it is due for replacement"


def _missing(key: str) -> str:
    return f"{MISSING}{key}"


def _volume(problem: Problem) -> str:
    if problem.volume_per_day is None:
        return _missing("problem.volume_per_day")
    return f"{number(problem.volume_per_day)} a day"


def _costs(recipe: Recipe) -> str:
    costs, task = recipe.problem.costs, recipe.task
    if costs == Costs():
        return _missing("problem.costs (every error is taken to cost 1)")
    if task.regression:
        return f"{number(costs.per_unit)} for being off by one unit"
    words = {
        "a false alarm": costs.false_positive,
        "a missed case": costs.false_negative,
        "a case found": costs.true_positive,
        "a negative recognized": costs.true_negative,
    }
    return ", ".join(f"{name} {number(value)}" for name, value in words.items() if value)


def _today(existing: Existing | None) -> str:
    if existing is None:
        return _missing("problem.existing (how are cases handled today?)")
    how = f"the rule {existing.rule}" if existing.rule else f"decisions in column {existing.column}"
    return f"{existing.description} ({how})" if existing.description else how


def _availability(problem: Problem) -> str:
    if not problem.in_production and not problem.not_in_production:
        return _missing("problem.in_production, problem.not_in_production")
    parts = []
    if problem.in_production:
        parts.append(f"confirmed: {', '.join(problem.in_production)}")
    if problem.not_in_production:
        parts.append(f"not known: {', '.join(problem.not_in_production)}")
    return "; ".join(parts)


def _constraints(problem: Problem) -> str:
    default = Constraints().model_dump()
    limits = problem.constraints.model_dump()
    stated = {name: value for name, value in limits.items() if value != default[name]}
    if not stated:
        return "none declared: a reliable network, no limit of time, size or secrecy"
    return ", ".join(f"{name.replace('_', ' ')}: {_word(v)}" for name, v in stated.items())


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return number(value) if isinstance(value, int | float) else str(value)


def _targets(framed: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what follows from the constraints for each place where a model can run."""
    found = []
    for name, reasons in framed.get("targets", {}).items():
        if reasons["against"]:
            found.append((name, f"ruled out: {'; '.join(reasons['against'])}"))
        elif reasons["for"]:
            found.append((name, f"fits: {'; '.join(reasons['for'])}"))
    return found


def _groups_missing(problem: Problem) -> str:
    return _missing("problem.groups") if problem.subject == "people" else "none named"
