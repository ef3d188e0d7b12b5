"""Step 3: looks at the development rows before anything is trained."""

from __future__ import annotations

from mlrecipe.data.statistics import describe
from mlrecipe.files import read_json, write_json, write_text
from mlrecipe.reports.data_report import data_report
from mlrecipe.steps.context import StepContext
from mlrecipe.steps.development import load_development, load_schema


def run(context: StepContext) -> None:
    """Carry out the checks; write ``statistics.json`` and ``data_report.html``."""
    recipe, schema = context.recipe, load_schema(context.run)
    frame = load_development(context.run)
    for check in recipe.checks:
        for finding in check.inspect(frame, schema, recipe.problem, recipe.task):
            context.add(finding)
    statistics = describe(frame, schema)
    write_json(context.folder / "statistics.json", statistics)
    collected = read_json(context.artifact("collect", "collect.json"))
    page = data_report(recipe, statistics, collected, context.findings)
    write_text(context.folder / "data_report.html", page)
