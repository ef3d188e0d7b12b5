"""Parts for tokens and signals in order: Keras layers alone, so that each converts to LiteRT."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras

    from mlrecipe.interfaces import TensorSpec


def steps_of(
    inputs: keras.KerasTensor, spec: TensorSpec, units: int
) -> tuple[keras.KerasTensor, keras.KerasTensor | None]:
    """Return a vector for each step (batch, steps, units), and which steps are there.

    The second is float32 (batch, steps), 0 for padding; None for a signal, where nothing tells.
    """
    import keras

    if spec.kind == "signal":
        return keras.layers.Dense(units)(inputs), None
    vectors = keras.layers.Embedding(spec.sizes[0], units)(inputs)
    # The number of padding is 0, so the number of a token, at most 1, says that it is there.
    return vectors, keras.layers.ReLU(max_value=1.0)(keras.layers.Rescaling(1.0)(inputs))


def with_positions(steps: keras.KerasTensor) -> keras.KerasTensor:
    """Add a learned vector to each position of (batch, steps, units), after a dense layer.

    A dense layer whose bias differs by position is just that, and needs no layer of our own.
    """
    import keras

    _, length, units = steps.shape
    return keras.layers.EinsumDense(
        "bsu,uv->bsv",
        (length, units),
        bias_axes="sv",
        bias_initializer=keras.initializers.RandomNormal(stddev=0.02),
    )(steps)


def transformer_block(
    steps: keras.KerasTensor,
    there: keras.KerasTensor | None,
    heads: int,
    dropout: float,
) -> keras.KerasTensor:
    """Map (batch, steps, units) to the same shape: attention, then two dense layers.

    Each half is normalized before and added to what it read (pre-norm: Xiong et al., 2020). Padding
    is attended to by nobody.
    """
    import keras

    _, length, units = steps.shape
    mask = None if there is None else keras.layers.Reshape((1, length))(there)
    tensor = keras.layers.LayerNormalization(epsilon=1e-6)(steps)
    tensor = keras.layers.MultiHeadAttention(heads, max(1, units // heads))(
        tensor, tensor, attention_mask=mask
    )
    tensor = keras.layers.Dropout(dropout)(tensor) if dropout else tensor
    steps = keras.layers.Add()([steps, tensor])
    tensor = keras.layers.LayerNormalization(epsilon=1e-6)(steps)
    tensor = keras.layers.Dense(2 * units, activation="relu")(tensor)
    tensor = keras.layers.Dense(units)(tensor)
    tensor = keras.layers.Dropout(dropout)(tensor) if dropout else tensor
    return keras.layers.Add()([steps, tensor])


def pooled(steps: keras.KerasTensor, there: keras.KerasTensor | None) -> keras.KerasTensor:
    """Map (batch, steps, units) to the normalized mean of the steps that are there (batch, units).

    Normalized, their sum is their mean, and a text without any token is no division by zero.
    """
    import keras

    if there is None:
        total = keras.layers.GlobalAveragePooling1D()(steps)
    else:
        total = keras.layers.Dot(axes=1)([there, steps])
    return keras.layers.LayerNormalization(epsilon=1e-6)(total)
