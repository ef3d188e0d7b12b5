"""Step 5: scores the simple answers that a model has to beat."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlrecipe.files import write_json
from mlrecipe.interfaces import Array, Baseline
from mlrecipe.steps.context import StepContext
from mlrecipe.steps.development import Development


def run(context: StepContext) -> None:
    """Write ``baselines.json`` and the out-of-fold outputs of every baseline."""
    recipe = context.recipe
    development = Development.of(context)
    outputs: dict[str, Any] = {item.name: _outputs(item, development) for item in recipe.baseline}
    np.savez(context.folder / "outputs.npz", **outputs)
    rows = [
        {
            "name": item.name,
            "trivial": item.trivial,
            "scores": development.scores(outputs[item.name]),
        }
        for item in recipe.baseline
    ]
    primary = development.primary
    sign = 1 if primary.greater_is_better else -1

    def best(candidates: list[dict[str, Any]]) -> str:
        ranked = max(candidates, key=lambda row: sign * row["scores"][primary.name]["mean"])
        return str(ranked["name"])

    write_json(
        context.folder / "baselines.json",
        {
            "primary": primary.name,
            "greater_is_better": primary.greater_is_better,
            "best_trivial": best([row for row in rows if row["trivial"]] or rows),
            "best": best(rows),
            "baselines": rows,
        },
    )


def _outputs(baseline: Baseline, development: Development) -> Array:
    folds = development.folds(development.context.recipe.preprocessing)
    return folds.gathered(
        [baseline.predict(fold.training, fold.validation.inputs()) for fold in folds]
    )
