"""A recurrent layer that converts to LiteRT with batches of any size.

Keras's own GRU and LSTM gather their states in a tensor list, which LiteRT's builtin operations
lack (the converter fails at ``TensorListReserve``); unrolled, their graph takes minutes to build.
This one keeps in its loop only what is read afterwards: the last state and the largest of each
unit. So its loop is the builtin operation WHILE.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

GATES = {"gru": 3, "lstm": 4}
"""Kind of cell -> how many weighted sums a step has."""


@keras.saving.register_keras_serializable("mlrecipe")
class Recurrence(keras.layers.Layer):
    """Reads (batch, steps, channels) step by step; gives (batch, 2 * units).

    The first half is the state after the last step, the second the largest value that each unit of
    the state had. A second input (batch, steps, 1) of 0 and 1 says which steps are there: the
    others leave the state as it is, so that padding changes nothing.

    Args:
        units: numbers in the state.
        cell: "gru" (Cho et al., 2014, with the reset before the product) or "lstm" (Hochreiter and
            Schmidhuber, 1997; forget gates start open: Jozefowicz et al., 2015).
        backwards: read from the last step to the first.
    """

    def __init__(
        self, units: int, cell: str = "gru", backwards: bool = False, **settings: Any
    ) -> None:
        super().__init__(**settings)
        self.units, self.cell, self.backwards = units, cell, backwards

    def build(self, input_shape: Any) -> None:
        self.steps, channels = input_shape[0][1], input_shape[0][2]
        width = GATES[self.cell] * self.units
        self.kernel = self.add_weight(
            shape=(channels, width), initializer="glorot_uniform", name="kernel"
        )
        self.recurrent = self.add_weight(
            shape=(self.units, width), initializer="orthogonal", name="recurrent"
        )
        self.bias = self.add_weight(shape=(width,), initializer="zeros", name="bias")

    def call(self, inputs: list[Any]) -> Any:
        # All steps' share of the inputs at once; what is left for the loop is the state's share.
        given = ops.transpose(ops.matmul(inputs[0], self.kernel) + self.bias, (1, 0, 2))
        there = ops.transpose(inputs[1], (1, 0, 2)) if len(inputs) > 1 else None
        nothing = ops.zeros_like(given[0, :, : self.units])

        def step(number: Any, state: Any, carried: Any, most: Any) -> tuple[Any, ...]:
            at = self.steps - 1 - number if self.backwards else number
            found = self._step(ops.take(given, at, axis=0), state, carried)
            if there is not None:
                now = ops.take(there, at, axis=0)
                found = tuple(
                    now * new + (1 - now) * old
                    for new, old in zip(found, (state, carried), strict=True)
                )
            return number + 1, *found, ops.maximum(most, found[0])

        _, last, _, most = ops.while_loop(
            lambda number, *_: number < self.steps,
            step,
            (0, nothing, nothing, nothing - 1.0),
            maximum_iterations=self.steps,
        )
        return ops.concatenate([last, most], axis=-1)

    def _step(self, given: Any, state: Any, carried: Any) -> tuple[Any, Any]:
        """Return the next state and what the cell carries, both (batch, units)."""
        if self.cell == "gru":
            *gates, candidate = ops.split(given, 3, axis=-1)
            recurrent = ops.split(self.recurrent, 3, axis=-1)
            update, reset = (
                ops.sigmoid(gate + ops.matmul(state, weights))
                for gate, weights in zip(gates, recurrent[:2], strict=True)
            )
            candidate = ops.tanh(candidate + ops.matmul(reset * state, recurrent[2]))
            new = update * state + (1 - update) * candidate
            return new, new
        sums = given + ops.matmul(state, self.recurrent)
        enter, forget, leave, candidate = ops.split(sums, 4, axis=-1)
        kept = ops.sigmoid(forget + 1.0) * carried + ops.sigmoid(enter) * ops.tanh(candidate)
        return ops.sigmoid(leave) * ops.tanh(kept), kept

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, int]:
        return input_shape[0][0], 2 * self.units

    def get_config(self) -> dict[str, Any]:
        own = {"units": self.units, "cell": self.cell, "backwards": self.backwards}
        return {**super().get_config(), **own}
