"""Fills the templates of the pages. The same content gives the same bytes: no clock, no ids."""

from __future__ import annotations

import functools
from typing import Any

import jinja2

from mlrecipe.ledger import moment


def render(template: str, **content: Any) -> str:
    """Return a page; everything that is put into HTML is escaped."""
    return _environment().get_template(template).render(**content).rstrip() + "\n"


@functools.cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("mlrecipe.reports"),
        autoescape=lambda name: name is not None and ".html" in name,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters.update(number=number, percent=percent, cases=cases, moment=moment)
    return environment


def number(value: Any) -> str:
    """Return a number with four significant digits, and thousands apart."""
    if value is None:
        return "–"
    value = float(value)
    if value.is_integer() and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:.4g}"


def percent(share: float | None) -> str:
    """Return a share as a percentage with one digit."""
    return "–" if share is None else f"{share:.1%}"


def cases(value: float) -> str:
    """Return cases a day as people say them: below one, as one every so many days."""
    if value >= 10:
        return f"{value:.0f} a day"
    if value >= 1:
        return f"{value:.1f} a day"
    if value < 1 / 3650:
        return "hardly ever"
    days = 1 / value
    return f"one every {days:.0f} days" if days >= 1.5 else f"{value:.1f} a day"
