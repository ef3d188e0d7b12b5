"""The book's table of last-layer activations and losses (6.2.3), in one place.

=====================  ==========  ===========================
task                   activation  loss
=====================  ==========  ===========================
binary                 sigmoid     binary crossentropy
multiclass             softmax     categorical crossentropy
multilabel             sigmoid     binary crossentropy
scalar regression      none        mean squared error
vector regression      none        mean squared error
=====================  ==========  ===========================

Beside them, for numbers without bounds, losses that aim at the median or another quantile.
`rates` holds the rows of numbers with bounds, `focal` those for rare classes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

import mlrecipe

if TYPE_CHECKING:
    import keras

REGRESSION = frozenset({"scalar_regression", "vector_regression"})


class SigmoidBinaryCrossentropy(
    mlrecipe.Objective,
    name="sigmoid_binary_crossentropy",
    activation="sigmoid",
    tasks=frozenset({"binary", "multilabel"}),
):
    """Sigmoid and binary crossentropy: a probability for each output, on its own."""

    label_smoothing: float = Field(
        0.0, ge=0, lt=1, description="How far labels are drawn towards one half."
    )

    def loss(self) -> keras.losses.Loss:
        import keras

        return keras.losses.BinaryCrossentropy(
            label_smoothing=self.label_smoothing, reduction="none"
        )


class SoftmaxCategoricalCrossentropy(
    mlrecipe.Objective,
    name="softmax_categorical_crossentropy",
    activation="softmax",
    tasks=frozenset({"multiclass"}),
):
    """Softmax and categorical crossentropy: a probability a class, summing to one."""

    label_smoothing: float = Field(
        0.0, ge=0, lt=1, description="How far labels are drawn towards equal shares."
    )

    def loss(self) -> keras.losses.Loss:
        import keras

        return keras.losses.CategoricalCrossentropy(
            label_smoothing=self.label_smoothing, reduction="none"
        )


class LinearMeanSquaredError(
    mlrecipe.Objective, name="linear_mean_squared_error", activation="linear", tasks=REGRESSION
):
    """No activation and mean squared error: aims at the mean of the target."""

    def loss(self) -> keras.losses.Loss:
        import keras

        return keras.losses.MeanSquaredError(reduction="none")


class LinearMeanAbsoluteError(
    mlrecipe.Objective, name="linear_mean_absolute_error", activation="linear", tasks=REGRESSION
):
    """No activation and mean absolute error: aims at the median of the target."""

    def loss(self) -> keras.losses.Loss:
        import keras

        return keras.losses.MeanAbsoluteError(reduction="none")


class LinearHuber(mlrecipe.Objective, name="linear_huber", activation="linear", tasks=REGRESSION):
    """No activation and Huber's loss: squared for small errors, absolute for outliers."""

    delta: float = Field(
        1.0, gt=0, description="Where it turns, in standard deviations of the target."
    )

    def loss(self) -> keras.losses.Loss:
        import keras

        return keras.losses.Huber(delta=self.delta, reduction="none")


class LinearQuantile(
    mlrecipe.Objective, name="linear_quantile", activation="linear", tasks=REGRESSION
):
    """No activation and the pinball loss: aims at a quantile of the target.

    Koenker and Bassett (1978). A level of 0.9 answers with a value that nine in ten stay below.
    """

    level: float = Field(
        0.5, gt=0, lt=1, description="Share of the rows that should lie below the answer."
    )

    def loss(self) -> keras.losses.Loss:
        from mlrecipe.training.losses import Pinball

        return Pinball(self.level)


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [
        SigmoidBinaryCrossentropy,
        SoftmaxCategoricalCrossentropy,
        LinearMeanSquaredError,
        LinearMeanAbsoluteError,
        LinearHuber,
        LinearQuantile,
    ]
