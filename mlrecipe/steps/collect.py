"""Step 2: loads the rows, checks them, settles what was left open, seals the test rows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from mlrecipe.comparison.periods import moments
from mlrecipe.comparison.weighting import (
    NO_WEIGHTING,
    describe_weights,
    estimates,
    fit_weighting,
    weighting_findings,
)
from mlrecipe.data.enforcement import enforce, unmixed
from mlrecipe.data.facts import facts_of
from mlrecipe.data.gaps import expecting_gaps
from mlrecipe.data.roles import role_columns, without_roles
from mlrecipe.data.schema_draft import schema_draft
from mlrecipe.data.sealing import latest_rows, sealed_rows
from mlrecipe.data.table import Table
from mlrecipe.data.table_schema import TableSchema
from mlrecipe.errors import MlrecipeError
from mlrecipe.files import write_json, write_text
from mlrecipe.interfaces import DECIDING, Array
from mlrecipe.reading.production import fitted_to_schema, production_rows
from mlrecipe.recipe import Recipe
from mlrecipe.recipe.settling import settle
from mlrecipe.steps.context import StepContext
from mlrecipe.steps.existing import look_at_existing
from mlrecipe.steps.learnable import require_learnable
from mlrecipe.steps.things import grouped_by_choice, require_whole_things
from mlrecipe.steps.together import Together, rows_together, save_together

MANY_KIN = 0.2
"""Share of the earlier rows from which on leaving them out costs more than it protects."""

FEWEST_ROWS = 20
"""Below, a test set holds fewer than four rows, and no split tells anything."""


def run(context: StepContext) -> None:
    """Write development rows, sealed test rows, schema, target and the settled recipe."""
    recipe = context.recipe
    discovered = recipe.source.discover()
    if discovered is not None:
        source = recipe.source.model_copy(update=dict(discovered.fields))
        recipe = replace(recipe, source=source)
    frame = recipe.source.read()
    if frame.columns.has_duplicates:
        twice = frame.columns[frame.columns.duplicated()][0]
        raise MlrecipeError(f"the data has two columns named {twice!r}", where="source")
    frame.columns = frame.columns.map(str)
    frame = unmixed(frame)
    schema = without_roles(recipe.schema.table(frame, recipe.problem), frame, recipe.problem)
    schema = expecting_gaps(schema, frame, recipe.problem.gaps_in_production)
    if recipe.problem.time is not None:
        moments(frame[recipe.problem.time])  # refuses what does not read as a time
    frame = _drop_unlabelled(frame, schema, context)
    frame = _drop_unlabelled(_enforce(frame, schema, context), schema, context)
    _require_rows(frame)
    _require_sound(frame, schema)

    facts = facts_of(frame, schema, recipe.problem, recipe.workflow.test_share)
    settled, choices = settle(recipe, facts, context.registry)
    choices |= grouped_by_choice(settled)
    require_whole_things(frame, settled)
    codec = settled.task.fit_target(frame[list(schema.targets)], settled.problem)
    require_learnable(frame[list(schema.targets)], settled, codec)
    for finding in settled.task.remarks(frame[list(schema.targets)], codec):
        context.add(finding)
    if settled.task.simple:
        look_at_existing(frame, settled, codec, context)
    together = rows_together(frame, schema, settled, context)
    test = _sealed(frame, settled, codec, together)
    if settled.protocol.by_time:
        kept = _apart_from_test(test, together, context)
        frame, test, together = frame[kept].reset_index(drop=True), test[kept], together.of(kept)
    development = frame[~test].reset_index(drop=True)
    if settled.task.regression:
        # Centre and spread are learnt from development rows alone; labels are known beforehand.
        codec = settled.task.fit_target(development[list(schema.targets)], settled.problem)
        codec = codec.scaled(settled.objective.scaling, settled.objective.bounds)

    Table.write(development, context.folder / "development.parquet")
    Table.write(frame[test], context.folder / "test.sealed")
    save_together(together, test, context)
    weights = _write_weights(development, frame[test], settled, context)
    _write_production(settled, schema, context)
    if discovered is not None:
        choices = {"source": [discovered], **choices}
    write_json(context.folder / "schema.json", schema.model_dump(mode="json"))
    write_text(context.folder / "schema.yaml", schema_draft(schema, development))
    write_json(context.folder / "target.json", codec.model_dump(mode="json"))
    write_json(context.folder / "components.json", settled.choices(DECIDING))
    write_json(
        context.folder / "choices.json",
        {
            group: [{"name": c.name, "reason": c.reason, "fields": dict(c.fields)} for c in made]
            for group, made in choices.items()
        },
    )
    write_json(
        context.folder / "collect.json",
        {
            "rows": len(frame),
            "development_rows": len(development),
            "test_rows": int(test.sum()),
            "fingerprint": recipe.source.fingerprint(),
            "left_out": _left_out(schema, role_columns(recipe.problem)),
            "weights": weights,
        },
    )
    for group, made in choices.items():
        for choice in made:
            context.run.event("choice", group=group, name=choice.name, reason=choice.reason)


def _enforce(frame: pd.DataFrame, schema: TableSchema, context: StepContext) -> pd.DataFrame:
    """Hold the rows against the schema; what its policies mend is counted in findings."""
    enforced = enforce(frame, schema)
    for finding in enforced.findings(len(frame)):
        context.add(finding)
    return enforced.frame


def _write_weights(
    development: pd.DataFrame, test: pd.DataFrame, recipe: Recipe, context: StepContext
) -> dict[str, Any] | None:
    """Write the weights of both parts; return what they do to the estimate of the target."""
    weighting = fit_weighting(development, recipe.problem)
    weights = weighting.weights(development)
    np.savez(context.folder / "weights.npz", development=weights, test=weighting.weights(test))
    if weighting == NO_WEIGHTING:
        return None
    names = recipe.problem.target if recipe.task.simple else ()
    targets, classes = development[list(names)], recipe.task.classification
    described = {
        **describe_weights(weights, weighting.raking),
        "estimates": estimates(targets, weights, classification=classes),
    }
    for finding in weighting_findings(described, recipe.problem):
        context.add(finding)
    return described


def _write_production(recipe: Recipe, schema: TableSchema, context: StepContext) -> None:
    """Write the rows as production sees them, where the problem or the source has a sample."""
    rows = production_rows(recipe.problem, recipe.source, schema)
    if rows is None:
        return
    fitted, findings = fitted_to_schema(rows, schema)
    for finding in findings:
        context.add(finding)
    Table.write(fitted, context.folder / "production.parquet")


def _drop_unlabelled(
    frame: pd.DataFrame, schema: TableSchema, context: StepContext
) -> pd.DataFrame:
    """Leave out rows without a target: nothing can be learnt from them, nor measured on them."""
    unlabelled = frame[list(schema.targets)].isna().any(axis=1)
    if not unlabelled.any():
        return frame
    count = int(unlabelled.sum())
    context.find(
        "unlabelled-rows",
        "warning",
        f"{count} of {len(frame)} rows have no {' or '.join(schema.targets)} and were left out.",
        evidence={"rows": np.flatnonzero(unlabelled)[:5].tolist(), "count": count},
        advice="Find out whether they differ from the others; label them if they do.",
        section="6.1.2",
    )
    return frame[~unlabelled].reset_index(drop=True)


def _require_rows(frame: pd.DataFrame) -> None:
    if len(frame) < FEWEST_ROWS:
        raise MlrecipeError(
            f"the data has {len(frame)} labelled rows",
            where="source",
            expected=f"at least {FEWEST_ROWS}, or no split tells anything",
            fix="collect more",
        )


def _require_sound(frame: pd.DataFrame, schema: TableSchema) -> None:
    if not schema.inputs:
        raise MlrecipeError(
            "there is no input column",
            where="problem.inputs",
            expected="at least one column besides the target",
            fix="name one in problem.inputs, or collect one",
        )


def _strata(frame: pd.DataFrame, recipe: Recipe, codec: Any) -> Array | None:
    if not recipe.task.classification:
        return None
    return recipe.task.strata(recipe.task.encode(frame[list(codec.columns)], codec))


def _sealed(frame: pd.DataFrame, recipe: Recipe, codec: Any, together: Together) -> Array:
    """Return which rows are sealed for the test, bool (rows,)."""
    share, seed = recipe.workflow.test_share, recipe.workflow.seed
    if recipe.protocol.by_time:
        times = times_of_rows(frame, recipe.problem.time)
        if times is not None:
            return latest_rows(times, share)
    strata = _strata(frame, recipe, codec)
    if together.grouped:
        return sealed_rows(frame, strata, share, seed, groups=together.units)
    return sealed_rows(frame, strata, share, seed, copies=together.units)


def _apart_from_test(test: Array, together: Together, context: StepContext) -> Array:
    """Return bool (rows,): all but earlier rows that hang together with one of the test set."""
    kept = test | ~np.isin(together.units, together.units[test])
    lost, earlier = int((~kept).sum()), int((~test).sum())
    if lost == earlier:
        raise MlrecipeError(
            f"all {earlier} earlier rows belong to group(s) that the latest rows hold: nothing "
            "is left to train on",
            where="problem.grouped_by",
            fix="leave it out, where production meets the same groups again; or choose "
            "protocol=kfold",
        )
    if lost:
        context.find(
            "kin-of-test-rows",
            "warning" if lost > MANY_KIN * earlier else "note",
            f"{lost} of {earlier} earlier rows are left out: they are copies of rows of the test "
            "set, or of one group with them.",
            evidence={"count": lost, "rows": np.flatnonzero(~kept)[:5].tolist()},
            advice="If production meets the same cases and groups again, leave problem.grouped_by "
            "out, and set protocol.copies=apart.",
            section="6.2.2",
        )
    return kept


def times_of_rows(frame: pd.DataFrame, column: str | None) -> Array | None:
    """Return when each row came about, float64 (rows,); None where the problem names no time."""
    return None if column is None else moments(frame[column]).values


def _left_out(schema: TableSchema, roles: dict[str, str]) -> list[dict[str, str]]:
    """Return the columns that no model will read, with the reason."""
    features = schema.features()
    rows = []
    for name, column in schema.columns.items():
        if name in features or name in schema.targets:
            continue
        if name in roles:
            reason = roles[name]
        elif not column.available:
            reason = "not known in production (problem.not_in_production)"
        elif name not in schema.inputs:
            reason = "not among problem.inputs"
        else:
            reason = column.reason or f"declared as {column.kind}"
        rows.append({"column": name, "kind": column.kind, "reason": reason})
    return rows
