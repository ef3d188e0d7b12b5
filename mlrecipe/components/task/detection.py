"""Boxes: what is where in an image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field, PositiveInt

import mlrecipe

if TYPE_CHECKING:
    import keras
    import pandas as pd

    from mlrecipe.data.gallery import Gallery
    from mlrecipe.interfaces import Array, Evidence
    from mlrecipe.preparation.target_codec import TargetCodec
    from mlrecipe.problem import Problem

CELLS = (24, 48, 96)
"""Sides of the grid to choose from: a quarter of an image of 96, 192, 384 pixels."""

APART = 0.99
"""Share of the boxes that must have a cell to themselves."""


class Detection(
    mlrecipe.Task,
    name="detection",
    metrics=("detection_average_precision",),
    baselines=("usual_boxes", "blobs"),
    objectives=("sigmoid_centres",),
    reads="map",
):
    """Any number of labelled boxes an image, found as peaks of a map (Zhou et al., 2019).

    The target column holds JSON text, as `mlrecipe.data.boxes` says. Inside, sides are shares of
    the image's width and height, and so are the answers.
    """

    image_size: tuple[PositiveInt, PositiveInt] | None = Field(
        None,
        description="Height and width of all images, where boxes are in pixels; null: they are "
        "shares of the image, 0 to 1, or each row brings the size of its image along.",
    )
    cells: int | None = Field(
        None,
        ge=4,
        description="Cells of the grid, a side, in which centres are looked for; null: 24, 48 or "
        "96, the fewest at which 99 of 100 boxes have a cell to themselves.",
    )

    def fit_target(self, targets: pd.DataFrame, problem: Problem) -> TargetCodec:
        from mlrecipe.data.boxes import read_boxes
        from mlrecipe.data.grids import NUMBERS, enough_cells
        from mlrecipe.preparation.target_codec import TargetCodec

        column = problem.target[0]
        rows = read_boxes(targets[column], self.image_size)
        labels = tuple(sorted({box.label for boxes in rows for box in boxes}))
        if not labels:
            raise mlrecipe.MlrecipeError(
                f"{column!r} has no box in any row: there is nothing to find",
                where="problem.target",
                fix="name the column of boxes, or collect images with some",
            )
        if problem.positive is not None and str(problem.positive) not in labels:
            raise mlrecipe.MlrecipeError(
                f"{column!r} has no box labelled {problem.positive!r}",
                where="problem.positive",
                expected=f"one of {', '.join(map(repr, labels))}",
            )
        cells = self.cells or enough_cells(rows, CELLS, APART)
        return TargetCodec(
            columns=(column,), labels=labels, shape=(cells, cells, len(labels) + NUMBERS)
        )

    def encode(self, targets: pd.DataFrame, codec: TargetCodec) -> Array:
        """Return float32 (rows, cells, cells, classes + 4); see `mlrecipe.data.grids`."""
        import numpy as np

        from mlrecipe.data.boxes import read_boxes
        from mlrecipe.data.grids import to_grid

        labels = [str(label) for label in codec.labels]
        rows = read_boxes(targets[codec.columns[0]], self.image_size)
        for row, boxes in zip(targets.index, rows, strict=True):
            for box in boxes:
                if box.label not in labels:
                    raise mlrecipe.MlrecipeError(
                        f"a box has the label {box.label!r}, unknown to this run",
                        where=f"row {row}",
                        expected=f"one of {', '.join(map(repr, labels))}",
                    )
        found = [to_grid(boxes, labels, codec.shape[0]) for boxes in rows]
        return np.array(found, dtype=np.float32).reshape(-1, *codec.shape)

    def decode(self, outputs: Array, codec: TargetCodec, threshold: float) -> Array:
        """Return lists of boxes (rows,), each a mapping of label, score and sides."""
        import numpy as np

        from mlrecipe.data.boxes import SIDES
        from mlrecipe.data.grids import peaks

        answers = np.empty(len(outputs), dtype=object)
        for row, boxes in enumerate(peaks(outputs)):
            answers[row] = [
                {
                    "label": codec.labels[int(box[0])],
                    "score": round(float(box[1]), 4),
                    **{n: round(float(v), 5) for n, v in zip(SIDES, box[2:], strict=True)},
                }
                for box in boxes
                if box[0] >= 0 and box[1] >= threshold
            ]
        return answers

    def head(
        self, body: keras.KerasTensor, codec: TargetCodec, activation: str
    ) -> keras.KerasTensor:
        from mlrecipe.components.task.parts import map_head

        return map_head(body, codec.shape, activation, rare=True)

    def judged(self, y: Array, outputs: Array) -> tuple[Array, Array]:
        """Return boxes (rows, boxes, 5) and answers (rows, boxes, 6), as the metrics take them."""
        from mlrecipe.data.grids import centres, peaks

        return centres(y), peaks(outputs)

    def answers(
        self,
        outputs: Array,
        codec: TargetCodec,
        threshold: float,
        *,
        gallery: Gallery | None = None,
        top: int | None = None,
    ) -> list[dict[str, Any]]:
        """Return the boxes of every image, the likeliest first; sides are shares of the image."""
        return [{"prediction": boxes[:top]} for boxes in self.decode(outputs, codec, threshold)]

    def decide(self, evidence: Evidence) -> dict[str, Any]:
        from mlrecipe.evaluation.found_boxes import decide_boxes

        y, outputs = self.judged(evidence.validation.y, evidence.validation.outputs)
        tested = self.judged(evidence.test.y, evidence.test.outputs)
        return decide_boxes(evidence, (y, outputs), tested)


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Detection]
