"""Losses of tasks whose targets are maps: centres of boxes, classes of pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

import mlrecipe

if TYPE_CHECKING:
    import keras


class SigmoidCentres(
    mlrecipe.Objective,
    name="sigmoid_centres",
    activation="sigmoid",
    tasks=frozenset({"detection"}),
):
    """Sigmoid; focal loss of the centres, absolute errors of the boxes' sizes and places.

    The focal loss is that of CornerNet (Law and Deng, 2018, equation 1): cells near a centre are
    blamed less for being taken for it. Sizes and places count at the centres alone (Zhou et al.,
    2019, equations 2 to 4). A row's loss is a mean over its boxes.
    """

    focus: float = Field(
        2.0, ge=0, description="How little cells count that are answered well already (alpha)."
    )
    nearness: float = Field(
        4.0, ge=0, description="How little cells near a centre are blamed for (beta)."
    )
    size_weight: float = Field(
        5.0,
        ge=0,
        description="Weight of errors of width and height, in shares of the image.",
    )
    place_weight: float = Field(
        1.0, ge=0, description="Weight of errors of the centre's place, in cells."
    )

    def loss(self) -> keras.losses.Loss:
        from mlrecipe.training.map_losses import Centres

        return Centres(self.focus, self.nearness, self.size_weight, self.place_weight)


class PixelCrossentropy(
    mlrecipe.Objective,
    name="pixel_crossentropy",
    activation="softmax",
    tasks=frozenset({"segmentation"}),
):
    """Softmax and crossentropy of every pixel; with two classes, sigmoid and one output."""

    def loss(self) -> keras.losses.Loss:
        from mlrecipe.training.map_losses import Pixels

        return Pixels(0.0)


class PixelDice(
    mlrecipe.Objective,
    name="pixel_dice",
    activation="softmax",
    tasks=frozenset({"segmentation"}),
):
    """Crossentropy of every pixel, and how badly areas overlap: for classes of few pixels.

    The second part is the soft Dice loss of Milletari et al. (2016), a mean over the classes.
    """

    dice_weight: float = Field(
        0.5, ge=0, le=1, description="Weight of the overlap; the crossentropy has the rest."
    )

    def loss(self) -> keras.losses.Loss:
        from mlrecipe.training.map_losses import Pixels

        return Pixels(self.dice_weight)


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [SigmoidCentres, PixelCrossentropy, PixelDice]
