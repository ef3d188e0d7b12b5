"""What the steps after `protocol` share: the development rows, their folds, the looks at them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from mlrecipe.data.gaps import Gaps
from mlrecipe.data.table import Table
from mlrecipe.data.table_schema import TableSchema
from mlrecipe.evaluation.answers import Answers
from mlrecipe.evaluation.folds import Folds, load_splits, prepare_folds
from mlrecipe.evaluation.intervals import sample_scores
from mlrecipe.evaluation.looks import Looks
from mlrecipe.evaluation.optimism import SAMPLES, optimism_of
from mlrecipe.evaluation.scores import compare, dependence_of, score_folds
from mlrecipe.evaluation.validation import AfterFold, Hopeless, Validation, validate
from mlrecipe.files import digest, read_json
from mlrecipe.interfaces import Array, Metric, Outcomes, Preprocessing
from mlrecipe.ledger import Ledger
from mlrecipe.preparation.prepared import development_rows
from mlrecipe.preparation.target_codec import TargetCodec
from mlrecipe.recipe import Recipe
from mlrecipe.run_folder import Run, package_versions
from mlrecipe.steps.configuration import configuration, fits_folder
from mlrecipe.steps.context import StepContext
from mlrecipe.steps.together import load_together


def load_schema(run: Run) -> TableSchema:
    """Return the columns as `collect` wrote them."""
    return TableSchema.model_validate(read_json(run.artifact("collect", "schema.json")))


def load_codec(run: Run) -> TargetCodec:
    """Return what `collect` learnt of the target."""
    return TargetCodec.model_validate(read_json(run.artifact("collect", "target.json")))


def load_development(run: Run) -> pd.DataFrame:
    """Return the rows that every step before `finalize` may see."""
    return pd.read_parquet(run.artifact("collect", "development.parquet"))


def load_weights(run: Run, part: Literal["development", "test"]) -> Array:
    """Return how many cases of the population each row stands for, float32 (rows,)."""
    with np.load(run.artifact("collect", "weights.npz"), allow_pickle=False) as arrays:
        return arrays[part]


@dataclass
class Development:
    """The development rows of a run, ready to validate configurations on.

    Attributes:
        context: the step that uses them.
        schema, codec: columns and target.
        rows: the raw rows as they are prepared.
        frame: the same rows in memory.
        y: encoded targets, float32 (rows, outputs).
        weights: how many cases of the population a row stands for, float32 (rows,), mean 1.
        units: int64 (rows,): rows of one number hang together; see `Together`.
    """

    context: StepContext
    schema: TableSchema
    codec: TargetCodec
    rows: Table
    frame: pd.DataFrame
    y: Array
    weights: Array
    units: Array
    _folds: dict[str, Folds] = field(default_factory=dict)

    @classmethod
    def of(cls, context: StepContext) -> Development:
        """Read what `collect` and `protocol` left."""
        run = context.run
        codec, frame = load_codec(run), load_development(run)
        y = context.recipe.task.encode(frame[list(codec.columns)], codec)
        path = run.artifact("collect", "development.parquet")
        rows = development_rows(path, frame, context.recipe.engine)
        weights = load_weights(run, "development")
        units = load_together(run, "development").units
        return cls(context, load_schema(run), codec, rows, frame, y, weights, units)

    def folds(self, preprocessing: Preprocessing) -> Folds:
        """Return the folds, prepared once for each preprocessing."""
        key = json.dumps(preprocessing.mapping())
        if key not in self._folds:
            splits = load_splits(self.context.artifact("protocol", "splits.npz"))
            self._folds[key] = prepare_folds(
                self.rows,
                self.frame,
                self.y,
                self.weights,
                self.codec,
                self.schema,
                preprocessing,
                splits,
                self.gaps,
            )
        return self._folds[key]

    @property
    def gaps(self) -> Gaps:
        """The copies with gaps that training rows are joined by."""
        return Gaps(self.context.recipe.problem.gaps_in_production, self.context.seed)

    @property
    def validation_rows(self) -> list[Array]:
        """Positions of each fold's validation rows."""
        splits = load_splits(self.context.artifact("protocol", "splits.npz"))
        return [valid for _, valid in splits]

    @property
    def primary(self) -> Metric:
        """The metric that decides; `protocol` froze it."""
        return self.context.recipe.metric[0]

    def look(self, recipe: Recipe, after_fold: AfterFold | None = None) -> Validation:
        """Validate the configuration of a recipe, and note in the ledger that it was looked at.

        What another step of the run has looked at is not trained again.

        Args:
            after_fold: see `validate`; a look that it ends is noted as well.
        """
        settings = configuration(self.context, recipe)
        looks, decides = Looks(self._kept_looks), self._decides(settings)
        seen = {**settings, "metric": self.primary.name}
        result = looks.get(decides)
        if result is None:
            try:
                result = self._validated(recipe, fits_folder(self.context, settings), after_fold)
            except Hopeless:
                stopped = {**seen, "stopped": True}
                self.ledger.record("look", stopped, run=str(self.context.run.path.resolve()))
                raise
            looks.put(decides, result)
        self.ledger.record("look", seen, **self._told(result))
        return result

    def _told(self, result: Validation) -> dict[str, Any]:
        """Return what the ledger keeps of a look: the score, and how it varies with the rows."""
        parts, metric = self.parts(result.answers), self.primary
        score = float(np.mean([metric.score(p.y, p.outputs, p.weights) for p in parts]))
        samples = sample_scores(metric, parts, seed=0, count=SAMPLES)  # the same rows in every run
        return {
            "run": str(self.context.run.path.resolve()),
            "step": self.context.step,
            "split": self.split,
            "metric": metric.name,
            "score": score if np.isfinite(score) else None,
            "samples": [round(float(v), 6) for v in samples] if np.isfinite(samples).all() else [],
        }

    @property
    def split(self) -> str:
        """A name of the validation rows: looks of one name saw the same ones."""
        return digest([rows.tolist() for rows in self.validation_rows])[:16]

    def optimism(self) -> float:
        """Return by how much the best look at these validation rows seems better than it is."""
        primary = self.primary
        looks = self.ledger.entries("look")
        return optimism_of(looks, self.split, primary.name, primary.greater_is_better)

    def forget_looks(self) -> None:
        """Remove what was kept of looks: no later step asks for any."""
        shutil.rmtree(self._kept_looks, ignore_errors=True)

    @property
    def _kept_looks(self) -> Path:
        return self.context.run.path / "work" / "looks"

    def _decides(self, settings: Mapping[str, Any]) -> list[Any]:
        """Return all that a look depends on: its configuration, versions and rows."""
        run = self.context.run
        rows = [(run.step(step) or {}).get("product", "") for step in ("collect", "protocol")]
        return [settings, package_versions(), rows]

    def _validated(self, recipe: Recipe, kept: Path, after_fold: AfterFold | None) -> Validation:
        """Train on every fold, and answer its validation rows."""
        result = validate(
            self.folds(recipe.preprocessing),
            recipe,
            seed=recipe.workflow.seed,
            listener=self.context.epoch,
            folder=kept,
            after_fold=after_fold,
        )
        shutil.rmtree(kept, ignore_errors=True)
        return result

    def scores(self, answers: Answers) -> dict[str, dict[str, Any]]:
        """Score a model's answers by every metric of the recipe."""
        return score_folds(
            self.context.recipe.metric,
            self.parts(answers),
            confidence=self.context.recipe.workflow.confidence,
            seed=self.context.seed,
        )

    def parts(self, answers: Answers) -> list[Outcomes]:
        """Return what each fold's validation rows were answered, as metrics take it."""
        return [
            self.outcomes(rows, answer)
            for rows, answer in zip(self.validation_rows, answers, strict=True)
        ]

    def outcomes(self, rows: Array, outputs: Array) -> Outcomes:
        """Return answers (rows, …) to some of the rows, all judged together, as metrics take it."""
        y, judged = self.context.recipe.task.judged(self.y[rows], outputs)
        return Outcomes(y, judged, self.weights[rows], self.units[rows])

    def pooled(self, answers: Answers) -> Outcomes:
        """Return all validation rows with what they were answered, one fold after the other.

        A row that several splits validate stands there several times.
        """
        rows = np.concatenate(self.validation_rows)
        outputs = np.concatenate(list(answers))
        return Outcomes(self.y[rows], outputs, self.weights[rows], self.units[rows])

    def compare(self, ours: Answers, theirs: Answers) -> dict[str, Any]:
        """Compare two models' answers by the primary metric, in pairs of rows."""
        return self._compare(ours, theirs, self.context.recipe.workflow.confidence, 1.0)

    def compare_with_nothing(
        self, ours: Answers, theirs: Answers, confidence: float
    ) -> dict[str, Any]:
        """Compare a model's answers with those of one that ignores the inputs.

        The interval is as wide as it is when there is nothing to learn; see `dependence_of`.
        """
        splits = load_splits(self.context.artifact("protocol", "splits.npz"))
        return self._compare(ours, theirs, confidence, dependence_of(splits))

    def _compare(
        self, ours: Answers, theirs: Answers, confidence: float, dependence: float
    ) -> dict[str, Any]:
        return compare(
            self.primary,
            self.parts(ours),
            self.parts(theirs),
            confidence=confidence,
            seed=self.context.seed,
            dependence=dependence,
        )

    @property
    def ledger(self) -> Ledger:
        """The record of the data set."""
        collected = read_json(self.context.artifact("collect", "collect.json"))
        return Ledger(collected["fingerprint"])
