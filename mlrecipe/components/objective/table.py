"""The book's table of last-layer activations and losses (6.2.3), in one place.

=====================  =========  ===========================
task                   activation  loss
=====================  =========  ===========================
binary                 sigmoid    binary crossentropy
multiclass             softmax    categorical crossentropy
multilabel             sigmoid    binary crossentropy
scalar regression      none       mean squared error
vector regression      none       mean squared error
=====================  =========  ===========================
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
    """Sigmoid and binary crossentropy: one probability, or one a label."""

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


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [
        SigmoidBinaryCrossentropy,
        SoftmaxCategoricalCrossentropy,
        LinearMeanSquaredError,
        LinearMeanAbsoluteError,
        LinearHuber,
    ]
