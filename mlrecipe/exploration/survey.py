"""Everything that the data report shows, as plain data: the content of ``data_report.json``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mlrecipe.data.table_schema import Column
from mlrecipe.exploration.correlations import correlations
from mlrecipe.exploration.gaps import missing_pattern
from mlrecipe.exploration.locations import locations
from mlrecipe.exploration.samples import sample_rows
from mlrecipe.exploration.split import Split, split_of
from mlrecipe.exploration.text_facts import text_facts
from mlrecipe.exploration.time_course import time_course
from mlrecipe.files import finite
from mlrecipe.findings import Finding
from mlrecipe.interfaces import Inspection
from mlrecipe.problem import Problem

VERSION = 1

Powers = Mapping[str, Mapping[str, float]]
"""Column -> what of it, such as its value or its presence -> how well that predicts the target."""


def survey(
    data: Inspection,
    statistics: Mapping[str, Any],
    collected: Mapping[str, Any],
    findings: Sequence[Finding],
    *,
    powers: Powers | None = None,
    show_rows: bool = True,
) -> dict[str, Any]:
    """Look at every column of the development rows, alone, against the target and together.

    Args:
        data: the development rows and what they are for.
        statistics: of every column, split by the target: what `describe` gives.
        collected: what the step `collect` recorded: rows, sealed rows, columns left out.
        findings: what the checks found.
        powers: how well each column alone predicts the target, where that was measured.
        show_rows: whether single rows may be shown: samples, words, points on a map.

    Returns:
        Plain data, finite numbers alone, as docs/run-folder.md describes it.
    """
    split = split_of(data.table, data.schema, data.task)
    columns = {name: dict(column) for name, column in statistics["columns"].items()}
    for name, column in columns.items():
        described = data.schema.columns[name]
        column["description"] = described.description
        column["available"] = availability(name, described, data.problem)
        column["power"] = dict((powers or {}).get(name, {}))
        column["findings"] = [i for i, f in enumerate(findings) if name in columns_of(f)]
        if described.kind == "text" and show_rows:
            column["text"] = text_facts(data.table, name, split)
    missing = {name: column["missing"] for name, column in columns.items()}
    content = {
        "version": VERSION,
        "question": data.problem.question,
        "unit": data.problem.unit,
        "targets": list(data.schema.targets),
        "rows": {
            "development": data.table.rows,
            "sealed": collected.get("test_rows"),
            "all": collected.get("rows"),
        },
        "left_out": list(collected.get("left_out", ())),
        "shows_rows": show_rows,
        "split": split.content() if split else None,
        "findings": [_finding(f) for f in findings],
        "columns": columns,
        "samples": sample_rows(data.table, data.schema, split, data.seed) if show_rows else None,
        "correlations": correlations(
            data.table, data.schema, with_targets=split is None or len(split.labels) <= 2
        ),
        "missing": missing_pattern(data.table, missing),
        "maps": locations(data.table, data.schema, split, data.seed) if show_rows else [],
        "times": _times(data, split),
    }
    result: dict[str, Any] = finite(content)
    return result


def columns_of(finding: Finding) -> set[str]:
    """Return the columns that a finding's evidence names."""
    named = {finding.evidence.get("column")}
    several = finding.evidence.get("columns", ())
    if isinstance(several, Mapping | list | tuple):
        named.update(several)
    return {str(name) for name in named if isinstance(name, str)}


def availability(name: str, column: Column, problem: Problem) -> str:
    """Return whether a column is known in production: ``yes``, ``no``, or nobody said."""
    if name in problem.not_in_production or not column.available:
        return "no"
    return "yes" if name in problem.in_production else "unasked"


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "severity": finding.severity,
        "message": finding.message,
        "advice": finding.advice,
        "columns": sorted(columns_of(finding)),
    }


def _times(data: Inspection, split: Split | None) -> list[dict[str, Any]]:
    """Return the course of the problem's time column, and of every column of dates."""
    schema = data.schema
    dates = [
        name
        for name, column in schema.columns.items()
        if column.kind == "datetime" and name not in (*schema.targets, data.problem.time)
    ]
    named = [data.problem.time] if data.problem.time in schema.columns else []
    courses = [time_course(data.table, str(name), split) for name in [*named, *dates]]
    return [course for course in courses if course]
