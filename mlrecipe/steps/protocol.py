"""Step 4: splits the development rows and freezes the primary metric."""

from __future__ import annotations

from dataclasses import replace

from mlrecipe.data.table_schema import PREPARED_KINDS, TableSchema
from mlrecipe.errors import MlrecipeError
from mlrecipe.evaluation.folds import save_splits
from mlrecipe.evaluation.intervals import method
from mlrecipe.evaluation.splitting import Split, split_heads
from mlrecipe.files import write_json
from mlrecipe.interfaces import Divisible, Preprocessing
from mlrecipe.steps.collect import times_of_rows
from mlrecipe.steps.context import StepContext
from mlrecipe.steps.development import Development
from mlrecipe.steps.reliability import judge_reliability
from mlrecipe.steps.together import load_together


def run(context: StepContext) -> None:
    """Write ``splits.npz`` and ``protocol.json``."""
    recipe = context.recipe
    development = Development.of(context)
    _require_features(development.schema, recipe.preprocessing)
    splits = _split(context, development)
    save_splits(context.folder / "splits.npz", splits)
    primary = recipe.metric[0]
    judge_reliability(context, development, splits)
    write_json(
        context.folder / "protocol.json",
        {
            "protocol": recipe.protocol.name,
            "folds": len(splits),
            "primary": primary.name,
            "greater_is_better": primary.greater_is_better,
            "metrics": [metric.name for metric in recipe.metric],
            "intervals": method(sum(len(valid) for _, valid in splits)),
            "training_rows": [len(train) for train, _ in splits],
            "validation_rows": [len(valid) for _, valid in splits],
        },
    )


def _split(context: StepContext, development: Development) -> list[Split]:
    """Return the protocol's splits; rows that hang together are on one side of each."""
    recipe, frame = context.recipe, development.frame
    together = load_together(context.run, "development")
    rows = Divisible(
        len(frame),
        recipe.workflow.seed,
        recipe.task.strata(development.y),
        times=times_of_rows(frame, recipe.problem.time),
    )
    if together.grouped or recipe.protocol.by_time:
        groups = None if together.apart else together.units
        return recipe.protocol.split(replace(rows, groups=groups))
    return split_heads(recipe.protocol, rows, together.units)


def _require_features(schema: TableSchema, preprocessing: Preprocessing) -> None:
    """Refuse a table that no model can read; until here it could be looked at all the same."""
    if preprocessing.gives(schema):
        return
    if schema.features():
        raise MlrecipeError(
            "every column is left out",
            where="preprocessing.drop",
            fix="keep a column, or compute one: preprocessing.derived",
        )
    kinds = ", ".join(f"{name} ({schema.columns[name].kind})" for name in schema.inputs)
    raise MlrecipeError(
        f"no input column can be read by a model: {kinds}",
        where="problem.inputs",
        expected=f"a column of a kind among {', '.join(PREPARED_KINDS)}",
        fix="name its kind: schema.kinds.COLUMN=numeric; the data report is in 03_understand",
    )
