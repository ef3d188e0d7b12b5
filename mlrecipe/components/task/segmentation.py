"""Masks: which class each pixel of an image is of."""

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

LONGEST = 64
"""Longest side of a size that was not chosen: targets and answers are held in memory."""

MOST_CLASSES = 50
"""More numbers than this in the masks are levels of grey, no classes."""


class Segmentation(
    mlrecipe.Task,
    name="segmentation",
    metrics=("mean_iou", "dice"),
    baselines=("majority_mask", "usual_mask", "pixel_colours"),
    objectives=("pixel_crossentropy", "pixel_dice"),
    reads="map",
):
    """A class a pixel. The target column holds masks: image files whose pixels are class numbers.

    Two classes get one output, the probability of the second; more get one each.
    """

    size: tuple[PositiveInt, PositiveInt] | None = Field(
        None,
        description="Height and width of the answered masks; null: the most frequent of the "
        "masks, reduced to at most 64 pixels a side.",
    )
    classes: dict[str, int] | None = Field(
        None,
        description="Names of the classes -> the number of their pixels, in the order of the "
        "outputs; null: the numbers themselves.",
    )

    def fit_target(self, targets: pd.DataFrame, problem: Problem) -> TargetCodec:
        from mlrecipe.data.masks import survey_masks
        from mlrecipe.preparation.target_codec import TargetCodec

        column = problem.target[0]
        numbers, (height, width) = survey_masks(targets[column])
        if not 2 <= len(numbers) <= MOST_CLASSES:
            raise mlrecipe.MlrecipeError(
                f"the masks of {column!r} have {len(numbers)} different pixels: "
                f"{', '.join(map(str, sorted(numbers)[:10]))}",
                where="problem.target",
                expected=f"numbers of 2 to {MOST_CLASSES} classes",
                fix="save masks as PNG: JPEG blurs the numbers",
            )
        named = self.classes or {str(number): number for number in sorted(numbers)}
        unnamed = sorted(set(numbers) - set(named.values()))
        if unnamed:
            raise mlrecipe.MlrecipeError(
                f"the masks of {column!r} have pixels of {unnamed[0]}, which is no class",
                where="task.classes",
                expected=f"a name for each of {', '.join(map(str, sorted(numbers)))}",
            )
        ratio = min(1.0, LONGEST / max(height, width))
        size = self.size or (max(1, round(height * ratio)), max(1, round(width * ratio)))
        outputs = 1 if len(named) == 2 else len(named)
        return TargetCodec(
            columns=(column,),
            labels=tuple(named),
            numbers=tuple(named.values()),
            shape=(*size, outputs),
        )

    def encode(self, targets: pd.DataFrame, codec: TargetCodec) -> Array:
        """Return float32 (rows, height, width, classes), or one channel for two classes."""
        import numpy as np

        from mlrecipe.data.masks import read_mask, resampled

        shape, numbers = codec.shape, np.array(codec.numbers)
        found = np.empty((len(targets), *shape), dtype=np.float32)
        for place, (row, content) in enumerate(targets[codec.columns[0]].items()):
            mask = resampled(read_mask(content, row), (shape[0], shape[1]))
            unknown = np.setdiff1d(mask, numbers)
            if len(unknown):
                raise mlrecipe.MlrecipeError(
                    f"the mask has pixels of {unknown[0]}, unknown to this run",
                    where=f"row {row}",
                    expected=f"one of {', '.join(map(str, codec.numbers))}",
                )
            found[place] = mask[..., None] == (numbers[1:] if shape[2] == 1 else numbers)
        return found

    def decode(self, outputs: Array, codec: TargetCodec, threshold: float) -> Array:
        """Return the position of each pixel's class in the labels, uint8 (rows, height, width)."""
        if outputs.shape[-1] == 1:
            return (outputs[..., 0] >= threshold).astype("uint8")
        return outputs.argmax(axis=-1).astype("uint8")

    def head(
        self, body: keras.KerasTensor, codec: TargetCodec, activation: str
    ) -> keras.KerasTensor:
        from mlrecipe.components.task.parts import map_head

        one = activation == "softmax" and codec.shape[-1] == 1
        return map_head(body, codec.shape, "sigmoid" if one else activation)

    def answers(
        self,
        outputs: Array,
        codec: TargetCodec,
        threshold: float,
        *,
        gallery: Gallery | None = None,
        top: int | None = None,
    ) -> list[dict[str, Any]]:
        """Return each mask as a PNG file in base64, of the numbers that the masks of the data have.

        ``shares`` says of each class what share of the pixels it has.
        """
        import base64

        import numpy as np

        from mlrecipe.data.masks import as_png

        names, numbers = [str(label) for label in codec.labels], np.array(codec.numbers, np.uint8)
        found = []
        for mask in self.decode(outputs, codec, threshold):
            shares = np.bincount(mask.ravel(), minlength=len(names)) / mask.size
            text = base64.b64encode(as_png(numbers[mask])).decode("ascii")
            shown = dict(zip(names, shares.round(6).tolist(), strict=True))
            found.append({"prediction": text, "shares": shown})
        return found

    def decide(self, evidence: Evidence) -> dict[str, Any]:
        from mlrecipe.evaluation.masks import decide_masks

        return decide_masks(evidence, self.decode)


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Segmentation]
