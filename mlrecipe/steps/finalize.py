"""Step 9: trains on all development rows, then opens the sealed test set, once."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pandas as pd

from mlrecipe.data.table import Table
from mlrecipe.evaluation.answers import load_answers
from mlrecipe.evaluation.intervals import interval, sample_scores
from mlrecipe.files import read_json, write_json
from mlrecipe.interfaces import Outcomes, Samples, Training
from mlrecipe.preparation.preparation import Preparation
from mlrecipe.preparation.prepared import fit_encode
from mlrecipe.recipe import Recipe
from mlrecipe.steps.configuration import configuration, fits_folder
from mlrecipe.steps.context import StepContext
from mlrecipe.steps.development import Development, load_weights
from mlrecipe.steps.drop import judge_drop
from mlrecipe.steps.opening import REOPENED, note_opening, require_reason, tell_openings
from mlrecipe.steps.together import load_together
from mlrecipe.training.fitting import Fitter


def run(context: StepContext) -> None:
    """Write the final model and what it scores on rows that nothing has ever seen."""
    recipe = context.tuned_recipe
    development = Development.of(context)
    require_reason(context, development.ledger, recipe)
    tuned = read_json(context.artifact("tune", "tuned.json"))
    frame, y, weights = development.gaps.added(
        development.frame, development.y, development.weights
    )
    rows = development.rows if len(y) == development.rows.rows else Table(frame)
    preparation, x = fit_encode(recipe.preprocessing, rows, development.schema, y)
    codec = development.codec
    fitter = Fitter(
        recipe.task,
        recipe.architecture,
        recipe.objective,
        recipe.training,
        codec,
        context.seed,
        context.epoch,
        fits_folder(context, configuration(context, recipe)),
    )
    fitted, _ = fitter.fit(
        Samples(frame, x, y, weights),
        preparation.tensors,
        tuple(preparation.feature_names()),
        found=tuned["found"],
        seed=context.seed,
    )

    _tell_left_out(context, preparation)
    if fitter.used is not None:
        _tell_training(context, recipe, fitter.used)
    folder = context.folder / "model"
    folder.mkdir()
    answer = fitter.finish(fitted)
    fitted.model.save(folder / "model.keras")
    preparation.save(folder / "preparation.json")
    write_json(folder / "target.json", codec.model_dump(mode="json"))
    write_json(
        context.folder / "final.json",
        {
            "epochs": fitted.best,
            "found": dict(fitted.found),
            "parameters": int(fitted.model.count_params()),
            "rows": len(development.y),
            "copies_with_gaps": len(y) - len(development.y),
            "features": preparation.feature_names(),
            "derived": {item.name: item.expression.text for item in preparation.derived},
            "left_out": [item.model_dump(mode="json") for item in preparation.left_out],
            "training": fitter.used.mapping() if fitter.used else None,
            "curves": {"loss": fitted.loss},
        },
    )
    # Noted before the rows are read: a kill in between must not leave an opening uncounted.
    note_opening(context, development.ledger, recipe)
    test = pd.read_parquet(io.BytesIO(context.artifact("collect", "test.sealed").read_bytes()))
    y_test = recipe.task.encode(test[list(codec.columns)], codec)
    outputs = answer(preparation.transform(test))
    weights = load_weights(context.run, "test")
    np.savez(context.folder / "test_outputs.npz", y=y_test, outputs=outputs, weights=weights)
    units = load_together(context.run, "test").units
    judged = Outcomes(*recipe.task.judged(y_test, outputs), weights, units)
    write_json(context.folder / "test.json", _test(context, recipe, development, judged, tuned))


def _tell_training(context: StepContext, recipe: Recipe, used: Training) -> None:
    """Log the settings of training that the recipe left open, and what they came to be."""
    asked = recipe.training.mapping()
    for name, value in used.mapping().items():
        if asked.get(name) != value:
            reason = f"the recipe leaves training.{name} open; {recipe.architecture.name} takes it"
            context.run.event("choice", group=f"training.{name}", name=value, reason=reason)


def _tell_left_out(context: StepContext, preparation: Preparation) -> None:
    """Say which features selection left out, and why."""
    left_out = preparation.left_out
    if not left_out:
        return
    shown = ", ".join(f"{item.feature} ({item.reason})" for item in left_out[:5])
    context.find(
        "features-left-out",
        "advice",
        f"preprocessing.select left out {len(left_out)} of "
        f"{len(left_out) + len(preparation.feature_names())} features: {shown}"
        + (", …" if len(left_out) > 5 else "."),
        evidence={"features": {item.feature: item.reason for item in left_out[:100]}},
        advice="See that nothing is among them that ought to matter; final.json lists all.",
        section="6.2.1",
    )


def _test(
    context: StepContext,
    recipe: Recipe,
    development: Development,
    rows: Outcomes,
    tuned: dict[str, Any],
) -> dict[str, Any]:
    """Score the answers to the test rows; compare with validation."""
    y, outputs, weights = rows.y, rows.outputs, rows.weights
    confidence = recipe.workflow.confidence
    samples = {
        metric.name: sample_scores(metric, [rows], seed=context.seed) for metric in recipe.metric
    }
    scores = {}
    for metric in recipe.metric:
        low, high = interval(metric, [rows], samples[metric.name], confidence)
        scores[metric.name] = {"value": metric.score(y, outputs, weights), "low": low, "high": high}
    primary = recipe.metric[0]
    answers = load_answers(context.artifact("tune", "outputs.npz"))["tuned"]
    drop = judge_drop(
        context,
        primary,
        samples[primary.name],
        scores[primary.name]["value"],
        sample_scores(primary, development.parts(answers), seed=context.seed + 1),
        tuned,
    )
    others = tell_openings(context, development.ledger, recipe)
    value = scores[primary.name]
    return {
        "rows": len(y),
        "scores": scores,
        "validation": tuned["scores"],
        "drop": drop,
        "openings": 1 + len(others),
        "other_openings": others,
        "reason": recipe.workflow.waive.get(REOPENED, "") if others else "",
        "looks": tuned["looks"],
        "statement": f"On {len(y)} rows never seen before, {primary.name} is {value['value']:.4g} "
        f"({confidence:.0%} interval {value['low']:.4g} to {value['high']:.4g}).",
    }
