"""A network for tables: binned numbers, embedded categories, and an ensemble in one network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self

from pydantic import Field, PrivateAttr

import mlrecipe
from mlrecipe.component import Search
from mlrecipe.components.architecture.growing import grown

if TYPE_CHECKING:
    import keras

    from mlrecipe.interfaces import Tensors, TensorSpec

SIZES = ((1, 32), (2, 96), (2, 192), (3, 256))
"""Layers and units of the capacity ladder."""

MOST_BINS = 48
"""Of a number; TabM's paper searches 2 to 128, and finds little beyond."""

MOST_ENCODED = 3072
"""Bins of all numbers together: beyond, a wide table would spend its time on the first layer."""

ROWS_A_BIN = 12
"""Rows of the training set a bin has at least: fewer would encode the noise of single rows."""


class Tabular(
    mlrecipe.Network,
    name="tabular",
    accepts=frozenset({"vector", "codes", "mixed"}),
    tasks=frozenset({"binary", "multiclass", "scalar_regression", "vector_regression"}),
):
    """Binned numbers, embedded categories, and several members that share weights (TabM, 2025).

    Gorishniy et al. (ICLR 2025), "TabM: Advancing Tabular Deep Learning with Parameter-Efficient
    Ensembling": on tables it is the strongest plain network known, near or above boosted trees.
    """

    layers: Annotated[int | None, Search(1, 3)] = Field(
        None, ge=1, description="Number of hidden layers; null: the capacity ladder finds it."
    )
    units: Annotated[int | None, Search(32, 384, log=True)] = Field(
        None, ge=1, description="Units of each hidden layer; null: the capacity ladder finds it."
    )
    members: Annotated[int, Search(4, 16, step=4)] = Field(
        8, ge=1, description="Members of the ensemble; they share nearly all weights."
    )
    bins: Annotated[int | None, Search(4, 64, log=True)] = Field(
        None,
        ge=0,
        description="Bins of each number, of equally many rows; 0: none; null: the square root of "
        f"the rows over 4, at most {MOST_BINS}, and at most {MOST_ENCODED} in all.",
    )
    dropout: Annotated[float, Search(0.0, 0.5)] = Field(
        0.1, ge=0, lt=1, description="Share of each hidden layer's outputs dropped in training."
    )

    prefers: ClassVar[Mapping[str, Any]] = {
        "algorithm": "adamw",
        "learning_rate": 2e-3,
        "weight_decay": 3e-4,
        "averaging": 1.0,
        "clip_norm": 1.0,
    }

    _bins: dict[str, tuple[int, ...]] = PrivateAttr(default_factory=dict)

    def seen(self, x: Tensors, specs: tuple[TensorSpec, ...]) -> Self:
        found = self.model_copy()
        found._bins = {
            spec.name: self._bins_of(x[spec.name]) for spec in specs if spec.kind == "vector"
        }
        return found

    def _bins_of(self, x: Any) -> tuple[int, ...]:
        """Return how many bins each column of training rows (rows, features) gets."""
        from mlrecipe.training.ensemble_layers import bin_edges, sampled

        rows, features = x.shape
        most = min(MOST_BINS, round(rows**0.5 / 4)) if self.bins is None else self.bins
        most = min(most, rows // ROWS_A_BIN, MOST_ENCODED // features)
        if most < 2:
            return (0,) * features
        counts = [len(bin_edges(column, most)) - 1 for column in sampled(x).T]
        return tuple(count if count > 1 else 0 for count in counts)

    def build(self, inputs: keras.KerasTensor, spec: TensorSpec) -> keras.KerasTensor:
        return self.merge({spec.name: inputs}, {spec.name: spec})

    def merge(
        self, inputs: Mapping[str, keras.KerasTensor], specs: Mapping[str, TensorSpec]
    ) -> keras.KerasTensor:
        import keras

        from mlrecipe.components.architecture.parts import side_by_side
        from mlrecipe.training.ensemble_layers import EnsembleDense, MemberScale

        size = next(self.sizes())
        size._bins = self._bins
        trunks = [size.trunk(inputs[name], spec) for name, spec in specs.items()]
        tensor = side_by_side(trunks)
        for number in range(size.layers or 1):
            tensor = EnsembleDense(size.units or 1, self.members, first=number == 0)(tensor)
            if self.dropout:
                tensor = keras.layers.Dropout(self.dropout)(tensor)
        return MemberScale()(tensor)

    def pooled(self, outputs: keras.KerasTensor) -> keras.KerasTensor:
        from mlrecipe.training.ensemble_layers import MeanOfMembers

        return MeanOfMembers()(outputs)

    def trunk(self, inputs: keras.KerasTensor, spec: TensorSpec) -> keras.KerasTensor:
        """Map one input (batch, *spec.shape) to features (batch, n), by its kind."""
        import keras

        from mlrecipe.components.architecture.mixed import Mixed
        from mlrecipe.components.architecture.parts import embedded_codes
        from mlrecipe.training.ensemble_layers import PiecewiseLinear

        units = self.units or 1
        if spec.kind == "codes":
            return embedded_codes(inputs, spec.sizes, 16)
        if spec.kind != "vector":
            return Mixed(layers=2, units=max(64, units)).trunk(inputs, spec)
        # The bins' weights start at 0: at first the network reads numbers as they are.
        tensor = keras.layers.Dense(units)(inputs)
        bins = self._bins.get(spec.name, ())
        if any(bins):
            binned = PiecewiseLinear(bins)(inputs)
            binned = keras.layers.Dense(units, use_bias=False, kernel_initializer="zeros")(binned)
            tensor = keras.layers.Add()([tensor, binned])
        return keras.layers.Activation("relu")(tensor)

    def sizes(self) -> Iterator[Self]:
        return grown(self, ("layers", "units"), SIZES)


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Tabular]
