"""Simple answers where a class a pixel is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

import mlrecipe

if TYPE_CHECKING:
    from mlrecipe.interfaces import Array, Inputs, Samples

SEGMENTATION = frozenset({"segmentation"})


class MajorityMask(mlrecipe.Baseline, name="majority_mask", suits=SEGMENTATION):
    """Takes every pixel for the class that most pixels of the training masks are of."""

    def predict(self, training: Samples, rows: Inputs) -> Array:
        import numpy as np

        shares = np.average(training.y.mean(axis=(1, 2)), axis=0, weights=training.weights)
        answer = np.eye(len(shares))[shares.argmax()] if len(shares) > 1 else shares >= 0.5
        shape = (len(rows.frame), *training.y.shape[1:])
        return np.broadcast_to(answer.astype(np.float32), shape).copy()


class UsualMask(mlrecipe.Baseline, name="usual_mask", suits=SEGMENTATION):
    """Answers each pixel with the shares of the classes at its place in the training masks."""

    def predict(self, training: Samples, rows: Inputs) -> Array:
        import numpy as np

        shares = np.average(training.y, axis=0, weights=training.weights).astype(np.float32)
        return np.broadcast_to(shares, (len(rows.frame), *shares.shape)).copy()


class PixelColours(mlrecipe.Baseline, name="pixel_colours", trivial=False, suits=SEGMENTATION):
    """Tells a pixel's class by its colour alone, whatever is around it: a threshold of colours.

    Logistic regression (scikit-learn) on the channels, their squares and products.
    """

    pixels: int = Field(20_000, ge=100, description="Most pixels of training images to learn from.")

    def predict(self, training: Samples, rows: Inputs) -> Array:
        import numpy as np
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import PolynomialFeatures, StandardScaler

        from mlrecipe.components.baseline.blobs import images_of

        shape = training.y.shape[1:]
        colours = _colours(images_of(training.x), shape)
        chosen = np.random.default_rng(0).permutation(len(colours))[: self.pixels]
        y = training.y.reshape(-1, shape[2])[chosen]
        label = y[:, 0].astype(int) if shape[2] == 1 else y.argmax(axis=1)
        outputs = np.zeros((len(rows.frame) * shape[0] * shape[1], max(2, shape[2])), np.float32)
        if len(set(label)) == 1:
            outputs[:, label[0]] = 1
        else:
            model = make_pipeline(
                PolynomialFeatures(2), StandardScaler(), LogisticRegression(max_iter=500)
            ).fit(colours[chosen], label)
            outputs[:, model[-1].classes_] = model.predict_proba(_colours(images_of(rows.x), shape))
        found = outputs[:, 1:] if shape[2] == 1 else outputs
        return found.reshape(-1, *shape)


def _colours(images: Array, shape: tuple[int, ...]) -> Array:
    """Return the colour of every cell of the masks (rows · height · width, channels), 0 … 1."""
    import numpy as np

    rows, columns = (
        ((np.arange(new) + 0.5) * old / new).astype(int)
        for new, old in zip(shape[:2], images.shape[1:3], strict=True)
    )
    cells = images[:, rows[:, None], columns]
    return cells.reshape(-1, images.shape[3]).astype(np.float32) / 255


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [MajorityMask, UsualMask, PixelColours]
