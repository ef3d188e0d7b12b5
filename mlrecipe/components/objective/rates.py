"""Last layers and losses for numbers with bounds: rates in 0 … 1, and amounts from 0 on.

========================  ===========  ====================  ===================
target                    activation   loss                  aims at
========================  ===========  ====================  ===================
rate in 0 … 1             sigmoid      mean squared error    the mean
rate in 0 … 1             sigmoid      binary crossentropy   the mean
count or amount from 0 on  exponential  Poisson deviance      the mean
========================  ===========  ====================  ===================

The last layer cannot leave the bounds, so targets are not standardized for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import mlrecipe
from mlrecipe.components.objective.table import REGRESSION

if TYPE_CHECKING:
    import keras

RATES = (0.0, 1.0)
AMOUNTS = (0.0, float("inf"))


class SigmoidMeanSquaredError(
    mlrecipe.Objective,
    name="sigmoid_mean_squared_error",
    activation="sigmoid",
    tasks=REGRESSION | {"binary", "multilabel"},
    scaling="none",
    bounds=RATES,
):
    """Sigmoid and mean squared error: a rate in 0 … 1; of classes, the Brier score (1950)."""

    def loss(self) -> keras.losses.Loss:
        import keras

        return keras.losses.MeanSquaredError(reduction="none")


class SigmoidRateCrossentropy(
    mlrecipe.Objective,
    name="sigmoid_rate_crossentropy",
    activation="sigmoid",
    tasks=REGRESSION,
    scaling="none",
    bounds=RATES,
):
    """Sigmoid and binary crossentropy of a rate in 0 … 1: small rates count by their proportion.

    Less the crossentropy of the truth itself, so that a perfect model reaches 0. With the number of
    trials as `problem.weight` it is the likelihood of a binomial (the fractional logit of Papke and
    Wooldridge, 1996).
    """

    def loss(self) -> keras.losses.Loss:
        from mlrecipe.training.losses import RateDivergence

        return RateDivergence()


class ExponentialPoisson(
    mlrecipe.Objective,
    name="exponential_poisson",
    activation="exponential",
    tasks=REGRESSION,
    scaling="mean",
    bounds=AMOUNTS,
):
    """Exponential and Poisson deviance: counts and skewed amounts from 0 on, answers above 0.

    Inputs act by factors (McCullagh and Nelder, 1989, chapter 6).
    """

    def loss(self) -> keras.losses.Loss:
        from mlrecipe.training.losses import PoissonDeviance

        return PoissonDeviance()


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [SigmoidMeanSquaredError, SigmoidRateCrossentropy, ExponentialPoisson]
