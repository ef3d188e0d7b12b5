"""Focal losses: rows that are answered well already count little (Lin et al., 2017).

They are for classes so rare that the many easy rows drown them. What they train are no calibrated
probabilities any more: the confident ones are drawn towards the middle, so choose the threshold by
costs, never by the number itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

import mlrecipe

if TYPE_CHECKING:
    import keras


class SigmoidFocalCrossentropy(
    mlrecipe.Objective,
    name="sigmoid_focal_crossentropy",
    activation="sigmoid",
    tasks=frozenset({"binary", "multilabel"}),
):
    """Sigmoid and focal crossentropy: well-answered rows count little (Lin et al., 2017)."""

    gamma: float = Field(
        2.0, ge=0, description="How fast rows lose weight as they get easy; 0: not at all."
    )
    alpha: float | None = Field(
        None, gt=0, lt=1, description="Weight of positives, 1 - alpha of negatives; null: alike."
    )
    label_smoothing: float = Field(
        0.0, ge=0, lt=1, description="How far labels are drawn towards one half."
    )

    def loss(self) -> keras.losses.Loss:
        import keras

        return keras.losses.BinaryFocalCrossentropy(
            apply_class_balancing=self.alpha is not None,
            alpha=0.25 if self.alpha is None else self.alpha,
            gamma=self.gamma,
            label_smoothing=self.label_smoothing,
            reduction="none",
        )


class SoftmaxFocalCrossentropy(
    mlrecipe.Objective,
    name="softmax_focal_crossentropy",
    activation="softmax",
    tasks=frozenset({"multiclass"}),
):
    """Softmax and focal crossentropy: well-answered rows count little (Lin et al., 2017)."""

    gamma: float = Field(
        2.0, ge=0, description="How fast rows lose weight as they get easy; 0: not at all."
    )
    label_smoothing: float = Field(
        0.0, ge=0, lt=1, description="How far labels are drawn towards equal shares."
    )

    def loss(self) -> keras.losses.Loss:
        import keras

        return keras.losses.CategoricalFocalCrossentropy(
            alpha=1.0,
            gamma=self.gamma,
            label_smoothing=self.label_smoothing,
            reduction="none",
        )


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [SigmoidFocalCrossentropy, SoftmaxFocalCrossentropy]
