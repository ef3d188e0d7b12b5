"""Losses of maps, one value a row."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from mlrecipe.data.grids import NUMBERS

LITTLE = 1e-6
"""Keeps logarithms and quotients finite."""


class Centres(keras.losses.Loss):
    """The loss of ``objective=sigmoid_centres``, which says what the arguments are.

    Targets and outputs are float32 (batch, rows, columns, classes + 4).
    """

    def __init__(
        self, focus: float, nearness: float, size_weight: float, place_weight: float
    ) -> None:
        super().__init__(name="centres", reduction="none")
        self.focus = focus
        self.nearness = nearness
        self.size_weight = size_weight
        self.place_weight = place_weight

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Return the losses (batch,)."""
        heat, said = y_true[..., :-NUMBERS], y_pred[..., :-NUMBERS]
        said = ops.clip(said, LITTLE, 1 - LITTLE)
        centre = ops.cast(heat == 1, "float32")
        found = centre * (1 - said) ** self.focus * ops.log(said)
        blamed = (1 - heat) ** self.nearness * said**self.focus * ops.log(1 - said)
        wanted, given = y_true[..., -NUMBERS:], y_pred[..., -NUMBERS:]
        here = ops.max(centre, axis=-1)
        errors = ops.abs(wanted - given)
        sides = self.size_weight * ops.sum(errors[..., :2], axis=-1)
        places = self.place_weight * ops.sum(errors[..., 2:], axis=-1)
        boxes = ops.maximum(ops.sum(here, axis=(1, 2)), 1.0)
        total = ops.sum(here * (sides + places), axis=(1, 2))
        return (total - ops.sum(found + (1 - centre) * blamed, axis=(1, 2, 3))) / boxes


class Pixels(keras.losses.Loss):
    """The losses of ``objective=pixel_crossentropy`` and ``pixel_dice``.

    Targets and outputs are float32 (batch, rows, columns, classes); one channel is the probability
    of the second of two classes.
    """

    def __init__(self, dice_weight: float) -> None:
        super().__init__(name="pixels", reduction="none")
        self.dice_weight = dice_weight

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Return the losses (batch,)."""
        said = ops.clip(y_pred, LITTLE, 1 - LITTLE)
        surprise = -y_true * ops.log(said)
        if y_true.shape[-1] == 1:
            surprise = surprise - (1 - y_true) * ops.log(1 - said)
        crossentropy = ops.mean(ops.sum(surprise, axis=-1), axis=(1, 2))
        if not self.dice_weight:
            return crossentropy
        both = ops.sum(y_true * y_pred, axis=(1, 2))
        areas = ops.sum(y_true + y_pred, axis=(1, 2))
        dice = 1 - ops.mean((2 * both + 1) / (areas + 1), axis=-1)
        return (1 - self.dice_weight) * crossentropy + self.dice_weight * dice
