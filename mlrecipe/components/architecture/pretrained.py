"""Networks that were trained on ImageNet, with new last layers; for few images (book, 8.3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import Field

import mlrecipe
from mlrecipe.component import Search
from mlrecipe.components.architecture.growing import grown
from mlrecipe.components.architecture.parts import Augment

if TYPE_CHECKING:
    import keras

    from mlrecipe.interfaces import Facts, TensorSpec

Backbone = Literal[
    "MobileNetV2",
    "MobileNetV3Small",
    "MobileNetV3Large",
    "EfficientNetV2B0",
    "ResNet50V2",
    "Xception",
]
"""Models of `keras.applications`."""

CENTRED = frozenset({"MobileNetV2", "ResNet50V2", "Xception"})
"""Those that read -1 … 1; the others read 0 … 255, and rescale them themselves."""

SMALLEST_SIDE = 96
"""Smaller images are enlarged: of 32 pixels a side, halved five times, a single place is left."""

SIZES = ((64,), (256,), (1024,))
"""Units of the capacity ladder, between the backbone and the last layer."""


class Pretrained(mlrecipe.Network, name="pretrained", accepts=frozenset({"image"})):
    """A network of keras.applications, trained on ImageNet, below layers of its own (8.3).

    Pixels are rescaled as the backbone wants them, inside the model; grey images get three equal
    channels. Weights "imagenet" are downloaded once, into Keras's own folder (~/.keras/models).
    """

    backbone: Backbone = Field("MobileNetV3Small", description="Which one.")
    weights: str = Field(
        "imagenet",
        min_length=1,
        description="imagenet; a file of weights (.h5 or .weights.h5) for a machine without a "
        "network; or none: random ones, which learn from these rows alone.",
    )
    fine_tune: bool = Field(
        False,
        description="Whether the backbone is trained, too; then choose a small "
        "training.learning_rate, such as 1e-4.",
    )
    units: Annotated[int | None, Search(32, 512, log=True)] = Field(
        None,
        ge=1,
        description="Units of the layer after the backbone; null: the capacity ladder finds it.",
    )
    augment: Annotated[Augment, Search(choices=("none", "light"))] = Field(
        "none", description="Vary training images, as in architecture=convnet."
    )
    dropout: Annotated[float, Search(0.0, 0.6)] = Field(
        0.2, ge=0, lt=1, description="Share of the backbone's features dropped in training."
    )

    def resolve(self, facts: Facts) -> None:
        """Fetch the weights, or refuse the run: now, not after the baselines were measured."""
        if self.weights != "none":
            from mlrecipe.training import runtime

            runtime.start()
            self._backbone(None)

    def build(self, inputs: keras.KerasTensor, spec: TensorSpec) -> keras.KerasTensor:
        import keras

        from mlrecipe.components.architecture.parts import rescaled_pixels

        size = next(self.sizes())
        tensor = rescaled_pixels(inputs, self.augment)
        tensor = keras.layers.Rescaling(*((2.0, -1.0) if self.backbone in CENTRED else (255.0,)))(
            tensor
        )
        if spec.shape[-1] == 1:
            tensor = keras.layers.Concatenate()([tensor] * 3)
        height, width = spec.shape[:2]
        if min(height, width) < SMALLEST_SIDE:
            times = -(-SMALLEST_SIDE // min(height, width))
            tensor = keras.layers.Resizing(height * times, width * times)(tensor)
        features = self._backbone(tensor)
        if self.dropout:
            features = keras.layers.Dropout(self.dropout)(features)
        return keras.layers.Dense(size.units, activation="relu")(features)

    def merge(
        self, inputs: Mapping[str, keras.KerasTensor], specs: Mapping[str, TensorSpec]
    ) -> keras.KerasTensor:
        raise mlrecipe.MlrecipeError(
            f"architecture=pretrained reads one image a row, not {', '.join(specs)}",
            where="architecture",
            fix="name the one in problem.inputs, or choose architecture=convnet",
        )

    def sizes(self) -> Iterator[Self]:
        return grown(self, ("units",), SIZES)

    def _backbone(self, tensor: keras.KerasTensor | None) -> keras.KerasTensor:
        """Map pixels (batch, height, width, 3) to features (batch, n); None: of any size.

        Its layers become layers of the model itself. Those that are not to be trained keep their
        means and deviations, too.
        """
        import keras

        weights = None if self.weights == "none" else self.weights
        if weights is not None and weights != "imagenet":
            weights = str(self._file(weights))
        settings: dict[str, Any] = {"include_top": False, "pooling": "avg", "weights": weights}
        settings |= {"input_shape": (None, None, 3)} if tensor is None else {"input_tensor": tensor}
        before = set() if tensor is None else {id(layer) for layer in _layers_above(tensor)}
        try:
            model = getattr(keras.applications, self.backbone)(**settings)
        except Exception as error:  # Keras raises a plain Exception when a download fails
            raise self._unavailable(error) from error
        if not self.fine_tune and weights is not None:
            for layer in model.layers:
                if id(layer) not in before:
                    layer.trainable = False
        return model.output

    def _file(self, name: str) -> Path:
        path = Path(name).expanduser()
        if not path.is_file():
            raise mlrecipe.MlrecipeError(
                f"there is no file of weights {name!r}",
                where="architecture.weights",
                expected=f"imagenet, none, or a file; relative paths start at {Path.cwd()}",
            )
        return path

    def _unavailable(self, error: Exception) -> mlrecipe.MlrecipeError:
        said = f"{type(error).__name__}: {error}".partition("\n")[0][:300]
        if self.weights == "imagenet":
            return mlrecipe.MlrecipeError(
                f"the ImageNet weights of {self.backbone} cannot be had: {said}",
                where="architecture.weights",
                expected="a connection to storage.googleapis.com once; then they lie in "
                "~/.keras/models",
                fix="connect and resume; or fetch the file (ending in _notop.h5, see "
                "keras.io/api/applications) elsewhere and name it: architecture.weights=FILE; or "
                "do without: architecture=convnet",
            )
        return mlrecipe.MlrecipeError(
            f"{self.weights} holds no weights for {self.backbone}: {said}",
            where="architecture.weights",
            expected=f"weights of keras.applications.{self.backbone} without its last layers "
            "(include_top=False)",
            fix="name the backbone that they belong to: architecture.backbone=…",
        )


def _layers_above(tensor: keras.KerasTensor) -> list[Any]:
    """Return the layers that a tensor has gone through already."""
    import keras

    return list(keras.Model(_origins(tensor), tensor).layers)


def _origins(tensor: keras.KerasTensor) -> list[keras.KerasTensor]:
    """Return the inputs of the graph that a tensor comes from."""
    found, waiting, seen = [], [tensor], set()
    while waiting:
        current = waiting.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        operation, node, _ = current._keras_history
        above = operation._inbound_nodes[node].input_tensors
        waiting += above
        if not above:
            found.append(current)
    return found


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Pretrained]
