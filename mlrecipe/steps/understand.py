"""Step 3: looks at the development rows before anything is trained."""

from __future__ import annotations

from mlrecipe.data.table import Table
from mlrecipe.exploration.power import best_powers, column_powers
from mlrecipe.exploration.split import split_of
from mlrecipe.exploration.statistics import describe
from mlrecipe.exploration.survey import Powers, survey
from mlrecipe.files import read_json, write_json, write_text
from mlrecipe.interfaces import Inspection
from mlrecipe.reports.data_report import data_report
from mlrecipe.steps.context import StepContext
from mlrecipe.steps.development import load_schema, load_weights


def run(context: StepContext) -> None:
    """Carry out the checks; write statistics, powers, ``data_report.json`` and its page."""
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
    split = split_of(data.table, schema, recipe.task)
    statistics = describe(data.table, schema, split)
    write_json(context.folder / "statistics.json", statistics)
    write_json(context.folder / "powers.json", best_powers(data))
    content = survey(
        data,
        statistics,
        read_json(context.artifact("collect", "collect.json")),
        context.findings,
        powers=_powers(data, show_rows=recipe.workflow.report_rows),
        show_rows=recipe.workflow.report_rows,
    )
    write_json(context.folder / "data_report.json", content)
    write_text(context.folder / "data_report.html", data_report(content))


def _powers(data: Inspection, *, show_rows: bool) -> Powers:
    """Return how well each column alone predicts the target, by what of it.

    What of it may quote a word of a text; where no rows are to be shown, it is left out.
    """
    found: dict[str, dict[str, float]] = {}
    if not show_rows:
        return {name: {"the column": power} for name, power in best_powers(data).items()}
    for item in column_powers(data):
        found.setdefault(item.column, {})[item.by] = item.power
    return found


def _production(context: StepContext) -> Table | None:
    """Return the rows as production sees them, where the problem names a sample."""
    path = context.run.step_folder("collect") / "production.parquet"
    return Table(path) if path.exists() else None
