"""The page of the step `understand`: what the development rows look like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from mlrecipe.findings import Finding
from mlrecipe.recipe import Recipe
from mlrecipe.reports.figures import histogram, shares
from mlrecipe.reports.pages import render

SEVERITIES = ("blocker", "warning", "advice", "note")


def by_severity(items: Sequence[tuple[str, Finding]]) -> list[tuple[str, Finding]]:
    """Return findings with the gravest first, otherwise in order."""
    return sorted(items, key=lambda item: SEVERITIES.index(item[1].severity))


def data_report(
    recipe: Recipe,
    statistics: Mapping[str, Any],
    collected: Mapping[str, Any],
    findings: Sequence[Finding],
) -> str:
    """Return the page as HTML."""
    columns = [
        {"name": name, "figure": _figure(name, column, statistics["rows"]), **column}
        for name, column in statistics["columns"].items()
    ]
    tables = [
        (heading, rows)
        for heading, role in (
            ("Target", "target"),
            ("Inputs", "input"),
            ("Other columns", "left out"),
        )
        if (rows := [column for column in columns if column["role"] == role])
    ]
    return render(
        "data_report.html",
        recipe=recipe,
        collected=collected,
        items=by_severity([("understand", finding) for finding in findings]),
        inputs=sum(column["role"] == "input" for column in columns),
        tables=tables,
    )


def _figure(name: str, column: Mapping[str, Any], rows: int) -> Markup:
    if "histogram" in column:
        bins = column["histogram"]
        return histogram(bins["counts"], bins["edges"], f"histogram of {name}")
    if "top" in column:
        top = [(item["value"], item["count"]) for item in column["top"]]
        if column["other"]:
            top.append(("other", column["other"]))
        return shares(top, rows, f"most frequent values of {name}")
    return Markup("<span class='soft'>not shown: values may name people</span>")
