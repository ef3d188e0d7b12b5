"""A linear model of scikit-learn: the simplest answer that looks at the inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

import mlrecipe

if TYPE_CHECKING:
    from mlrecipe.interfaces import Array, Inputs, Samples, Tensors


KINDS = frozenset({"classification", "regression", "multilabel"})


class Linear(mlrecipe.Baseline, name="linear", trivial=False, suits=KINDS):
    """Logistic or ridge regression (scikit-learn) on the prepared inputs; of tags, one a tag."""

    strength: float = Field(
        1.0, gt=0, description="Strength of the L2 penalty (alpha of Ridge, 1/C of logistic)."
    )
    iterations: int = Field(2000, ge=1, description="Most iterations of the solver.")

    def predict(self, training: Samples, rows: Inputs) -> Array:
        import numpy as np
        from sklearn.linear_model import Ridge

        y, weights = training.y, training.weights
        several = y.shape[1] > 1 and bool((y.sum(axis=1) != 1).any())
        x, others = matrices(training.x, rows.x, COARSE_SIDE if several else LONGEST_SIDE)
        if x.shape[1] > FEW_FEATURES and mostly_empty(x):  # counts of words: many times faster
            from scipy.sparse import csr_matrix

            x, others = csr_matrix(x), csr_matrix(others)
        if not bool(np.isin(y, (0.0, 1.0)).all()):
            ridge = Ridge(alpha=self.strength).fit(x, y, weights)
            return ridge.predict(others).reshape(others.shape[0], -1).astype(np.float32)
        if y.shape[1] > 1 and not several:  # one of several classes, not tags
            found = np.zeros((others.shape[0], y.shape[1]), dtype=np.float32)
            classes, probabilities = self._logistic(x, y.argmax(axis=1), weights, others)
            found[:, classes] = probabilities
            return found
        found = np.empty((others.shape[0], y.shape[1]), dtype=np.float32)
        for label in range(y.shape[1]):
            classes, probabilities = self._logistic(x, y[:, label] > 0.5, weights, others)
            found[:, label] = probabilities[:, 1] if len(classes) == 2 else classes[0]
        return found

    def _logistic(
        self, x: Array, index: Array, weights: Array, others: Array
    ) -> tuple[Array, Array]:
        """Return the classes that the rows have, and a probability (rows, classes) of each."""
        import numpy as np
        from sklearn.linear_model import LogisticRegression

        classes = np.unique(index)
        if len(classes) == 1:
            return classes, np.ones((others.shape[0], 1))
        few = x.shape[1] <= FEW_FEATURES and len(classes) == 2
        model = LogisticRegression(
            C=1 / self.strength,
            max_iter=self.iterations,
            solver="newton-cholesky" if few else "lbfgs",
        )
        return classes, model.fit(x, index, weights).predict_proba(others)


LONGEST_SIDE = 32
"""Pixels of each side that a linear model reads: more would cost minutes, and tell it nothing."""

COARSE_SIDE = 10
"""The same for a model a tag, where every tag costs as much again; on photos no worse."""

FEW_FEATURES = 500
"""Up to here Newton's method beats L-BFGS on pixels, which are all alike, by an order of time."""


def matrices(training: Tensors, rows: Tensors, side: int = LONGEST_SIDE) -> tuple[Array, Array]:
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
                part = coarse(part, side) if part.ndim == 4 else part
                parts.append(part.reshape(len(part), -1).astype(np.float32) / scale)
    return np.concatenate(found[0], axis=1), np.concatenate(found[1], axis=1)


def mostly_empty(x: Array) -> bool:
    """Return whether at most a tenth of the features are not 0, by a thousand rows."""
    import numpy as np

    some = x[:: max(1, len(x) // 1000)]
    return bool(np.count_nonzero(some) <= 0.1 * some.size)


def occurrences(numbers: Array, size: int) -> Array:
    """Return how often each number 0 … size - 1 occurs in a row, float32 (rows, size).

    A larger one counts as the last.
    """
    import numpy as np

    rows = len(numbers)
    known = np.minimum(numbers, size - 1).reshape(rows, -1).astype(np.int64)
    flat = (known + size * np.arange(rows)[:, None]).ravel()
    return np.bincount(flat, minlength=rows * size).reshape(rows, size).astype(np.float32)


def coarse(images: Array, side: int = LONGEST_SIDE) -> Array:
    """Return images (rows, height, width, channels) with sides of at most so many pixels.

    Larger ones become the means of square blocks; what is left over at the edges is cut off.
    """
    import numpy as np

    rows, height, width, channels = images.shape
    block = -(-max(height, width) // side)
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
