"""Step 11: makes smaller variants of the final model and chooses one by rule."""

from __future__ import annotations

import gzip
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from mlrecipe.bundle.litert import Runtime
from mlrecipe.components.compression.none import NoCompression
from mlrecipe.errors import MlrecipeError
from mlrecipe.files import write_json
from mlrecipe.interfaces import Array, Compression, Metric, Tensors, Variant
from mlrecipe.preparation.preparation import Preparation
from mlrecipe.preparation.prepared import encode
from mlrecipe.preparation.target_codec import TargetCodec
from mlrecipe.recipe import Recipe
from mlrecipe.steps.context import StepContext
from mlrecipe.steps.development import Development
from mlrecipe.training.graphs import a_row

if TYPE_CHECKING:
    import keras

TIMED_CALLS = 200


def run(context: StepContext) -> None:
    """Write ``variants.json``, ``latency.json`` and a LiteRT file for each variant."""
    recipe = context.tuned_recipe
    development = Development.of(context)
    model = load_final_model(context)
    preparation = Preparation.load(context.artifact("finalize", "model/preparation.json"))
    x, y = encode(preparation, development.rows), development.y

    rows, latency = [], {}
    (context.folder / "variants").mkdir()
    variants, not_made = _variants(recipe, model, x, y, development.codec, context)
    for variant in variants:
        (context.folder / "variants" / f"{variant.name}.tflite").write_bytes(variant.model)
        runtime = Runtime(variant.model)
        judged = development.outcomes(np.arange(len(y)), runtime.run(x))
        rows.append(
            {
                "name": variant.name,
                "bytes": len(variant.model),
                "gzip_bytes": len(gzip.compress(variant.model, mtime=0)),
                "scores": {
                    m.name: m.score(judged.y, judged.outputs, judged.weights) for m in recipe.metric
                },
                "notes": variant.notes,
            }
        )
        latency[variant.name] = _milliseconds(runtime, {n: v[:1] for n, v in x.items()})
    primary = recipe.metric[0]
    chosen, reason = choose(rows, primary, recipe.workflow.tolerance)
    _hold_against_constraints(context, chosen, latency[chosen["name"]])
    write_json(
        context.folder / "variants.json",
        {
            "primary": primary.name,
            "rows": len(y),
            "rows_are": "development rows, which the models were trained on: the scores compare "
            "variants, they do not promise anything",
            "tolerance": recipe.workflow.tolerance,
            "variants": rows,
            "not_made": not_made,
            "chosen": chosen["name"],
            "reason": reason,
            "statement": f"{chosen['name']} is shipped: {reason}.",
        },
    )
    # Measured times differ from run to run, so they are kept apart from what does not.
    write_json(context.folder / "latency.json", {"milliseconds_a_row": latency})


def load_final_model(context: StepContext) -> keras.Model:
    """Return the final Keras model: a mapping of tensors to outputs (batch, outputs)."""
    from mlrecipe.training import layers, runtime

    runtime.start()
    layers.register()
    import keras

    path = context.artifact("finalize", "model/model.keras")
    return keras.saving.load_model(path, compile=False, safe_mode=True)


def choose(
    rows: list[dict[str, Any]], metric: Metric, tolerance: float
) -> tuple[dict[str, Any], str]:
    """Return the smallest variant that loses little enough, and why.

    Args:
        rows: variants; the first is the model as trained.
        tolerance: the loss of the primary metric that is tolerated, as a share of its value.
    """
    reference = rows[0]["scores"][metric.name]
    sign = 1 if metric.greater_is_better else -1
    room = tolerance * abs(reference)
    good = [row for row in rows if sign * (reference - row["scores"][metric.name]) <= room]
    chosen = min(good, key=lambda row: row["gzip_bytes"])
    share = chosen["gzip_bytes"] / rows[0]["gzip_bytes"]
    score = chosen["scores"][metric.name]
    reason = (
        f"the smallest within {tolerance:.0%} of the trained model's {metric.name} "
        f"({score:.4g} against {reference:.4g}), at {share:.0%} of its size compressed"
    )
    return chosen, reason


def _variants(
    recipe: Recipe,
    model: keras.Model,
    x: Tensors,
    y: Array,
    codec: TargetCodec,
    context: StepContext,
) -> tuple[list[Variant], dict[str, str]]:
    """Return the variants that could be made, the model as trained first, and why others not."""
    import keras

    keras.utils.set_random_seed(context.seed)
    loss = _loss_in_unit(recipe, codec)
    batch = recipe.training.rows_per_step(len(y))
    wanted = [c for c in recipe.compression if c.name != NoCompression.name]
    variants, not_made = make_variants(wanted, model, x, y, loss, batch)
    needed = recipe.problem.constraints.size_kb is not None and len(not_made) == len(wanted)
    for name, reason in not_made.items():
        context.find(
            "compression-not-made",
            "warning" if needed else "advice",
            f"There is no variant by compression={name}: {reason}.",
            evidence={"compression": name, "architecture": recipe.architecture.name},
            advice="Leave it out of `compression` for this architecture, or choose another one.",
            section="6.3.2",
        )
    return variants, not_made


def make_variants(
    compressions: Sequence[Compression],
    model: keras.Model,
    x: Tensors,
    y: Array,
    loss: Any,
    batch: int,
) -> tuple[list[Variant], dict[str, str]]:
    """Return the model as trained and the variants that can be made; name -> why, of the others."""
    variants = [NoCompression().compress(model, x, y, loss, batch)]
    not_made: dict[str, str] = {}
    for compression in compressions:
        try:
            variants.append(compression.compress(model, x, y, loss, batch))
        except Exception as error:  # a converter fails in many ways; the model as trained is there
            not_made[compression.name] = _reason(error)
    return variants, not_made


def _reason(error: Exception) -> str:
    """Return what an error says in a line, without a full stop."""
    if isinstance(error, MlrecipeError):
        return error.problem
    return f"{type(error).__name__}: {error}".partition("\n")[0].rstrip(".")


def _loss_in_unit(recipe: Recipe, codec: TargetCodec) -> Any:
    """Return the objective's loss for targets and outputs in the target's unit."""
    loss = recipe.objective.loss()
    if not codec.scale:
        return lambda y, outputs: a_row(loss(y, outputs))
    scale = np.asarray(codec.scale, dtype=np.float32)
    return lambda y, outputs: a_row(loss(y / scale, outputs / scale))


def _milliseconds(runtime: Runtime, row: Tensors) -> float:
    """Return the median time of one answer."""
    runtime.run(row)
    times = []
    for _ in range(TIMED_CALLS):
        started = time.perf_counter()
        runtime.run(row)
        times.append(time.perf_counter() - started)
    return round(float(np.median(times)) * 1000, 4)


def _hold_against_constraints(
    context: StepContext, chosen: dict[str, Any], milliseconds: float
) -> None:
    limits = context.recipe.problem.constraints
    kilobytes = chosen["bytes"] / 1000
    for code, value, limit, unit in (
        ("too-large", kilobytes, limits.size_kb, "kB"),
        ("too-slow", milliseconds, limits.latency_ms, "ms a row on this machine"),
    ):
        if limit is not None and value > limit:
            context.find(
                code,
                "blocker",
                f"The chosen variant {chosen['name']} takes {value:.4g} {unit}; the problem "
                f"allows {limit:.4g}.",
                evidence={"value": value, "limit": limit},
                advice="Allow a larger workflow.tolerance, prune more, or shrink the model.",
                section="6.3.2",
            )
