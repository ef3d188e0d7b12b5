"""A linear model of scikit-learn: the simplest answer that looks at the inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

import mlrecipe

if TYPE_CHECKING:
    from mlrecipe.interfaces import Array, Inputs, Samples, Tensors


class Linear(mlrecipe.Baseline, name="linear", trivial=False):
    """Logistic or ridge regression (scikit-learn) on the prepared inputs."""

    strength: float = Field(
        1.0, gt=0, description="Strength of the L2 penalty (alpha of Ridge, 1/C of logistic)."
    )
    iterations: int = Field(2000, ge=1, description="Most iterations of the solver.")

    def predict(self, training: Samples, rows: Inputs) -> Array:
        import numpy as np
        from sklearn.linear_model import LogisticRegression, Ridge

        x, others = matrices(training.x, rows.x)
        y, weights = training.y, training.weights
        # y of a classification is 0/1 in every cell and, one-hot, sums to 1 in every row.
        indicators = bool(np.isin(y, (0.0, 1.0)).all())
        if not (indicators and (y.shape[1] == 1 or bool((y.sum(axis=1) == 1).all()))):
            ridge = Ridge(alpha=self.strength).fit(x, y, weights)
            return ridge.predict(others).reshape(len(others), -1).astype(np.float32)
        index = y[:, 0].astype(int) if y.shape[1] == 1 else y.argmax(axis=1)
        outputs = np.zeros((len(others), max(2, y.shape[1])), dtype=np.float32)
        model = LogisticRegression(C=1 / self.strength, max_iter=self.iterations).fit(
            x, index, weights
        )
        outputs[:, model.classes_] = model.predict_proba(others)
        return outputs[:, 1:] if y.shape[1] == 1 else outputs


def matrices(training: Tensors, rows: Tensors) -> tuple[Array, Array]:
    """Return training rows and others as float32 matrices of the same features.

    Pixels count 0 to 1, of large images the means of blocks; of tokens, how often each occurs; of
    codes, which one it is.
    """
    import numpy as np

    found: tuple[list[Array], list[Array]] = ([], [])
    for name, values in training.items():
        both = values, rows[name]
        size = int(values.max(initial=0)) + 1 if values.dtype == np.int32 else 0
        for parts, part in zip(found, both, strict=True):
            if part.dtype == np.int32:
                counts = occurrences(part, size)
                # Padding of a short text is no token: it would outnumber all of them.
                parts.append(counts[:, 1:] if name.startswith("tokens_") else counts)
            else:
                scale = 255 if part.dtype == np.uint8 else 1
                part = coarse(part) if part.ndim == 4 else part
                parts.append(part.reshape(len(part), -1).astype(np.float32) / scale)
    return np.concatenate(found[0], axis=1), np.concatenate(found[1], axis=1)


def occurrences(numbers: Array, size: int) -> Array:
    """Return how often each number 0 … size - 1 occurs in a row, float32 (rows, size).

    A larger one counts as the last.
    """
    import numpy as np

    rows = len(numbers)
    known = np.minimum(numbers, size - 1).reshape(rows, -1).astype(np.int64)
    flat = (known + size * np.arange(rows)[:, None]).ravel()
    return np.bincount(flat, minlength=rows * size).reshape(rows, size).astype(np.float32)


LONGEST_SIDE = 32
"""Pixels of each side that a linear model reads: more would cost minutes, and tell it nothing."""


def coarse(images: Array) -> Array:
    """Return images (rows, height, width, channels) with sides of at most `LONGEST_SIDE`.

    Larger ones become the means of square blocks; what is left over at the edges is cut off.
    """
    import numpy as np

    rows, height, width, channels = images.shape
    block = -(-max(height, width) // LONGEST_SIDE)
    tall, wide = max(1, height // block), max(1, width // block)
    if block == 1 or min(height, width) < block:
        return images
    found = np.empty((rows, tall, wide, channels), dtype=np.float32)
    for row, image in enumerate(images):  # one by one: all at once would take many times the memory
        cut = image[: tall * block, : wide * block]
        found[row] = cut.reshape(tall, block, wide, block, channels).mean(axis=(1, 3))
    return found


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Linear]
