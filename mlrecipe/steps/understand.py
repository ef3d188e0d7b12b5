"""Step 3: looks at the development rows before anything is trained."""

from __future__ import annotations

from mlrecipe.data.power import best_powers
from mlrecipe.data.statistics import describe
from mlrecipe.data.table import Table
from mlrecipe.files import read_json, write_json, write_text
from mlrecipe.interfaces import Inspection
from mlrecipe.reports.data_report import data_report
from mlrecipe.steps.context import StepContext
from mlrecipe.steps.development import load_schema, load_weights


def run(context: StepContext) -> None:
    """Carry out the checks; write ``statistics.json``, ``powers.json``, ``data_report.html``."""
    recipe, schema = context.recipe, load_schema(context.run)
    data = Inspection(
        table=Table(context.artifact("collect", "development.parquet")),
        schema=schema,
        problem=recipe.problem,
        task=recipe.task,
        weights=load_weights(context.run, "development"),
        production=_production(context),
        seed=context.seed,
        preprocessing=recipe.preprocessing,
    )
    for check in recipe.checks:
        for finding in check.inspect(data):
            context.add(finding)
    statistics = describe(data.table, schema)
    write_json(context.folder / "statistics.json", statistics)
    write_json(context.folder / "powers.json", best_powers(data))
    collected = read_json(context.artifact("collect", "collect.json"))
    page = data_report(recipe, statistics, collected, context.findings)
    write_text(context.folder / "data_report.html", page)


def _production(context: StepContext) -> Table | None:
    """Return the rows as production sees them, where the problem names a sample."""
    path = context.run.step_folder("collect") / "production.parquet"
    return Table(path) if path.exists() else None
